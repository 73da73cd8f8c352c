import Core
import HostCrypto

/// Users as rows: sealed under each one's own key, authenticated under the tenant's.
struct UserRows: Sendable {
    let tenant: TenantID
    let keys: TenantKeys

    func insert(_ user: User, email: NormalizedEmail, key: SealingKey, _ transaction: inout StoreTransaction) throws {
        let row = columns(user, emailIndex: index(email), key: key)
        let changed = try transaction.execute(
            """
            INSERT INTO member (id, state, created_at, changed_at, epoch, roles, email_index, email_rule, sealed,
            password, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_index) DO NOTHING
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], code(row))
        guard changed == 1 else { throw StoreConflict.emailTaken }
        try noteWork(of: user, &transaction)
    }

    func update(_ user: User, email: NormalizedEmail, key: SealingKey, _ transaction: inout StoreTransaction) throws {
        let emailIndex = index(email)
        let other = try transaction.first(
            "SELECT 1 FROM member WHERE email_index = ? AND id <> ?", .blob(emailIndex), .blob(user.id.octets))
        guard other == nil else { throw StoreConflict.emailTaken }
        let row = columns(user, emailIndex: emailIndex, key: key)
        try transaction.execute(
            """
            UPDATE member SET state = ?, changed_at = ?, epoch = ?, roles = ?, email_index = ?, email_rule = ?,
            sealed = ?, password = ?, mac = ? WHERE id = ?
            """, row[1], row[3], row[4], row[5], row[6], row[7], row[8], row[9], code(row), row[0])
        try noteWork(of: user, &transaction)
    }

    /// What the dearest hash of the tenant's members costs, of those that are dearer than ours; nil where none is.
    func dearestWork(_ transaction: inout StoreTransaction) throws -> HashWork? {
        try transaction.first("SELECT microseconds FROM dear_hash ORDER BY microseconds DESC LIMIT 1")
            .map { HashWork(microseconds: Int(clamping: try $0.integer(0))) }
    }

    private func noteWork(of user: User, _ transaction: inout StoreTransaction) throws {
        guard let hash = user.passwordHash, DearHashIndex.isDear(hash) else {
            try transaction.execute("DELETE FROM dear_hash WHERE member = ?", .blob(user.id.octets))
            return
        }
        try transaction.execute(
            """
            INSERT INTO dear_hash (member, microseconds) VALUES (?, ?)
            ON CONFLICT (member) DO UPDATE SET microseconds = excluded.microseconds
            """, .blob(user.id.octets), .integer(Int64(hash.work.microseconds)))
    }

    /// The authenticated row of a user; nil where there is none.
    func find(_ id: UserID, _ transaction: inout StoreTransaction) throws -> SQLRow? {
        try transaction.first(
            """
            SELECT id, state, created_at, changed_at, epoch, roles, email_index, email_rule, sealed, password, mac
            FROM member WHERE id = ?
            """, .blob(id.octets)
        ).map { try authenticated($0) }
    }

    /// The id of the user with the address; nil where there is none.
    func find(_ email: NormalizedEmail, _ transaction: inout StoreTransaction) throws -> UserID? {
        try transaction.first("SELECT id FROM member WHERE email_index = ?", .blob(index(email)))
            .flatMap { UserID(octets: try $0.blob(0)) }
    }

    func page(after id: UserID?, limit: Int, _ transaction: inout StoreTransaction) throws -> [SQLRow] {
        try transaction.query(
            """
            SELECT id, state, created_at, changed_at, epoch, roles, email_index, email_rule, sealed, password, mac
            FROM member WHERE id > ? ORDER BY id LIMIT ?
            """, .blob(id?.octets ?? []), .integer(Int64(limit))
        ).map { try authenticated($0) }
    }

    /// Active users with a role of their own, found by the clear column and authenticated.
    func active(with role: RoleName, limit: Int, _ transaction: inout StoreTransaction) throws -> [SQLRow] {
        // `_` would stand for any character, and is one of a role's.
        let pattern = String(role.text.flatMap { $0 == "_" ? ["!", $0] : [$0] })
        return try transaction.query(
            """
            SELECT id, state, created_at, changed_at, epoch, roles, email_index, email_rule, sealed, password, mac
            FROM member WHERE state = 1 AND ',' || roles || ',' LIKE ? ESCAPE '!' ORDER BY id LIMIT ?
            """, .text("%,\(pattern),%"), .integer(Int64(limit))
        ).map { try authenticated($0) }
    }

    /// State and epoch of a user, authenticated without the person's key.
    func standing(_ row: SQLRow) throws -> (state: User.State, epoch: Int64) {
        guard let state = User.State(rawValue: try row.integer(1)) else { throw try fault(row) }
        return (state, try row.integer(4))
    }

    func id(_ row: SQLRow) throws -> UserID {
        guard let id = UserID(octets: try row.blob(0)) else { throw try fault(row) }
        return id
    }

    /// Opens an authenticated row.
    func user(_ row: SQLRow, key: SealingKey) throws -> User {
        var user = User(id: try id(row), state: try standing(row).state, email: "", name: "")
        user.createdAt = WallTime(milliseconds: try row.integer(2))
        user.changedAt = WallTime(milliseconds: try row.integer(3))
        user.epoch = try row.integer(4)
        user.roles = try row.text(5).split(separator: ",").map { text in
            guard let role = RoleName(String(text)) else { throw try fault(row) }
            return role
        }
        let bound = Array(row.values.prefix(8))
        do {
            try user.readSealedPart(key.open(row.blob(8), for: binding("member", user.id, bound)))
            if let password = try row.optionalBlob(9) {
                try user.readPasswordPart(key.open(password, for: binding("member.password", user.id, bound)))
            }
        } catch is FieldDecoder.Malformed {
            throw try fault(row)
        }
        return user
    }

    private func authenticated(_ row: SQLRow) throws -> SQLRow {
        guard row.values.last == code(Array(row.values.prefix(10))) else { throw try fault(row) }
        return row
    }

    private func fault(_ row: SQLRow) throws -> StoreFault {
        .recordNotAuthentic(table: "member", row: RowName.text(try row.blob(0)))
    }

    /// All columns but the code, in the order of the table.
    private func columns(_ user: User, emailIndex: [UInt8], key: SealingKey) -> [SQLValue] {
        let bound: [SQLValue] = [
            .blob(user.id.octets), .integer(user.state.rawValue), .integer(user.createdAt.milliseconds),
            .integer(user.changedAt.milliseconds), .integer(user.epoch),
            .text(user.roles.map(\.text).joined(separator: ",")), .blob(emailIndex), .integer(NormalizedEmail.rule),
        ]
        let password = user.passwordPart.map { key.seal($0, for: binding("member.password", user.id, bound)) }
        return bound + [
            .blob(key.seal(user.sealedPart, for: binding("member", user.id, bound))), .optional(password),
        ]
    }

    private func binding(_ table: String, _ id: UserID, _ bound: [SQLValue]) -> RecordBinding {
        RecordBinding(tenant: tenant.text, table: table, row: id.octets, columns: bound)
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "member", columns: row))
    }

    private func index(_ email: NormalizedEmail) -> [UInt8] {
        keys.index.index("email \(NormalizedEmail.rule)", email.text)
    }
}
