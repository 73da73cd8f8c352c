import Core
import Foundation
import HostCrypto

@testable import Store

/// The folder of all data folders, gone when the tests end: a store may outlive the test's hold on its world.
private let root: String = {
    let path = NSTemporaryDirectory() + "gatehouse-store-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return path
}()

/// A data folder of its own for one test.
final class StoreWorld: Sendable {
    let folder: String
    let key = MasterKey()
    static let acme = "acme"

    init() throws {
        folder = root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    var data: String { folder + "/data" }

    func open(_ key: MasterKey? = nil, openTenants: Int = 8, lock: Int32? = nil) async throws -> DataStore {
        try await DataStore.open(
            folder: data, masterKey: key ?? self.key, openTenants: openTenants, lock: lock, at: time(0))
    }

    /// A store with one tenant, `acme`.
    func openWithTenant() async throws -> (store: DataStore, tenant: TenantStore) {
        let store = try await open()
        return (store, try await makeTenant(store))
    }

    func makeTenant(
        _ store: DataStore, _ id: String = acme, hosts: [String] = [], domains: [String] = []
    ) async throws -> TenantStore {
        guard let id = TenantID(id) else { throw StoreConflict.notFound }
        _ = try await store.createTenant(
            Tenant(id: id, name: "Acme Geheim GmbH", hosts: hosts, emailDomains: domains),
            audit: entry("tenant.created"), at: time(1))
        return try await store.tenant(id)
    }

    /// The bytes of every file below the data folder, by name.
    func files() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in FileManager.default.enumerator(atPath: data)?.compactMap({ $0 as? String }) ?? [] {
            let path = data + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            found[name] = try file.readToEnd() ?? Data()
            try file.close()
        }
        return found
    }

    /// Runs statements on a closed database, as somebody would who can write the file.
    func tamper(_ file: String, _ sql: StaticString, _ arguments: SQLValue...) async throws {
        let database = try SQLiteDatabase(path: data + "/" + file, name: file, isNew: false)
        try await database.transaction { [arguments] transaction in
            switch arguments.count {
            case 0: try transaction.execute(sql)
            case 1: try transaction.execute(sql, arguments[0])
            default: try transaction.execute(sql, arguments[0], arguments[1])
            }
        }
        try database.close()
    }
}

/// So many milliseconds after the tests' epoch.
func time(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + milliseconds) }

func entry(_ action: String, subject: UserID? = nil, sealed: [AuditEntry.Detail] = []) -> AuditEntry {
    AuditEntry(action: action, actor: .operator, subject: subject, sealedDetails: sealed)
}

func digest(_ number: UInt8) throws -> TokenDigest {
    guard let digest = TokenDigest([UInt8](repeating: number, count: 32)) else { throw StoreConflict.notFound }
    return digest
}

extension TenantStore {
    /// A user with harmless defaults.
    func makeUser(
        _ email: String = "erika.muster@acme.example", name: String = "Erika Musterfrau", roles: [String] = ["user"]
    ) async throws -> User {
        let user = User(roles: roles.compactMap { RoleName($0) }, email: email, name: name, externalID: "ext-4711")
        return try await users.create(user, audit: entry("user.created", subject: user.id), at: time(2))
    }

    func makeSession(_ user: User, token: UInt8 = 1, limit: Int = 0) async throws -> StoredSession {
        try await sessions.create(
            user: user.id, token: digest(token), factors: [ProvedFactor(.password, at: time(3))],
            expiresAt: time(1_000_000), client: "Firefox on 203.0.113.77", limit: limit,
            audit: entry("session.began", subject: user.id), at: time(Int64(token))
        )
        .session
    }
}
