public import Core
import HostCrypto

/// How members come by factors.
extension FactorRepository {
    /// Adds an authenticator app whose code was right.
    ///
    /// It spends the enrolment code and ends the grace.  With a member's first factor every session of theirs ends but
    /// one: whoever had one without it is asked for it.
    /// - Parameters:
    ///   - user: as it was when the right to this was proved; another epoch since then refuses it.
    ///   - codes: take the place of all recovery codes that the member had; nil leaves those.  At most
    ///     `recoveryCodeCount`, each as `useRecoveryCode` is given it.
    ///   - session: goes on with a first factor; nil ends all.
    ///   - letters: written with the change, about the user.
    /// - Returns: the app's id.
    /// - Throws: `FactorConflict.tooMany`; `StoreConflict.notFound`, also where the epoch is another or the user not
    ///   active; `.erased`; `StoreFault`.
    public func add(
        _ app: NewAuthenticatorApp, to user: User, recoveryCodes codes: [String]?, keeping session: RowID?,
        audit entry: AuditEntry, letters: [Letter] = [], at now: WallTime
    ) async throws -> RowID {
        try await add(
            to: user, recoveryCodes: codes, keeping: session, audit: entry, letters: letters, at: now
        ) { id, change, transaction in
            guard change.set.apps.count < Self.longestApps else { throw FactorConflict.tooMany }
            try factors.insert(app, as: id, of: change.user.id, key: change.key, at: now, &transaction)
        }
    }

    /// Adds a passkey whose registration was verified; otherwise as above.
    /// - Returns: the passkey's id.
    /// - Throws: as above, and `FactorConflict.credentialTaken`.
    public func add(
        _ passkey: NewPasskey, to user: User, recoveryCodes codes: [String]?, keeping session: RowID?,
        audit entry: AuditEntry, letters: [Letter] = [], at now: WallTime
    ) async throws -> RowID {
        try await add(
            to: user, recoveryCodes: codes, keeping: session, audit: entry, letters: letters, at: now
        ) { id, change, transaction in
            guard change.set.passkeys.count < Self.longestPasskeys else { throw FactorConflict.tooMany }
            // Whoever registers has asked for the handle before; no passkey is without one all the same.
            if change.state.handle == nil { change.state.handle = newHandle(of: change.user.id, key: change.key) }
            try factors.insert(passkey, as: id, of: change.user.id, key: change.key, at: now, &transaction)
        }
    }

    private func add(
        to user: User, recoveryCodes codes: [String]?, keeping session: RowID?, audit entry: AuditEntry,
        letters: [Letter], at now: WallTime,
        _ insert: @escaping @Sendable (RowID, inout Change, inout StoreTransaction) throws -> Void
    ) async throws -> RowID {
        precondition(codes?.count ?? 0 <= Self.recoveryCodeCount)
        let id = RowID(at: now)
        let added = try await change(user.id, audit: entry, letters: letters.count, at: now) { change, transaction in
            guard change.user.epoch == user.epoch, change.user.state == .active else { throw StoreConflict.notFound }
            try insert(id, &change, &transaction)
            if let codes { try factors.replaceRecoveryCodes(codes, of: user.id, at: now, &transaction) }
            if change.set.count == 0 { try sessions.end(of: user.id, except: session, &transaction) }
            (change.state.enrolmentCode, change.state.enrolmentExpiresAt) = (nil, nil)
            change.state.graceBeganAt = FactorState.graceOver
            return (id, letters)
        }
        guard let added else { throw StoreConflict.notFound }
        return added
    }

    // MARK: The right to a first one

    /// Keeps a code that permits a first enrolment, in the place of the former one.
    /// - Parameters:
    ///   - code: as `isEnrolmentCode` is given it.
    ///   - letters: written with it, about the user.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func issueEnrolmentCode(
        _ code: String, to user: UserID, expiresAt: WallTime, audit entry: AuditEntry, letters: [Letter] = [],
        at now: WallTime
    ) async throws {
        _ = try await change(user, audit: entry, letters: letters.count, at: now) { change, _ in
            change.state.enrolmentCode = factors.index(enrolmentCode: code, of: user)
            change.state.enrolmentExpiresAt = expiresAt
            return (true, letters)
        }
    }

    /// Whether the code is the member's, and good now.  It is spent when a factor is added.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func isEnrolmentCode(_ code: String, of user: UserID, at now: WallTime) async throws -> Bool {
        let typed = factors.index(enrolmentCode: code, of: user)
        return try await note(user) { state in
            guard let kept = state.enrolmentCode, let end = state.enrolmentExpiresAt, now < end else { return false }
            return ConstantTime.isEqual(kept, typed)
        }
    }

    // MARK: Notes

    /// Begins the time in which the member may go on without a second factor, where it has not begun.
    /// - Returns: when it began, now or before; 1970 for whoever has ever had a factor.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func beginGrace(of user: UserID, at now: WallTime) async throws -> WallTime {
        try await note(user) { state in
            let began = state.graceBeganAt ?? now
            state.graceBeganAt = began
            return began
        }
    }

    /// Notes that the member has accepted the invitation now.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func noteInvitation(of user: UserID, at now: WallTime) async throws {
        try await note(user) { $0.invitedAt = now }
    }

    /// Notes that the member wants no passkey now.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func dismissPrompt(of user: UserID, at now: WallTime) async throws {
        try await note(user) { $0.promptDismissedAt = now }
    }
}
