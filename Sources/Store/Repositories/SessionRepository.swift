public import Core

/// The sessions of one tenant.
///
/// Rows are authenticated: whoever can write the file can neither make a session nor prolong one or raise its
/// assurance.
public struct SessionRepository: Sendable {
    /// Sessions of one reading, at most.
    public static let longestPage = 1000
    /// Sessions of one user, at most, whatever limit is asked for: nobody fills the disk by signing in.
    public static let mostOfUser = 1000

    private let database: any SQLDatabase
    private let rows: UserRows
    private let hierarchy: KeyHierarchy
    private let audit: AuditLog

    init(_ database: any SQLDatabase, rows: UserRows, hierarchy: KeyHierarchy, audit: AuditLog) {
        self.database = database
        self.rows = rows
        self.hierarchy = hierarchy
        self.audit = audit
    }

    /// Begins a session of an active user.
    /// - Parameters:
    ///   - limit: sessions that the user may have afterwards; the oldest go. 0 and more than `mostOfUser` are that.
    ///   - client: cut after 512 bytes.
    /// - Returns: the session, and the older ones that gave way to it, the newest 1000 of them.
    /// - Throws: `StoreConflict.notFound`, `.userNotActive`, `.erased`; `StoreFault`.
    public func create(
        user: UserID, token: TokenDigest, factors: [ProvedFactor], expiresAt: WallTime, client: String = "",
        limit: Int = 0, audit entry: AuditEntry, at now: WallTime
    ) async throws -> (session: StoredSession, displaced: [RowID]) {
        let limit = limit > 0 ? min(limit, Self.mostOfUser) : Self.mostOfUser
        guard try await database.transaction({ try rows.find(user, &$0) }) != nil else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(user, of: rows.keys)
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            guard let row = try rows.find(user, &transaction) else { throw StoreConflict.notFound }
            let standing = try rows.standing(row)
            guard standing.state == .active else { throw StoreConflict.userNotActive }
            let session = StoredSession(
                id: RowID(at: now), user: user, createdAt: now, usedAt: now, expiresAt: expiresAt, factors: factors,
                epoch: standing.epoch, client: AuditEntry.Detail("client", String(client.prefix(512))).value)
            try insert(session, token: token, key: key, &transaction)
            let displaced = try transaction.query(
                """
                SELECT id FROM session WHERE member = ? ORDER BY created_at DESC, id DESC LIMIT 1000 OFFSET ?
                """, .blob(user.octets), .integer(Int64(limit))
            ).compactMap { RowID(octets: try $0.blob(0)) }
            if !displaced.isEmpty {
                try transaction.execute(
                    """
                    DELETE FROM session WHERE member = ? AND id NOT IN
                    (SELECT id FROM session WHERE member = ? ORDER BY created_at DESC, id DESC LIMIT ?)
                    """, .blob(user.octets), .blob(user.octets), .integer(Int64(limit)))
            }
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return (session, displaced)
        }
    }

    /// The session of a token with its user; nil where there is none, where its epoch is over, or where the user is
    /// not active.  Times are the caller's to judge.
    public func find(_ token: TokenDigest) async throws -> (session: StoredSession, user: User)? {
        let found = try await database.transaction { transaction -> (SQLRow, SQLRow)? in
            let row = try transaction.first(
                """
                SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
                WHERE token = ?
                """, .blob(token.octets))
            guard let row, let user = UserID(octets: try authenticated(row).blob(2)),
                let userRow = try rows.find(user, &transaction)
            else { return nil }
            let standing = try rows.standing(userRow)
            guard standing.state == .active, try row.integer(7) == standing.epoch else { return nil }
            return (row, userRow)
        }
        guard let (row, userRow) = found else { return nil }
        let key = try await hierarchy.person(rows.id(userRow), of: rows.keys)
        return (try session(row, key: key), try rows.user(userRow, key: key))
    }

    /// The sessions of a user, the newest first, 1000 at most.
    public func list(of user: UserID) async throws -> [StoredSession] {
        let key = try await hierarchy.person(user, of: rows.keys)
        return try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
                WHERE member = ? ORDER BY created_at DESC, id DESC LIMIT 1000
                """, .blob(user.octets)
            ).map { try session(authenticated($0), key: key) }
        }
    }

    /// Sessions after `id` in the order of their beginning, the oldest first.
    /// - Parameter limit: 1…1000; more is cut.
    public func list(after id: RowID? = nil, limit: Int = longestPage) async throws -> [StoredSession] {
        let limit = min(max(1, limit), Self.longestPage)
        let found = try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
                WHERE id > ? ORDER BY id LIMIT ?
                """, .blob(id?.octets ?? []), .integer(Int64(limit))
            ).map { try authenticated($0) }
        }
        let users = Set(try found.compactMap { UserID(octets: try $0.blob(2)) })
        let persons = try await hierarchy.persons(Array(users), of: rows.keys)
        return try found.compactMap { row in
            try UserID(octets: row.blob(2)).flatMap { persons[$0] }.map { try session(row, key: $0) }
        }
    }

    /// Notes last uses, many in one transaction.  A use never goes back in time, and unknown sessions are passed
    /// over.
    public func touch(_ uses: [(id: RowID, usedAt: WallTime)]) async throws {
        try await database.transaction { transaction in
            for use in uses {
                guard let row = try find(use.id, &transaction), try row.integer(4) < use.usedAt.milliseconds else {
                    continue
                }
                var values = Array(row.values.prefix(9))
                values[4] = .integer(use.usedAt.milliseconds)
                try transaction.execute(
                    "UPDATE session SET used_at = ?, mac = ? WHERE id = ?", values[4], code(values), values[0])
            }
        }
    }

    /// Gives the session a new token with another assurance; the old token is unknown from then on.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func replaceToken(
        of id: RowID, with token: TokenDigest, factors: [ProvedFactor], audit entry: AuditEntry, at now: WallTime
    ) async throws {
        let auditKey = try await audit.sealingKey(for: entry)
        try await database.transaction { transaction in
            guard let row = try find(id, &transaction) else { throw StoreConflict.notFound }
            var values = Array(row.values.prefix(9))
            values[1] = .blob(token.octets)
            values[4] = .integer(max(try row.integer(4), now.milliseconds))
            values[6] = .text(StoredSession.text(factors))
            try transaction.execute(
                "UPDATE session SET token = ?, used_at = ?, factors = ?, mac = ? WHERE id = ?", values[1], values[4],
                values[6], code(values), values[0])
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
        }
    }

    /// Ends one session.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func revoke(_ id: RowID, audit entry: AuditEntry, at now: WallTime) async throws {
        let auditKey = try await audit.sealingKey(for: entry)
        try await database.transaction { transaction in
            guard try transaction.execute("DELETE FROM session WHERE id = ?", .blob(id.octets)) == 1 else {
                throw StoreConflict.notFound
            }
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
        }
    }

    /// Ends the sessions of a user, or of everybody where `user` is nil; how many.
    public func revokeAll(
        of user: UserID?, except kept: RowID? = nil, audit entry: AuditEntry, at now: WallTime
    ) async throws -> Int {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let kept = SQLValue.blob(kept?.octets ?? [])
            let count: Int
            if let user {
                count = try transaction.execute(
                    "DELETE FROM session WHERE member = ? AND id <> ?", .blob(user.octets), kept)
            } else {
                count = try transaction.execute("DELETE FROM session WHERE id <> ?", kept)
            }
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return count
        }
    }

    /// Deletes what has ended by `now`, 1000 rows at most; how many.
    public func deleteExpired(at now: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            try transaction.execute(
                """
                DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= ? LIMIT 1000)
                """, .integer(now.milliseconds))
        }
    }

    // MARK: Rows

    private func find(_ id: RowID, _ transaction: inout StoreTransaction) throws -> SQLRow? {
        try transaction.first(
            """
            SELECT id, token, member, created_at, used_at, expires_at, factors, epoch, sealed, mac FROM session
            WHERE id = ?
            """, .blob(id.octets)
        ).map { try authenticated($0) }
    }

    private func insert(
        _ session: StoredSession, token: TokenDigest, key: SealingKey, _ transaction: inout StoreTransaction
    ) throws {
        var plain = FieldEncoder()
        plain.append(session.client)
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

    private func authenticated(_ row: SQLRow) throws -> SQLRow {
        guard row.values.last == code(Array(row.values.prefix(9))) else {
            throw StoreFault.recordNotAuthentic(table: "session", row: RowName.text(try row.blob(0)))
        }
        return row
    }

    private func session(_ row: SQLRow, key: SealingKey) throws -> StoredSession {
        let fault = StoreFault.recordNotAuthentic(table: "session", row: RowName.text(try row.blob(0)))
        guard let id = RowID(octets: try row.blob(0)), let user = UserID(octets: try row.blob(2)),
            let factors = StoredSession.factors(try row.text(6))
        else { throw fault }
        var decoder = FieldDecoder(try key.open(row.blob(8), for: binding(id.octets, member: user.octets)))
        guard let client = try? decoder.text() else { throw fault }
        return StoredSession(
            id: id, user: user, createdAt: WallTime(milliseconds: try row.integer(3)),
            usedAt: WallTime(milliseconds: try row.integer(4)), expiresAt: WallTime(milliseconds: try row.integer(5)),
            factors: factors, epoch: try row.integer(7), client: client)
    }

    private func binding(_ id: [UInt8], member: [UInt8]) -> RecordBinding {
        RecordBinding(tenant: rows.tenant.text, table: "session", row: id, columns: [.blob(member)])
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(rows.keys.rows.code(tenant: rows.tenant.text, table: "session", columns: row))
    }
}
