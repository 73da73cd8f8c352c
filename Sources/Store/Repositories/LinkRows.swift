import Core

/// Links as rows: the token as its digest only, authenticated under the tenant's key.
///
/// A user has one of each purpose: nobody fills the file by asking for more.
struct LinkRows: Sendable {
    let tenant: TenantID
    let keys: TenantKeys

    static let steps: [StaticString] = [
        """
        CREATE TABLE link (
            token BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL REFERENCES member (id), purpose TEXT NOT NULL,
            epoch BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, mac BLOB NOT NULL,
            UNIQUE (member, purpose))
        """,
        "CREATE INDEX link_expires ON link (expires_at)",
    ]

    /// Writes a link in the place of the user's former one of that purpose.
    func replace(with link: StoredLink, token: TokenDigest, _ transaction: inout StoreTransaction) throws {
        let row: [SQLValue] = [
            .blob(token.octets), .blob(link.user.octets), .text(link.purpose.rawValue), .integer(link.epoch),
            .integer(link.createdAt.milliseconds), .integer(link.expiresAt.milliseconds),
        ]
        try transaction.execute("DELETE FROM link WHERE member = ? AND purpose = ?", row[1], row[2])
        try transaction.execute(
            """
            INSERT INTO link (token, member, purpose, epoch, created_at, expires_at, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], row[5], code(row))
    }

    /// The link of a token; nil where there is none of that purpose, or its time is over.
    func find(
        _ token: TokenDigest, for purpose: LinkPurpose, at now: WallTime, _ transaction: inout StoreTransaction
    ) throws -> StoredLink? {
        let row = try transaction.first(
            "SELECT token, member, purpose, epoch, created_at, expires_at, mac FROM link WHERE token = ?",
            .blob(token.octets))
        guard let row else { return nil }
        guard row.values.last == code(Array(row.values.prefix(6))), let user = UserID(octets: try row.blob(1)) else {
            throw StoreFault.recordNotAuthentic(table: "link", row: RowName.text(token.octets))
        }
        guard try row.text(2) == purpose.rawValue, try row.integer(5) > now.milliseconds else { return nil }
        return StoredLink(
            user: user, purpose: purpose, epoch: try row.integer(3),
            createdAt: WallTime(milliseconds: try row.integer(4)),
            expiresAt: WallTime(milliseconds: try row.integer(5)))
    }

    /// Ends every link of a user.
    func removeAll(of user: UserID, _ transaction: inout StoreTransaction) throws {
        try transaction.execute("DELETE FROM link WHERE member = ?", .blob(user.octets))
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "link", columns: row))
    }
}
