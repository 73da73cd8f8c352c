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

    let database: any SQLDatabase
    let rows: UserRows
    let hierarchy: KeyHierarchy
    let audit: AuditLog
    let former: FormerTokens
    /// The further tokens of sessions, for other hosts.
    let tokens: HostTokens
    let codes: HandoffCodes
    /// By which connections sessions came.
    let origins: OriginRows
    let outbox: OutboxRepository
    private let devices: DeviceRepository

    init(
        _ database: any SQLDatabase, rows: UserRows, hierarchy: KeyHierarchy, audit: AuditLog,
        outbox: OutboxRepository
    ) {
        self.database = database
        self.rows = rows
        self.hierarchy = hierarchy
        self.audit = audit
        former = FormerTokens(keys: rows.keys, tenant: rows.tenant)
        tokens = HostTokens(keys: rows.keys, tenant: rows.tenant)
        codes = HandoffCodes(keys: rows.keys, tenant: rows.tenant)
        origins = OriginRows(seals: ConnectionSeals(tenant: rows.tenant, keys: rows.keys))
        self.outbox = outbox
        devices = DeviceRepository(database, tenant: rows.tenant, keys: rows.keys, audit: audit)
    }

    /// Begins a session of an active user.
    /// - Parameters:
    ///   - device: remembered with the session; nil for one that is known, and for none.
    ///   - limit: sessions that the user may have afterwards; the oldest go. 0 and more than `mostOfUser` are that.
    ///   - client: cut after 512 bytes.
    ///   - isRemembered: the member asked to stay signed in.
    ///   - origin: by which connection it comes; written with it, and gone with it.
    ///   - language: of the page that the user signs in on; empty where it is not known.
    ///   - alert: written with the session, unless the user signs in for the first time.  Without one the user's own
    ///     device is meant, whose language is remembered.
    /// - Returns: the session, and the older ones that gave way to it, the newest 1000 of them.
    /// - Throws: `StoreConflict.notFound`, also where the device's epoch is over; `.userNotActive`, `.erased`;
    ///   `StoreFault`.
    public func create(
        user: UserID, token: TokenDigest, device: SignInDevice? = nil, factors: [ProvedFactor], expiresAt: WallTime,
        client: String = "", isRemembered: Bool = false, limit: Int = 0, origin: SessionOrigin? = nil,
        audit entry: AuditEntry, at now: WallTime, language: String = "", alert: Letter? = nil
    ) async throws -> (session: StoredSession, displaced: [RowID]) {
        let limit = limit > 0 ? min(limit, Self.mostOfUser) : Self.mostOfUser
        return try await outbox.posting(alert.map { [$0] } ?? [], at: now) { transaction in
            guard let row = try rows.find(user, &transaction) else { throw StoreConflict.notFound }
            let standing = try rows.standing(row)
            guard standing.state == .active else { throw StoreConflict.userNotActive }
            if let device {
                guard device.epoch == standing.epoch else { throw StoreConflict.notFound }
                try devices.remember(device, of: user, at: now, in: &transaction)
            }
            let session = StoredSession(
                id: RowID(at: now), user: user, createdAt: now, usedAt: now, expiresAt: expiresAt, factors: factors,
                epoch: standing.epoch, client: AuditEntry.Detail("client", String(client.prefix(512))).value,
                isRemembered: isRemembered)
            let key = try hierarchy.personWithin(user, of: rows.keys)
            try insert(session, token: token, key: key, &transaction)
            if let origin {
                try origins.insert(origin, of: session.id, member: user, key: key, &transaction)
            }
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
            let auditKey = entry.subject == user ? key : try audit.sealingKeyWithin(for: entry)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            let isFirst = try outbox.noteArrival(
                of: user, language: language, isOwnDevice: alert == nil, at: now, in: &transaction)
            if let alert, !isFirst { try outbox.post(alert, to: user, key: key, at: now, in: &transaction) }
            return (session, displaced)
        }
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
            try former.deleteExpired(at: now, &transaction)
            return try transaction.execute(
                """
                DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= ? LIMIT 1000)
                """, .integer(now.milliseconds))
        }
    }
}
