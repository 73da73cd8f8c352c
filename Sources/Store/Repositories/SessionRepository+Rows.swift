import Core

/// Sessions as rows: what says who they are sealed under the person's key, all of it authenticated under the tenant's.
extension SessionRepository {
    /// What stands behind the client in the sealed part of a session that is to be remembered.
    private static let remembered = "remembered"

    func find(_ id: RowID, _ transaction: inout StoreTransaction) throws -> SQLRow? {
        try transaction.first(
            """
            SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
            WHERE id = ?
            """, .blob(id.octets)
        ).map { try authenticated($0) }
    }

    func insert(
        _ session: StoredSession, token: TokenDigest, key: SealingKey, _ transaction: inout StoreTransaction
    ) throws {
        var plain = FieldEncoder()
        plain.append(session.client)
        if session.isRemembered { plain.append(Self.remembered) }
        let row: [SQLValue] = [
            .blob(session.id.octets), .blob(token.octets), .blob(session.user.octets),
            .integer(session.createdAt.milliseconds), .integer(session.usedAt.milliseconds),
            .integer(session.expiresAt.milliseconds), .text(StoredSession.text(session.factors)),
            .integer(session.epoch),
            .blob(key.seal(plain.bytes, for: binding(session.id.octets, member: session.user.octets))),
        ]
        try transaction.execute(
            """
            INSERT INTO session (id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], code(row))
    }

    /// Ends the sessions of a user but one, with all their tokens and codes, in the transaction of the cause.
    func end(of user: UserID, except kept: RowID?, _ transaction: inout StoreTransaction) throws {
        let (user, kept) = (SQLValue.blob(user.octets), SQLValue.blob(kept?.octets ?? []))
        try transaction.execute(
            "DELETE FROM former_token WHERE session IN (SELECT id FROM session WHERE member = ? AND id <> ?)", user,
            kept)
        try transaction.execute("DELETE FROM session WHERE member = ? AND id <> ?", user, kept)
    }

    func authenticated(_ row: SQLRow) throws -> SQLRow {
        guard row.values.last == code(Array(row.values.prefix(9))) else {
            throw StoreFault.recordNotAuthentic(table: "session", row: RowName.text(try row.blob(0)))
        }
        return row
    }

    func session(_ row: SQLRow, key: SealingKey) throws -> StoredSession {
        let fault = StoreFault.recordNotAuthentic(table: "session", row: RowName.text(try row.blob(0)))
        guard let id = RowID(octets: try row.blob(0)), let user = UserID(octets: try row.blob(2)),
            let factors = StoredSession.factors(try row.text(6))
        else { throw fault }
        var decoder = FieldDecoder(try key.open(row.blob(8), for: binding(id.octets, member: user.octets)))
        guard let client = try? decoder.text(),
            let isRemembered = try? !decoder.isAtEnd && decoder.text() == Self.remembered
        else { throw fault }
        return StoredSession(
            id: id, user: user, createdAt: WallTime(milliseconds: try row.integer(3)),
            usedAt: WallTime(milliseconds: try row.integer(4)), expiresAt: WallTime(milliseconds: try row.integer(5)),
            factors: factors, epoch: try row.integer(7), client: client, isRemembered: isRemembered)
    }

    private func binding(_ id: [UInt8], member: [UInt8]) -> RecordBinding {
        RecordBinding(tenant: rows.tenant.text, table: "session", row: id, columns: [.blob(member)])
    }

    func code(_ row: [SQLValue]) -> SQLValue {
        .blob(rows.keys.rows.code(tenant: rows.tenant.text, table: "session", columns: row))
    }
}
