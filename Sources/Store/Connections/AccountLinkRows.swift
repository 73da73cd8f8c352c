import Core

/// Links of accounts as rows: found by a keyed hash of the subject, what says who it is sealed under the member's key.
///
/// A subject has one account, and an account one subject of each connection.
struct AccountLinkRows: Sendable {
    let seals: ConnectionSeals

    /// - Throws: `StoreConflict.linkTaken`.
    func insert(
        _ link: AccountLink, entityID: String, key: SealingKey, _ transaction: inout StoreTransaction
    ) throws {
        let bound: [SQLValue] = [
            .blob(seals.subject(link.connection, entityID: entityID, subject: link.subject)),
            .text(link.connection.text), .blob(link.user.octets), .integer(link.createdAt.milliseconds),
        ]
        var plain = FieldEncoder()
        plain.append(link.subject)
        plain.append(link.format)
        let row =
            bound + [
                .integer(link.usedAt.milliseconds),
                .blob(key.seal(plain.bytes, for: seals.binding(.link, link.user.octets, bound))),
            ]
        let inserted = try transaction.execute(
            """
            INSERT INTO account_link (subject, connection, member, created_at, used_at, sealed, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, row[0], row[1], row[2], row[3], row[4], row[5], seals.code(row, .link))
        guard inserted == 1 else { throw StoreConflict.linkTaken }
    }

    /// The authenticated row of a subject, by its hash.
    func find(_ subject: [UInt8], _ transaction: inout StoreTransaction) throws -> SQLRow? {
        try transaction.first(
            """
            SELECT subject, connection, member, created_at, used_at, sealed, mac FROM account_link WHERE subject = ?
            """, .blob(subject)
        ).map { try seals.authenticated($0, .link) }
    }

    /// The authenticated rows of a user, in the order of the connections' names.
    func all(of user: UserID, _ transaction: inout StoreTransaction) throws -> [SQLRow] {
        try transaction.query(
            """
            SELECT subject, connection, member, created_at, used_at, sealed, mac FROM account_link
            WHERE member = ? ORDER BY connection LIMIT 1000
            """, .blob(user.octets)
        ).map { try seals.authenticated($0, .link) }
    }

    /// Notes a use; one never goes back in time.
    func touch(_ row: SQLRow, at now: WallTime, _ transaction: inout StoreTransaction) throws {
        guard try row.integer(4) < now.milliseconds else { return }
        var values = Array(row.values.dropLast())
        values[4] = .integer(now.milliseconds)
        try transaction.execute(
            "UPDATE account_link SET used_at = ?, mac = ? WHERE subject = ?", values[4], seals.code(values, .link),
            values[0])
    }

    /// Removes the links of a user, of one connection or of all; how many.
    static func remove(
        of user: UserID, at connection: ConnectionName?, _ transaction: inout StoreTransaction
    ) throws -> Int {
        guard let connection else {
            return try transaction.execute("DELETE FROM account_link WHERE member = ?", .blob(user.octets))
        }
        return try transaction.execute(
            "DELETE FROM account_link WHERE member = ? AND connection = ?", .blob(user.octets),
            .text(connection.text))
    }

    /// Whose an authenticated row is.
    func owner(_ row: SQLRow) throws -> UserID {
        guard let user = UserID(octets: try row.blob(2)) else { throw seals.fault(row, .link) }
        return user
    }

    /// Opens an authenticated row.
    func link(_ row: SQLRow, key: SealingKey) throws -> AccountLink {
        let user = try owner(row)
        let place = seals.binding(.link, user.octets, Array(row.values.prefix(4)))
        var decoder = FieldDecoder(try key.open(row.blob(5), for: place))
        guard let connection = ConnectionName(try row.text(1)), let subject = try? decoder.text(),
            let format = try? decoder.text()
        else { throw seals.fault(row, .link) }
        return AccountLink(
            connection: connection, user: user, subject: subject, format: format,
            createdAt: WallTime(milliseconds: try row.integer(3)), usedAt: WallTime(milliseconds: try row.integer(4)))
    }

    /// Reads 1000 authenticated rows after this subject, for an examination.
    func page(after last: [UInt8], _ transaction: inout StoreTransaction) throws -> [SQLRow] {
        try transaction.query(
            """
            SELECT subject, connection, member, created_at, used_at, sealed, mac FROM account_link
            WHERE subject > ? ORDER BY subject LIMIT 1000
            """, .blob(last)
        ).map { try seals.authenticated($0, .link) }
    }
}
