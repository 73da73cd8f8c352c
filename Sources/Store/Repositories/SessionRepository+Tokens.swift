import Core

/// How sessions are found by the tokens that browsers hold.
extension SessionRepository {
    /// The session of a token with its user; nil where there is none, where its epoch is over, or where the user is
    /// not active.  Times are the caller's to judge.
    ///
    /// The token before the last change of assurance finds the session as it was before, until its own end; so does the
    /// token of one host, which opens that host alone.
    /// - Returns: `host` where the token is one host's.
    public func find(_ token: TokenDigest) async throws -> (session: StoredSession, user: User, host: String?)? {
        let found = try await database.transaction { transaction -> (Living, SQLRow)? in
            guard let found = try living(token, &transaction), let user = UserID(octets: try found.row.blob(2)),
                let userRow = try rows.find(user, &transaction)
            else { return nil }
            return (found, userRow)
        }
        guard let (found, userRow) = found else { return nil }
        let key = try await hierarchy.person(rows.id(userRow), of: rows.keys)
        let session = found.asKnown(try session(found.row, key: key))
        return (session, try rows.user(userRow, key: key), found.other?.host)
    }

    /// A session's row, as it was found by a token.
    struct Living: Sendable {
        let row: SQLRow
        /// What the token is worth, where it is not the session's own.
        var other: Other?

        struct Other: Sendable {
            let factors: [ProvedFactor]
            let endsAt: WallTime
            var host: String?
        }

        /// The session as the token's holder has it: what was proved then, and no longer than the token lives.
        func asKnown(_ session: StoredSession) -> StoredSession {
            other.map { session.asKnown(with: $0.factors, until: $0.endsAt) } ?? session
        }
    }

    /// The session of any of its tokens; nil where there is none, or where its epoch or its user is over.
    func living(_ token: TokenDigest, _ transaction: inout StoreTransaction) throws -> Living? {
        let own = try transaction.first(
            """
            SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
            WHERE token = ?
            """, .blob(token.octets))
        if let own { return try isAlive(authenticated(own), &transaction) ? Living(row: own) : nil }
        if let former = try former.find(token, &transaction) {
            return try living(
                former.session, Living.Other(factors: former.factors, endsAt: former.endsAt), &transaction)
        }
        guard let found = try tokens.find(token, &transaction) else { return nil }
        return try living(
            found.session, Living.Other(factors: found.factors, endsAt: found.endsAt, host: found.host), &transaction)
    }

    private func living(
        _ session: RowID, _ other: Living.Other, _ transaction: inout StoreTransaction
    ) throws -> Living? {
        guard let row = try find(session, &transaction), try isAlive(row, &transaction) else { return nil }
        return Living(row: row, other: other)
    }

    /// Whether the session's user is active, and its epoch the user's.
    func isAlive(_ row: SQLRow, _ transaction: inout StoreTransaction) throws -> Bool {
        guard let user = UserID(octets: try row.blob(2)), let userRow = try rows.find(user, &transaction) else {
            return false
        }
        let standing = try rows.standing(userRow)
        return try standing.state == .active && row.integer(7) == standing.epoch
    }

    /// Reads every token and code of a host, for an examination.
    /// - Throws: `StoreFault.recordNotAuthentic` where one was changed.
    func examineTokens() async throws {
        var last: [UInt8]? = []
        while let begin = last { last = try await database.transaction { try tokens.examine(after: begin, &$0) } }
        last = []
        while let begin = last { last = try await database.transaction { try codes.examine(after: begin, &$0) } }
    }
}
