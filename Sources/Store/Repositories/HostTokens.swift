import Core

/// The further tokens of sessions, one for each host that a session was handed over to (decision 21).
///
/// A token opens its host alone and is worth what the one was worth that it came from.  A newer one of the same host leaves
/// it half a minute, for the requests that are under way.  Rows are authenticated as sessions are, so that whoever can
/// write the file makes none and moves none to another host; they go with their session.
struct HostTokens: Sendable {
    /// Tokens of one session; beyond that the oldest go.
    static let mostOfSession = 64

    /// What a token is worth.
    struct Token: Sendable {
        let session: RowID
        let host: String
        let factors: [ProvedFactor]
        var endsAt: WallTime
    }

    static let steps: [StaticString] = [
        """
        CREATE TABLE session_token (
            token BLOB NOT NULL PRIMARY KEY, session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            host TEXT NOT NULL, factors TEXT NOT NULL, created_at BIGINT NOT NULL, ends_at BIGINT NOT NULL,
            mac BLOB NOT NULL)
        """,
        "CREATE INDEX session_token_session ON session_token (session, created_at)",
    ]

    let keys: TenantKeys
    let tenant: TenantID

    /// The token; nil where there is none.
    func find(_ token: TokenDigest, _ transaction: inout StoreTransaction) throws -> Token? {
        let row = try transaction.first(
            "SELECT token, session, host, factors, created_at, ends_at, mac FROM session_token WHERE token = ?",
            .blob(token.octets))
        return try row.map { try self.token($0) }
    }

    /// The newest token that a session has on a host; nil where it has none.
    func newest(
        of session: RowID, on host: String, _ transaction: inout StoreTransaction
    ) throws -> Token? {
        let row = try transaction.first(
            """
            SELECT token, session, host, factors, created_at, ends_at, mac FROM session_token
            WHERE session = ? AND host = ? ORDER BY created_at DESC, token LIMIT 1
            """, .blob(session.octets), .text(host))
        return try row.map { try self.token($0) }
    }

    /// Whether a token is the newest that a session has on a host.
    func isNewest(
        _ token: TokenDigest, of session: RowID, on host: String, _ transaction: inout StoreTransaction
    ) throws -> Bool {
        let row = try transaction.first(
            """
            SELECT token FROM session_token WHERE session = ? AND host = ? ORDER BY created_at DESC, token LIMIT 1
            """, .blob(session.octets), .text(host))
        return try row?.blob(0) == token.octets
    }

    /// Writes a token in place of those that its session had on its host.
    /// - Parameter grace: for so long they are worth what they were.
    func insert(
        _ token: Token, as digest: TokenDigest, grace: Milliseconds, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        let session = SQLValue.blob(token.session.octets)
        try transaction.execute(
            "DELETE FROM session_token WHERE session = ? AND ends_at <= ?", session, .integer(now.milliseconds))
        let older = try transaction.query(
            """
            SELECT token, session, host, factors, created_at, ends_at, mac FROM session_token
            WHERE session = ? AND host = ? LIMIT 1000
            """, session, .text(token.host))
        for row in older {
            let endsAt = min(try self.token(row).endsAt.milliseconds, now.milliseconds + Int64(clamping: grace.count))
            var values = Array(row.values.prefix(6))
            values[5] = .integer(endsAt)
            try transaction.execute(
                "UPDATE session_token SET ends_at = ?, mac = ? WHERE token = ?", values[5], code(values), values[0])
        }
        let row: [SQLValue] = [
            .blob(digest.octets), session, .text(token.host), .text(StoredSession.text(token.factors)),
            .integer(now.milliseconds), .integer(token.endsAt.milliseconds),
        ]
        try transaction.execute(
            """
            INSERT INTO session_token (token, session, host, factors, created_at, ends_at, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], row[5], code(row))
        try transaction.execute(
            """
            DELETE FROM session_token WHERE session = ? AND token NOT IN
            (SELECT token FROM session_token WHERE session = ? ORDER BY created_at DESC, token LIMIT ?)
            """, session, session, .integer(Int64(Self.mostOfSession)))
    }

    /// Forgets those of a session.
    func forget(_ session: RowID, _ transaction: inout StoreTransaction) throws {
        try transaction.execute("DELETE FROM session_token WHERE session = ?", .blob(session.octets))
    }

    /// Reads 1000 rows after this token, for an examination.
    /// - Returns: the last one; nil where there are no more.
    /// - Throws: `StoreFault.recordNotAuthentic` where one was changed.
    func examine(after last: [UInt8], _ transaction: inout StoreTransaction) throws -> [UInt8]? {
        let found = try transaction.query(
            """
            SELECT token, session, host, factors, created_at, ends_at, mac FROM session_token WHERE token > ?
            ORDER BY token LIMIT 1000
            """, .blob(last))
        for row in found { _ = try token(row) }
        return try found.last?.blob(0)
    }

    private func token(_ row: SQLRow) throws -> Token {
        guard row.values.last == code(Array(row.values.prefix(6))), let session = RowID(octets: try row.blob(1)),
            let factors = StoredSession.factors(try row.text(3))
        else { throw StoreFault.recordNotAuthentic(table: "session_token", row: RowName.text(try row.blob(0))) }
        return Token(
            session: session, host: try row.text(2), factors: factors,
            endsAt: WallTime(milliseconds: try row.integer(5)))
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "session_token", columns: row))
    }
}
