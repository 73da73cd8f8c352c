import Core
import HostCrypto
import Synchronization

/// All keys below the master key: tenants' and persons', each wrapped under the one above, in `keys.db`.
///
/// A key is durable before anything is sealed under it.  Destroying a person's key is final: it is overwritten
/// in the file, its name is kept so that it is never made again, and what was sealed under it opens no more,
/// wherever copies of that may be.
public final class KeyHierarchy: Sendable {
    /// Tenants whose keys are kept unwrapped, 4096 at most; beyond that all are forgotten and read again.
    static let cachedTenants = 4096
    /// The directory's own scope: no tenant can have an empty id.
    static let directoryScope = ""

    private let database: SQLiteDatabase
    private let master: MasterKey
    private let cache = Mutex<[String: TenantKeys]>([:])

    init(_ database: SQLiteDatabase, master: MasterKey) {
        self.database = database
        self.master = master
    }

    /// Finds the fingerprint that the data was sealed under; notes the master key's where there is none yet.
    /// - Throws: `StoreFault.masterKeyDiffers`.
    static func checkFingerprint(_ database: SQLiteDatabase, _ master: MasterKey) async throws {
        let found = master.fingerprint
        try await database.transaction { transaction in
            let isPrepared = try transaction.first(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'master_key'")
            guard isPrepared != nil else { return }
            if let row = try transaction.first("SELECT fingerprint FROM master_key") {
                let expected = try row.text(0)
                guard expected == found else { throw StoreFault.masterKeyDiffers(expected: expected, found: found) }
            } else {
                try transaction.execute("INSERT INTO master_key (fingerprint) VALUES (?)", .text(found))
            }
        }
    }

    // MARK: Tenants

    /// The keys of a scope, made if they are not there.
    func makeTenant(_ scope: String, at now: WallTime) async throws -> TenantKeys {
        try await makeKeys(of: [scope], at: now)
        return try await tenant(scope)
    }

    /// Makes the keys of many scopes, where they are not there, in one transaction.
    func makeKeys(of scopes: [String], at now: WallTime) async throws {
        guard !scopes.isEmpty else { return }
        let wrapper = master.wrapper
        try await database.transaction { transaction in
            for scope in scopes {
                for purpose in TenantKeys.Purpose.allCases {
                    let secret = SecureRandom.bytes(32)
                    let wrapped = wrapper.seal(secret, for: Self.tenantBinding(scope, purpose.rawValue, version: 1))
                    try transaction.execute(
                        """
                        INSERT INTO tenant_key (tenant, purpose, version, wrapped, created_at) VALUES (?, ?, 1, ?, ?)
                        ON CONFLICT DO NOTHING
                        """, .text(scope), .text(purpose.rawValue), .blob(wrapped), .integer(now.milliseconds))
                }
            }
        }
    }

    /// The keys of a scope.
    /// - Throws: `StoreFault.keyMissing` where there are none, `.recordNotAuthentic`.
    func tenant(_ scope: String) async throws -> TenantKeys {
        if let known = cache.withLock({ $0[scope] }) { return known }
        let wrapper = master.wrapper
        let keys = try await database.transaction { transaction in
            let rows = try transaction.query(
                "SELECT purpose, version, wrapped FROM tenant_key WHERE tenant = ? ORDER BY version", .text(scope))
            var found: [String: (version: Int64, secret: [UInt8])] = [:]
            for row in rows {
                let (purpose, version) = try (row.text(0), row.integer(1))
                let binding = Self.tenantBinding(scope, purpose, version: version)
                found[purpose] = try (version, wrapper.open(row.blob(2), for: binding))
            }
            guard var root = found["root"], var index = found["index"], var rows = found["rows"] else {
                throw StoreFault.keyMissing(tenant: scope.isEmpty ? "the directory" : scope)
            }
            return TenantKeys(
                scope: scope, root: SealingKey(version: root.version, secret: SecretBytes(wiping: &root.secret)),
                index: SecretBytes(wiping: &index.secret), rows: SecretBytes(wiping: &rows.secret))
        }
        cache.withLock { cache in
            if cache.count >= Self.cachedTenants { cache.removeAll() }
            cache[scope] = keys
        }
        return keys
    }

    /// Whether keys of any tenant are there, besides the directory's.
    func hasTenants() async throws -> Bool {
        try await database.transaction { transaction in
            try transaction.first("SELECT 1 FROM tenant_key WHERE tenant <> '' LIMIT 1") != nil
        }
    }

    // MARK: Persons

    /// A person's key, made if it is not there.
    /// - Throws: `StoreConflict.erased`.
    func makePerson(_ person: UserID, of keys: TenantKeys, at now: WallTime) async throws -> SealingKey {
        try await database.transaction { try Self.make(person, keys, at: now, &$0) }
    }

    /// The keys of many persons, made where they are not there, in one transaction.
    /// - Throws: `StoreConflict.erased` where one of them was destroyed; none is made then.
    func makePersons(
        _ persons: [UserID], of keys: TenantKeys, at now: WallTime
    ) async throws -> [UserID: SealingKey] {
        try await database.transaction { transaction in
            var made: [UserID: SealingKey] = [:]
            for person in persons { made[person] = try Self.make(person, keys, at: now, &transaction) }
            return made
        }
    }

    /// Those of the persons whose keys were destroyed.
    func destroyed(among persons: [UserID], of keys: TenantKeys) async throws -> Set<UserID> {
        try await database.transaction { transaction in
            var found: Set<UserID> = []
            for person in persons where try Self.isDestroyed(person, keys, &transaction) { found.insert(person) }
            return found
        }
    }

    private static func make(
        _ person: UserID, _ keys: TenantKeys, at now: WallTime, _ transaction: inout StoreTransaction
    ) throws -> SealingKey {
        guard try !isDestroyed(person, keys, &transaction) else { throw StoreConflict.erased }
        let secret = SecureRandom.bytes(32)
        let binding = personBinding(keys.scope, person, version: 1)
        try transaction.execute(
            """
            INSERT INTO person_key (tenant, person, version, wrapped, created_at) VALUES (?, ?, 1, ?, ?)
            ON CONFLICT DO NOTHING
            """, .text(keys.scope), .blob(person.octets), .blob(keys.wrapper.seal(secret, for: binding)),
            .integer(now.milliseconds))
        return try load(person, keys, &transaction)
    }

    /// A person's key.
    /// - Throws: `StoreConflict.erased`, `StoreFault.keyMissing`, `.recordNotAuthentic`.
    func person(_ person: UserID, of keys: TenantKeys) async throws -> SealingKey {
        try await database.reading { try Self.load(person, keys, &$0) }
    }

    /// A person's key, for the body of another database's transaction.
    /// - Throws: as `person`.
    func personWithin(_ person: UserID, of keys: TenantKeys) throws -> SealingKey {
        try database.readingWithin { try Self.load(person, keys, &$0) }
    }

    /// The keys of several persons in one transaction; those destroyed are left out.
    func persons(_ persons: [UserID], of keys: TenantKeys) async throws -> [UserID: SealingKey] {
        try await database.transaction { transaction in
            var found: [UserID: SealingKey] = [:]
            for person in persons {
                do { found[person] = try Self.load(person, keys, &transaction) } catch StoreConflict.erased { continue }
            }
            return found
        }
    }

    /// Whether the person has a key that was not destroyed.
    func hasKey(_ person: UserID, of keys: TenantKeys) async throws -> Bool {
        try await database.transaction { transaction in
            try transaction.first(
                "SELECT 1 FROM person_key WHERE tenant = ? AND person = ?", .text(keys.scope), .blob(person.octets))
                != nil
        }
    }

    /// Whether the tenant has ever had a person: one has a key, or had one that was destroyed.
    func hasPersons(_ scope: String) async throws -> Bool {
        try await database.transaction { transaction in
            try transaction.first(
                """
                SELECT 1 FROM person_key WHERE tenant = ? UNION ALL SELECT 1 FROM destroyed_person WHERE tenant = ?
                LIMIT 1
                """, .text(scope), .text(scope)) != nil
        }
    }

    /// Destroys a person's key for good; when it returns, neither the file nor its log holds it.
    func destroyPerson(_ person: UserID, of scope: String, at now: WallTime) async throws {
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM person_key WHERE tenant = ? AND person = ?", .text(scope), .blob(person.octets))
            try transaction.execute(
                """
                INSERT INTO destroyed_person (tenant, person, destroyed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
                """, .text(scope), .blob(person.octets), .integer(now.milliseconds))
        }
        try await database.truncateLog()
    }

    /// Destroys all keys of a tenant for good.
    func destroyTenant(_ scope: String) async throws {
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM person_key WHERE tenant = ?", .text(scope))
            try transaction.execute("DELETE FROM tenant_key WHERE tenant = ?", .text(scope))
        }
        cache.withLock { $0[scope] = nil }
        try await database.truncateLog()
    }

    private static func isDestroyed(
        _ person: UserID, _ keys: TenantKeys, _ transaction: inout StoreTransaction
    ) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM destroyed_person WHERE tenant = ? AND person = ?", .text(keys.scope), .blob(person.octets))
            != nil
    }

    private static func load(
        _ person: UserID, _ keys: TenantKeys, _ transaction: inout StoreTransaction
    ) throws -> SealingKey {
        guard
            let row = try transaction.first(
                "SELECT version, wrapped FROM person_key WHERE tenant = ? AND person = ?", .text(keys.scope),
                .blob(person.octets))
        else {
            guard try isDestroyed(person, keys, &transaction) else { throw StoreFault.keyMissing(tenant: keys.scope) }
            throw StoreConflict.erased
        }
        let version = try row.integer(0)
        var secret = try keys.wrapper.open(row.blob(1), for: personBinding(keys.scope, person, version: version))
        return SealingKey(version: version, secret: SecretBytes(wiping: &secret))
    }

    private static func tenantBinding(_ scope: String, _ purpose: String, version: Int64) -> RecordBinding {
        RecordBinding(tenant: scope, table: "tenant_key", row: Array(purpose.utf8), columns: [.integer(version)])
    }

    private static func personBinding(_ scope: String, _ person: UserID, version: Int64) -> RecordBinding {
        RecordBinding(tenant: scope, table: "person_key", row: person.octets, columns: [.integer(version)])
    }
}
