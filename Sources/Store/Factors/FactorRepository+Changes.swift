public import Core

/// How factors are renamed, replaced and taken away.
extension FactorRepository {
    /// Gives an app or a passkey another name.
    /// - Throws: `StoreConflict.notFound`, also where the member has none of this id; `.erased`; `StoreFault`.
    public func rename(
        _ id: RowID, of user: UserID, to name: String, audit entry: AuditEntry, at now: WallTime
    ) async throws {
        _ = try await change(user, audit: entry, letters: 0, at: now) { change, transaction in
            if let row = change.set.app(id) {
                try factors.update(app: row, name: name, key: change.key, &transaction)
            } else if let row = change.set.passkey(id) {
                try factors.update(passkey: row, name: name, key: change.key, &transaction)
            } else {
                throw StoreConflict.notFound
            }
            return (true, [])
        }
    }

    /// Takes an app or a passkey away, and ends every session of the member but one.  The recovery codes go with the
    /// last one.
    /// - Parameters:
    ///   - keepingLast: refuses to take the last one away.
    ///   - session: goes on; nil ends all.
    ///   - letters: written with the change, about the user.
    /// - Throws: `FactorConflict.lastRequired`; `StoreConflict.notFound`, also where the member has none of this id;
    ///   `.erased`; `StoreFault`.
    public func remove(
        _ id: RowID, of user: UserID, keepingLast: Bool, keeping session: RowID?, audit entry: AuditEntry,
        letters: [Letter] = [], at now: WallTime
    ) async throws {
        _ = try await change(user, audit: entry, letters: letters.count, at: now) { change, transaction in
            guard change.set.app(id) != nil || change.set.passkey(id) != nil else { throw StoreConflict.notFound }
            let isLast = change.set.count == 1
            guard !isLast || !keepingLast else { throw FactorConflict.lastRequired }
            if isLast {
                try FactorRows.removeFactors(of: user, &transaction)
            } else {
                try transaction.execute("DELETE FROM authenticator_app WHERE id = ?", .blob(id.octets))
                try transaction.execute("DELETE FROM passkey WHERE id = ?", .blob(id.octets))
            }
            try sessions.end(of: user, except: session, &transaction)
            return (true, letters)
        }
    }

    /// Writes recovery codes in the place of all that the member had.
    /// - Parameters:
    ///   - codes: at most `recoveryCodeCount`, each as `useRecoveryCode` is given it.
    ///   - letters: written with the change, about the user.
    /// - Throws: `StoreConflict.notFound`, also where the member has no second factor; `.erased`; `StoreFault`.
    public func replaceRecoveryCodes(
        _ codes: [String], of user: UserID, audit entry: AuditEntry, letters: [Letter] = [], at now: WallTime
    ) async throws {
        precondition(codes.count <= Self.recoveryCodeCount)
        _ = try await change(user, audit: entry, letters: letters.count, at: now) { change, transaction in
            guard change.set.count > 0 else { throw StoreConflict.notFound }
            try factors.replaceRecoveryCodes(codes, of: user, at: now, &transaction)
            return (true, letters)
        }
    }

    /// Takes everything away that a member could prove besides the password, ends every session and every link, and
    /// forgets the user's devices: for a member who has lost it all, or whose factors somebody else has.
    ///
    /// The user handle stays, so that a passkey made anew takes the place of the one before in its authenticator.
    /// - Parameters:
    ///   - code: permits the next enrolment until its end; nil leaves no such code.
    ///   - letters: written with the change, about the user.
    /// - Returns: how many apps and passkeys there were.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func reset(
        _ user: UserID, code: (text: String, expiresAt: WallTime)? = nil, audit entry: AuditEntry,
        letters: [Letter] = [], at now: WallTime
    ) async throws -> Int {
        let count = try await change(user, audit: entry, letters: letters.count, at: now) { change, transaction in
            try FactorRows.removeFactors(of: user, &transaction)
            change.user.epoch += 1
            try sessions.end(of: user, except: nil, &transaction)
            try transaction.execute("DELETE FROM device WHERE member = ?", .blob(user.octets))
            try links.removeAll(of: user, &transaction)
            change.state.enrolmentCode = code.map { factors.index(enrolmentCode: $0.text, of: user) }
            change.state.enrolmentExpiresAt = code?.expiresAt
            change.state.promptDismissedAt = nil
            return (change.set.count, letters)
        }
        return count ?? 0
    }
}
