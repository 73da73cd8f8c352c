public import Core

/// What members do with their own sessions.
extension SessionRepository {
    /// For so long the token before a change of assurance is worth what it was (security rule 9).
    public static let formerTokenLifetime = Milliseconds.seconds(30)

    /// The session of this id; nil where it has ended.  Times are the caller's to judge.
    /// - Parameter host: whose token is held; what it is worth is what counts as proved.
    public func find(_ id: RowID, on host: String? = nil) async throws -> StoredSession? {
        let found = try await database.transaction { transaction -> (SQLRow, HostTokens.Token?)? in
            guard let row = try find(id, &transaction) else { return nil }
            return (row, try host.flatMap { try tokens.newest(of: id, on: $0, &transaction) })
        }
        guard let (row, token) = found, (host == nil) == (token == nil), let user = UserID(octets: try row.blob(2))
        else { return nil }
        let session = try session(row, key: await hierarchy.person(user, of: rows.keys))
        return token.map { session.asKnown(with: $0.factors, until: $0.endsAt) } ?? session
    }

    /// Gives a session a new token, with a factor that its member has proved just now.  The old one is worth what it was
    /// for `formerTokenLifetime`.
    /// - Parameters:
    ///   - host: whose token is held; the new one takes its place, and those of other hosts are worth what they were.
    ///   - held: the token itself, where it is known: one of before adds nothing to what it is worth.
    ///   - epoch: the user's at the proof; another one since then has ended the session.
    ///   - further: proved with it.
    ///   - origin: what the provider calls the session from now on, where it was asked anew; nil leaves what there is.
    ///   - endsAt: the session and all its tokens end there at the latest; a later end than the session has changes
    ///     nothing.
    /// - Returns: the session as it is now.
    /// - Throws: `StoreConflict.notFound`; with an origin also `.erased`; `StoreFault`.
    public func renew(
        _ id: RowID, on host: String? = nil, holding held: TokenDigest? = nil, of user: UserID, epoch: Int64,
        proving first: ProvedFactor, and further: ProvedFactor? = nil, with token: TokenDigest,
        origin: SessionOrigin? = nil, endsAt: WallTime? = nil, audit entry: AuditEntry, at now: WallTime
    ) async throws -> StoredSession {
        let proved = [first] + (further.map { [$0] } ?? [])
        let auditKey = try await audit.sealingKey(for: entry)
        let originKey: SealingKey? = origin == nil ? nil : try await hierarchy.person(user, of: rows.keys)
        let row = try await database.transaction { transaction in
            guard var row = try find(id, &transaction), try row.blob(2) == user.octets, try row.integer(7) == epoch,
                let userRow = try rows.find(user, &transaction), let factors = StoredSession.factors(try row.text(6))
            else { throw StoreConflict.notFound }
            let standing = try rows.standing(userRow)
            guard standing.state == .active, standing.epoch == epoch else { throw StoreConflict.notFound }
            if let held, try !isPresent(held, of: row, on: host, &transaction) { throw StoreConflict.notFound }
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            if let origin, let originKey {
                try origins.replace(with: origin, of: id, member: user, key: originKey, &transaction)
            }
            if let endsAt { row = try shorten(row, to: endsAt, &transaction) }
            if let host {
                try renew(id, on: host, proving: proved, with: token, at: now, &transaction)
                return row
            }
            try former.deleteExpired(at: now, &transaction)
            try former.keep(
                try row.blob(1), of: id, factors: try row.text(6),
                until: WallTime(milliseconds: now.milliseconds + Int64(Self.formerTokenLifetime.count)), &transaction)
            var values = Array(row.values.prefix(9))
            values[1] = .blob(token.octets)
            values[4] = .integer(max(try row.integer(4), now.milliseconds))
            values[6] = .text(StoredSession.text(Self.factors(factors, renewedBy: proved)))
            try transaction.execute(
                "UPDATE session SET token = ?, used_at = ?, factors = ?, mac = ? WHERE id = ?", values[1], values[4],
                values[6], code(values), values[0])
            return SQLRow(values + [code(values)])
        }
        return try session(row, key: await hierarchy.person(user, of: rows.keys))
    }

    /// Has a session end earlier, and with it every token that it has: none opens a session that is over.
    private func shorten(_ row: SQLRow, to end: WallTime, _ transaction: inout StoreTransaction) throws -> SQLRow {
        guard try end.milliseconds < row.integer(5) else { return row }
        var values = Array(row.values.prefix(9))
        values[5] = .integer(end.milliseconds)
        try transaction.execute(
            "UPDATE session SET expires_at = ?, mac = ? WHERE id = ?", values[5], code(values), values[0])
        return SQLRow(values + [code(values)])
    }

    /// Whether a token is the one that a session has now, on the host where one is named.
    private func isPresent(
        _ token: TokenDigest, of session: SQLRow, on host: String?, _ transaction: inout StoreTransaction
    ) throws -> Bool {
        guard let host else { return try session.blob(1) == token.octets }
        guard let id = RowID(octets: try session.blob(0)) else { return false }
        return try tokens.isNewest(token, of: id, on: host, &transaction)
    }

    private func renew(
        _ id: RowID, on host: String, proving proved: [ProvedFactor], with digest: TokenDigest, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        guard let held = try tokens.newest(of: id, on: host, &transaction), now < held.endsAt else {
            throw StoreConflict.notFound
        }
        let factors = Self.factors(held.factors, renewedBy: proved)
        try tokens.insert(
            HostTokens.Token(session: id, host: host, factors: factors, endsAt: held.endsAt), as: digest,
            grace: Self.formerTokenLifetime, at: now, &transaction)
    }

    /// What has been proved, each once and as it was proved last.
    private static func factors(_ before: [ProvedFactor], renewedBy proved: [ProvedFactor]) -> [ProvedFactor] {
        before.filter { old in !proved.contains { $0.factor == old.factor } } + proved
    }

    /// Ends one session of a user.
    /// - Returns: false where the user has none of this id; then nothing was written.
    public func revoke(_ id: RowID, of user: UserID, audit entry: AuditEntry, at now: WallTime) async throws -> Bool {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let ended = try transaction.execute(
                "DELETE FROM session WHERE id = ? AND member = ?", .blob(id.octets), .blob(user.octets))
            if ended == 1 { try audit.append(entry, key: auditKey, at: now, in: &transaction) }
            return ended == 1
        }
    }

    /// Ends the sessions of a user but one; which.
    public func revokeOthers(
        of user: UserID, than kept: RowID, audit entry: AuditEntry, at now: WallTime
    ) async throws -> [RowID] {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let others = try transaction.query(
                "SELECT id FROM session WHERE member = ? AND id <> ? LIMIT 1000", .blob(user.octets),
                .blob(kept.octets)
            ).compactMap { RowID(octets: try $0.blob(0)) }
            guard !others.isEmpty else { return [] }
            try transaction.execute(
                "DELETE FROM session WHERE member = ? AND id <> ?", .blob(user.octets), .blob(kept.octets))
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return others
        }
    }
}
