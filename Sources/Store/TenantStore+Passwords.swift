public import Core
public import HostCrypto

/// Passwords that their owners set: each in one transaction with what gave the right to it.
extension TenantStore {
    /// Sets the password that somebody chose by a link and uses the link up; ends every session and every other link,
    /// and forgets the user's devices.  Whoever was invited is active from then on.
    /// - Parameters:
    ///   - history: former hashes to keep, 0…24.
    ///   - letters: written with the change, about the user.
    /// - Throws: `StoreConflict.notFound` where the link is not this user's, for this purpose, now; `.erased`;
    ///   `StoreFault`.
    public func setPassword(
        _ hash: Argon2id.EncodedHash, of user: UserID, by link: TokenDigest, for purpose: LinkPurpose, history: Int,
        audit entry: AuditEntry, at now: WallTime, letters: [Letter] = []
    ) async throws {
        let links = links
        try await users.modify(
            user, endingSessions: true, audit: entry, at: now, letters: letters,
            alongside: { before, _, transaction in
                try links.spend(link, for: purpose, by: before, at: now, &transaction)
            },
            change: { user in
                user.setPassword(hash, history: history)
                user.state = .active
            })
    }

    /// Sets the password that a member chose who proved the former one; ends every other session and every link, and
    /// forgets the user's devices.  This session goes on under a new token.
    /// - Parameters:
    ///   - former: the hash that is replaced; it must still be the current one.
    ///   - kept: the session, and its new token; nil where none has begun.
    ///   - host: the one that the new token opens, where the one before did; nil for every host of the tenant.
    ///   - history: former hashes to keep, 0…24.
    ///   - letters: written with the change, about the user.
    /// - Returns: the user's new epoch.
    /// - Throws: `StoreConflict.notFound`, also where the session has ended or `former` is not the current hash;
    ///   `.userNotActive`, `.erased`; `StoreFault`.
    public func changePassword(
        _ hash: Argon2id.EncodedHash, of user: UserID, replacing former: PasswordHash,
        keeping kept: (session: RowID, token: TokenDigest)?, on host: String? = nil, history: Int,
        audit entry: AuditEntry, at now: WallTime, letters: [Letter] = []
    ) async throws -> Int64 {
        let sessions = sessions
        return try await users.modify(
            user, endingSessions: true, except: kept?.session, audit: entry, at: now, letters: letters,
            alongside: { before, after, transaction in
                guard let kept else { return }
                try sessions.renew(
                    kept.session, token: kept.token, on: host, from: before, to: after, at: now, &transaction)
            },
            change: { user in
                guard user.passwords.first == former.text else { throw StoreConflict.notFound }
                guard user.state == .active else { throw StoreConflict.userNotActive }
                user.setPassword(hash, history: history)
            }
        ).epoch
    }
}

extension SessionRepository {
    /// Brings a session over a change of its user's password: a new token, the new epoch, the password proved now.  It is
    /// the session's only one from then on: every other host asks the host of the sign-in anew.
    /// - Throws: `StoreConflict.notFound` where it has ended.
    func renew(
        _ id: RowID, token: TokenDigest, on host: String?, from before: User, to after: User, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        guard let row = try find(id, &transaction), try row.blob(2) == after.id.octets,
            try row.integer(7) == before.epoch, try row.integer(5) > now.milliseconds,
            let factors = StoredSession.factors(try row.text(6))
        else { throw StoreConflict.notFound }
        // Whoever holds the token before, by a proof of half a minute ago, keeps nothing of it.
        try former.forget(id, &transaction)
        try tokens.forget(id, &transaction)
        try codes.forget(id, &transaction)
        let proved = factors.filter { $0.factor != .password } + [ProvedFactor(.password, at: now)]
        var values = Array(row.values.prefix(9))
        // The digest of nothing that anybody has, where the token opens one host alone.
        values[1] = .blob(host == nil ? token.octets : SecureRandom.bytes(token.octets.count))
        values[4] = .integer(max(try row.integer(4), now.milliseconds))
        values[6] = .text(StoredSession.text(proved))
        values[7] = .integer(after.epoch)
        try transaction.execute(
            "UPDATE session SET token = ?, used_at = ?, factors = ?, epoch = ?, mac = ? WHERE id = ?", values[1],
            values[4], values[6], values[7], code(values), values[0])
        guard let host else { return }
        try tokens.insert(
            HostTokens.Token(
                session: id, host: host, factors: proved, endsAt: WallTime(milliseconds: try row.integer(5))),
            as: token, grace: Milliseconds(0), at: now, &transaction)
    }
}
