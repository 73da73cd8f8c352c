public import Core

/// A browser that the account did not know before its sign-in.
public struct SignInDevice: Hashable, Sendable {
    public let token: TokenDigest
    /// The user's at the proof: what has ended the sessions since has forgotten the devices too, and this one is refused.
    public let epoch: Int64
    public let expiresAt: WallTime

    public init(token: TokenDigest, epoch: Int64, expiresAt: WallTime) {
        self.token = token
        self.epoch = epoch
        self.expiresAt = expiresAt
    }
}

/// Browsers that a user of one tenant has signed in with before; their tokens as digests only.
public struct DeviceRepository: Sendable {
    /// Devices of one user; beyond that the oldest are forgotten.
    public static let longestList = 20

    private let database: any SQLDatabase
    private let tenant: TenantID
    private let keys: TenantKeys
    private let audit: AuditLog

    init(_ database: any SQLDatabase, tenant: TenantID, keys: TenantKeys, audit: AuditLog) {
        self.database = database
        self.tenant = tenant
        self.keys = keys
        self.audit = audit
    }

    /// Remembers a device that has just signed in.
    /// - Parameter epoch: the user's at the sign-in, where one that is over is to be refused: what ended the sessions
    ///   has forgotten the devices too.
    /// - Throws: `StoreConflict.notFound`, also where the epoch is another; `StoreFault`.
    public func remember(
        _ token: TokenDigest, of user: UserID, epoch: Int64? = nil, expiresAt: WallTime, at now: WallTime
    ) async throws {
        let row: [SQLValue] = [
            .blob(token.octets), .blob(user.octets), .integer(now.milliseconds), .integer(expiresAt.milliseconds),
        ]
        try await database.transaction { transaction in
            guard let member = try transaction.first("SELECT epoch FROM member WHERE id = ?", row[1]),
                try epoch == nil || member.integer(0) == epoch
            else { throw StoreConflict.notFound }
            try insert(row, &transaction)
        }
    }

    /// Remembers a device in the transaction that begins its session, which has judged the user and the epoch.
    func remember(
        _ device: SignInDevice, of user: UserID, at now: WallTime, in transaction: inout StoreTransaction
    ) throws {
        let row: [SQLValue] = [
            .blob(device.token.octets), .blob(user.octets), .integer(now.milliseconds),
            .integer(device.expiresAt.milliseconds),
        ]
        try insert(row, &transaction)
    }

    private func insert(_ row: [SQLValue], _ transaction: inout StoreTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO device (token, member, created_at, expires_at, mac) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, row[0], row[1], row[2], row[3], code(row))
        try transaction.execute(
            """
            DELETE FROM device WHERE member = ? AND token NOT IN
            (SELECT token FROM device WHERE member = ? ORDER BY created_at DESC LIMIT 20)
            """, row[1], row[1])
    }

    /// Whether the device is known to this user and its time is not over.
    public func isKnown(_ token: TokenDigest, to user: UserID, at now: WallTime) async throws -> Bool {
        try await knownSince(token, to: user, at: now) != nil
    }

    /// Since when the device is known to this user; nil where it is not, or its time is over.
    public func knownSince(_ token: TokenDigest, to user: UserID, at now: WallTime) async throws -> WallTime? {
        try await database.reading { transaction in
            let row = try transaction.first(
                "SELECT token, member, created_at, expires_at, mac FROM device WHERE token = ?", .blob(token.octets))
            guard let row else { return nil }
            guard row.values.last == code(Array(row.values.prefix(4))) else {
                throw StoreFault.recordNotAuthentic(table: "device", row: RowName.text(token.octets))
            }
            guard try row.blob(1) == user.octets, try row.integer(3) > now.milliseconds else { return nil }
            return WallTime(milliseconds: try row.integer(2))
        }
    }

    /// How many devices are known to this user, 20 at most.
    public func count(of user: UserID, at now: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            let row = try transaction.first(
                "SELECT count(*) FROM device WHERE member = ? AND expires_at > ?", .blob(user.octets),
                .integer(now.milliseconds))
            return try row.map { Int(try $0.integer(0)) } ?? 0
        }
    }

    /// Forgets the user's devices; how many.
    @discardableResult
    public func forgetAll(of user: UserID, audit entry: AuditEntry, at now: WallTime) async throws -> Int {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let count = try transaction.execute("DELETE FROM device WHERE member = ?", .blob(user.octets))
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return count
        }
    }

    /// Deletes what has ended by `now`, 1000 rows at most; how many.
    public func deleteExpired(at now: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM device WHERE token IN (SELECT token FROM device WHERE expires_at <= ? LIMIT 1000)",
                .integer(now.milliseconds))
        }
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: "device", columns: row))
    }
}
