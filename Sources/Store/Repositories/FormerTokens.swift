import Core

/// Tokens that sessions had before their last change of assurance, for the requests that were under way with them: each
/// is worth what it was until its end, half a minute later.
///
/// Rows are authenticated as sessions are, so that whoever can write the file makes no token and prolongs none.
struct FormerTokens: Sendable {
    /// What a token was worth.
    struct Former: Sendable {
        let session: RowID
        let factors: [ProvedFactor]
        let endsAt: WallTime
    }

    static let steps: [StaticString] = [
        """
        CREATE TABLE former_token (
            token BLOB NOT NULL PRIMARY KEY, session BLOB NOT NULL, factors TEXT NOT NULL, ends_at BIGINT NOT NULL,
            mac BLOB NOT NULL)
        """,
        "CREATE INDEX former_token_ends ON former_token (ends_at)",
        "CREATE INDEX former_token_session ON former_token (session)",
    ]

    let keys: TenantKeys
    let tenant: TenantID

    /// What a token was worth that is a session's no more; nil where it never was one, or was forgotten.
    func find(_ token: TokenDigest, _ transaction: inout StoreTransaction) throws -> Former? {
        let row = try transaction.first(
            "SELECT token, session, factors, ends_at, mac FROM former_token WHERE token = ?", .blob(token.octets))
        guard let row else { return nil }
        guard row.values.last == code(Array(row.values.prefix(4))), let session = RowID(octets: try row.blob(1)),
            let factors = StoredSession.factors(try row.text(2))
        else { throw StoreFault.recordNotAuthentic(table: "former_token", row: RowName.text(token.octets)) }
        return Former(session: session, factors: factors, endsAt: WallTime(milliseconds: try row.integer(3)))
    }

    /// Keeps what a token is worth now, for a while.
    /// - Parameter token: as the session's row has it.
    func keep(
        _ token: [UInt8], of session: RowID, factors: String, until end: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        let row: [SQLValue] = [
            .blob(token), .blob(session.octets), .text(factors), .integer(end.milliseconds),
        ]
        try transaction.execute(
            "INSERT INTO former_token (token, session, factors, ends_at, mac) VALUES (?, ?, ?, ?, ?)", row[0], row[1],
            row[2], row[3], code(row))
    }

    /// Forgets those of a session.
    func forget(_ session: RowID, _ transaction: inout StoreTransaction) throws {
        try transaction.execute("DELETE FROM former_token WHERE session = ?", .blob(session.octets))
    }

    /// Forgets those whose end has come.
    func deleteExpired(at now: WallTime, _ transaction: inout StoreTransaction) throws {
        try transaction.execute(
            """
            DELETE FROM former_token WHERE token IN (SELECT token FROM former_token WHERE ends_at <= ? LIMIT 1000)
            """, .integer(now.milliseconds))
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "former_token", columns: row))
    }
}
