import Core

/// The codes with which sessions are handed over to other hosts (decision 21): as digests, bound to host and browser, gone
/// with their session.
struct HandoffCodes: Sendable {
    /// Codes of one session that wait; beyond that the oldest go.
    static let mostOfSession = 16

    /// What a code is for.
    struct Code: Sendable {
        let session: RowID
        let host: String
        /// The digest of what only the browser that began can open.
        let state: [UInt8]
        /// What the token is worth that the code was made for.
        let factors: [ProvedFactor]
        let expiresAt: WallTime
    }

    static let steps: [StaticString] = [
        """
        CREATE TABLE handoff (
            code BLOB NOT NULL PRIMARY KEY, session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            host TEXT NOT NULL, state BLOB NOT NULL, factors TEXT NOT NULL, expires_at BIGINT NOT NULL,
            mac BLOB NOT NULL)
        """,
        "CREATE INDEX handoff_session ON handoff (session, expires_at)",
    ]

    let keys: TenantKeys
    let tenant: TenantID

    /// The code; nil where there is none.
    func find(_ code: TokenDigest, _ transaction: inout StoreTransaction) throws -> Code? {
        let row = try transaction.first(
            "SELECT code, session, host, state, factors, expires_at, mac FROM handoff WHERE code = ?",
            .blob(code.octets))
        return try row.map { try self.code($0) }
    }

    /// Writes a code, and forgets those of its session whose time is over.
    func insert(
        _ code: Code, as digest: TokenDigest, at now: WallTime, _ transaction: inout StoreTransaction
    ) throws {
        let row: [SQLValue] = [
            .blob(digest.octets), .blob(code.session.octets), .text(code.host), .blob(code.state),
            .text(StoredSession.text(code.factors)), .integer(code.expiresAt.milliseconds),
        ]
        try transaction.execute(
            "DELETE FROM handoff WHERE session = ? AND expires_at <= ?", row[1], .integer(now.milliseconds))
        try transaction.execute(
            "INSERT INTO handoff (code, session, host, state, factors, expires_at, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
            row[0], row[1], row[2], row[3], row[4], row[5], mac(row))
        try transaction.execute(
            """
            DELETE FROM handoff WHERE session = ? AND code NOT IN
            (SELECT code FROM handoff WHERE session = ? ORDER BY expires_at DESC, code LIMIT ?)
            """, row[1], row[1], .integer(Int64(Self.mostOfSession)))
    }

    /// Takes a code away; false where somebody has been faster.
    func delete(_ code: TokenDigest, _ transaction: inout StoreTransaction) throws -> Bool {
        try transaction.execute("DELETE FROM handoff WHERE code = ?", .blob(code.octets)) == 1
    }

    /// Forgets those of a session.
    func forget(_ session: RowID, _ transaction: inout StoreTransaction) throws {
        try transaction.execute("DELETE FROM handoff WHERE session = ?", .blob(session.octets))
    }

    /// Reads 1000 rows after this code, for an examination.
    /// - Returns: the last one; nil where there are no more.
    /// - Throws: `StoreFault.recordNotAuthentic` where one was changed.
    func examine(after last: [UInt8], _ transaction: inout StoreTransaction) throws -> [UInt8]? {
        let found = try transaction.query(
            """
            SELECT code, session, host, state, factors, expires_at, mac FROM handoff WHERE code > ?
            ORDER BY code LIMIT 1000
            """, .blob(last))
        for row in found { _ = try code(row) }
        return try found.last?.blob(0)
    }

    private func code(_ row: SQLRow) throws -> Code {
        guard row.values.last == mac(Array(row.values.prefix(6))), let session = RowID(octets: try row.blob(1)),
            let factors = StoredSession.factors(try row.text(4))
        else { throw StoreFault.recordNotAuthentic(table: "handoff", row: RowName.text(try row.blob(0))) }
        return Code(
            session: session, host: try row.text(2), state: try row.blob(3), factors: factors,
            expiresAt: WallTime(milliseconds: try row.integer(5)))
    }

    private func mac(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "handoff", columns: row))
    }
}
