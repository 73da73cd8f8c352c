public import Core

/// The data folder of one installation, open and locked: `directory.db`, `keys.db` and `tenants/<id>.db`.
///
/// One process has it at a time.  Every acknowledged write is on disk.
public final class DataStore: Sendable {
    /// Tenants' databases kept open, unless told otherwise.
    public static let openTenantsBound = 256

    /// All keys below the master key.
    public let keys: KeyHierarchy
    public let tenants: TenantRepository
    /// Which tenants have a member with an address.
    public let members: MemberIndex
    /// Which tenants have members whose hashes cost more than ours.
    public let dearHashes: DearHashIndex
    public let throttles: ThrottleRepository
    /// Which tenants have mails that wait.
    public let letters: OutboxIndex
    /// What has no tenant.
    public let audit: AuditLog
    /// The keys that sign assertions.
    public let signingKeys: SigningKeyRepository
    /// Seals login attempts and proves where forms come from.
    public let forms: FormSeal
    /// Names the master key without telling it.
    public var masterKeyFingerprint: String { master.fingerprint }

    private let folder: String
    private let lock: FolderLock
    private let master: MasterKey
    private let keysDatabase: SQLiteDatabase
    private let directory: SQLiteDatabase
    private let open: OpenTenants

    /// Opens the folder, and makes it where there is none.
    /// - Parameters:
    ///   - folder: an absolute path or one below the working folder; its parent is there.
    ///   - openTenants: tenants' databases kept open, at least 1.
    ///   - lock: the descriptor of the folder's lock, which another process holds and shares; nil takes the lock.
    ///   - now: for the rows that opening writes.
    /// - Throws: `StoreFault`.
    public static func open(
        folder: String, masterKey: MasterKey, openTenants: Int = openTenantsBound, lock adopted: Int32? = nil,
        at now: WallTime
    ) async throws -> DataStore {
        do {
            try HostFiles.makeFolder(folder)
            try HostFiles.makeFolder(folder + "/tenants")
        } catch {
            throw StoreFault.inputOutput(file: folder, words: error.words)
        }
        let lock = try adopted.map { try FolderLock(folder: folder, adopting: $0) } ?? FolderLock(folder: folder)
        // 1. Keys: the fingerprint tells a wrong master key before a header does.
        let hasDirectory = HostFiles.exists(folder + "/directory.db")
        let hasTenants = HostFiles.hasFile(in: folder + "/tenants", suffix: ".db")
        let keysDatabase = try SQLiteDatabase(
            path: folder + "/keys.db", name: "keys.db", deletion: .overwriting, isNew: !hasDirectory && !hasTenants)
        try await KeyHierarchy.checkFingerprint(keysDatabase, masterKey)
        try await keysDatabase.prepare(
            .keys, header: DatabaseHeader(kind: "keys", tenant: ""), master: masterKey,
            mayBeEmpty: !hasDirectory && !hasTenants, at: now)
        try await KeyHierarchy.checkFingerprint(keysDatabase, masterKey)
        // A crash may have come between a destruction and the emptying of the log.
        try await keysDatabase.truncateLog()
        let keys = KeyHierarchy(keysDatabase, master: masterKey)
        // 2. The directory, which is new only as long as no tenant has ever been made.
        let isNew = try await !keys.hasTenants() && !hasTenants
        let directory = try SQLiteDatabase(path: folder + "/directory.db", name: "directory.db", isNew: isNew)
        try await directory.prepare(
            .directory, header: DatabaseHeader(kind: "directory", tenant: ""), master: masterKey, mayBeEmpty: isNew,
            at: now)
        let directoryKeys = try await keys.makeTenant(KeyHierarchy.directoryScope, at: now)
        do {
            try HostFiles.syncFolder(folder)
        } catch {
            throw StoreFault.inputOutput(file: folder, words: error.words)
        }
        return DataStore(
            folder: folder, lock: lock, master: masterKey, keys: keys, keysDatabase: keysDatabase,
            directory: directory, directoryKeys: directoryKeys, openTenants: max(1, openTenants), now: now)
    }

    private init(
        folder: String, lock: FolderLock, master: MasterKey, keys: KeyHierarchy, keysDatabase: SQLiteDatabase,
        directory: SQLiteDatabase, directoryKeys: TenantKeys, openTenants: Int, now: WallTime
    ) {
        self.folder = folder
        self.lock = lock
        self.master = master
        self.keys = keys
        self.keysDatabase = keysDatabase
        self.directory = directory
        audit = AuditLog(directory, keys: directoryKeys, hierarchy: keys)
        tenants = TenantRepository(directory, keys: directoryKeys, audit: audit)
        members = MemberIndex(directory, keys: directoryKeys)
        dearHashes = DearHashIndex(directory)
        throttles = ThrottleRepository(directory, keys: directoryKeys)
        letters = OutboxIndex(directory)
        signingKeys = SigningKeyRepository(directory, keys: directoryKeys)
        forms = directoryKeys.forms
        open = OpenTenants(bound: openTenants) { tenant in
            try await Self.openTenant(tenant, folder: folder, keys: keys, master: master, at: now)
        }
    }

    /// Makes a tenant: its keys, then its row, so that a crash leaves nothing that a second attempt would not complete.
    /// Its database is made when it is first used.
    /// - Throws: `StoreConflict.tenantExists`, `.hostTaken`, `.domainTaken`; `StoreFault`.
    public func createTenant(_ tenant: Tenant, audit entry: AuditEntry, at now: WallTime) async throws -> Tenant {
        guard try await tenants.find(tenant.id) == nil else { throw StoreConflict.tenantExists }
        try await keys.makeKeys(of: [tenant.id.text], at: now)
        return try await tenants.create(tenant, audit: entry, at: now)
    }

    /// Brings tenants to what somebody else's word says they are, all of them or none: those that are missing are made,
    /// those that differ are changed, the rest is left as it is.
    /// - Parameter wanted: each is given the tenant as it is, or a new one of that id, and makes it what it should be.
    /// - Returns: the ids of those that were made or changed.
    /// - Throws: `StoreConflict.hostTaken`, `.domainTaken`; `StoreFault`.
    public func apply(
        _ wanted: [(id: TenantID, change: @Sendable (inout Tenant) -> Void)], at now: WallTime
    ) async throws -> [TenantID] {
        let known = Dictionary(try await allTenants().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var changed: [Tenant] = []
        for (id, change) in wanted {
            var tenant = known[id] ?? Tenant(id: id, name: id.text)
            change(&tenant)
            if tenant != known[id] { changed.append(tenant) }
        }
        guard !changed.isEmpty else { return [] }
        try await keys.makeKeys(of: changed.map(\.id).filter { known[$0] == nil }.map(\.text), at: now)
        try await tenants.write(changed, at: now)
        return changed.map(\.id)
    }

    /// What a tenant has; its database is opened at first use, and made or migrated where that is needed.
    /// - Throws: `StoreConflict.notFound` where the directory has no such tenant; `StoreFault`.
    public func tenant(_ id: TenantID) async throws -> TenantStore {
        guard let found = try await openTenant(id) else { throw StoreConflict.notFound }
        return found.store
    }

    /// A tenant and what it has, as `tenant` gives it; nil where the directory has no such tenant.
    /// - Throws: `StoreFault`.
    public func openTenant(_ id: TenantID) async throws -> (tenant: Tenant, store: TenantStore)? {
        guard let tenant = try await tenants.find(id) else { return nil }
        let tenantKeys = try await keys.tenant(id.text)
        let store = TenantStore(
            id, database: try await open.database(id), keys: tenantKeys, hierarchy: keys, members: members,
            dearHashes: dearHashes,
            letters: letters)
        return (tenant, store)
    }

    /// Whether anything was ever stored for the tenant itself: its database is there, or should be.
    public func isUsed(_ id: TenantID) async throws -> Bool {
        if HostFiles.exists("\(folder)/\(Self.file(of: id))") { return true }
        return try await keys.hasPersons(id.text)
    }

    /// The descriptor of the folder's lock, for a process that takes over: the folder is never without one of the two.
    public var lockDescriptor: Int32 { lock.number }

    /// How many tenants' databases are kept open.
    public var openTenantCount: Int { get async { await open.count } }

    /// Every tenant, read page by page.
    public func allTenants() async throws -> [Tenant] {
        var all: [Tenant] = []
        while true {
            let page = try await tenants.list(after: all.last?.id)
            guard !page.isEmpty else { return all }
            all += page
        }
    }

    /// Writes something without meaning, to see whether writing works.
    public func probe() async throws {
        try await directory.transaction { try $0.execute("UPDATE schema_version SET applied_at = applied_at") }
    }

    /// Ends the use of the folder and gives it free; calls fail from then on with `StoreFault.closed`.
    public func close() async throws {
        try await open.close()
        try directory.close()
        try keysDatabase.close()
        lock.release()
    }

    /// SQLite's examination of the two databases that every tenant shares.
    func integrityFindings() async throws -> [(file: String, words: String)] {
        var findings: [(file: String, words: String)] = []
        for database in [keysDatabase, directory] {
            findings += try await database.integrityFindings().map { (database.name, $0) }
        }
        return findings
    }

    /// Opens a tenant's database.  One that nobody has ever been a member of may be missing, and is made: everybody's
    /// key is in `keys.db` before the first of their rows is written.
    private static func openTenant(
        _ tenant: TenantID, folder: String, keys: KeyHierarchy, master: MasterKey, at now: WallTime
    ) async throws -> SQLiteDatabase {
        let name = file(of: tenant)
        let mayBeNew = try await !keys.hasPersons(tenant.text)
        let isNew = mayBeNew && !HostFiles.exists("\(folder)/\(name)")
        let database = try SQLiteDatabase(path: "\(folder)/\(name)", name: name, isNew: isNew)
        try await database.prepare(
            .tenant, header: DatabaseHeader(kind: "tenant", tenant: tenant.text), master: master,
            mayBeEmpty: mayBeNew, at: now)
        // Also after a crash between the making and this.
        guard mayBeNew else { return database }
        do {
            try HostFiles.syncFolder(folder + "/tenants")
        } catch {
            throw StoreFault.inputOutput(file: name, words: error.words)
        }
        return database
    }

    private static func file(of tenant: TenantID) -> String { "tenants/\(tenant).db" }
}
