import Core
import Foundation
import Testing

@testable import Store

@Suite("Data folder")
struct DataStoreTests {
    @Test("what was written is there after the folder was closed and opened")
    func reopened() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await first.close()
        let second = try await world.open()
        let found = try await second.tenant(tenant.tenant).users.find(user.id)
        #expect(found == user)
    }

    @Test("another master key is refused, and both fingerprints are named")
    func wrongKey() async throws {
        let world = try StoreWorld()
        let (store, _) = try await world.openWithTenant()
        try await store.close()
        let other = MasterKey()
        await #expect(throws: StoreFault.masterKeyDiffers(expected: world.key.fingerprint, found: other.fingerprint)) {
            try await world.open(other)
        }
        _ = try await world.open()
    }

    @Test("a second opener is refused and told who holds the folder")
    func locked() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let holder = ProcessInfo.processInfo.processIdentifier
        await #expect(throws: StoreFault.locked(folder: world.data, holder: holder)) { try await world.open() }
        withExtendedLifetime(store) {}
    }

    @Test("a lock that is handed over opens the folder again, and holds until both have let go of it")
    func handedOver() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let second = try await world.open(lock: dup(first.lockDescriptor))
        #expect(try await second.tenant(tenant.tenant).users.find(user.id) == user)
        // For a while both read and write.
        #expect(try await first.tenant(tenant.tenant).users.find(user.id) == user)
        try await first.probe()
        try await second.probe()
        try await first.close()
        let holder = ProcessInfo.processInfo.processIdentifier
        await #expect(throws: StoreFault.locked(folder: world.data, holder: holder)) { try await world.open() }
        try await second.close()
        try await world.open().close()
    }

    @Test("a descriptor that is another file's is no lock")
    func anotherLock() async throws {
        let (world, other) = (try StoreWorld(), try StoreWorld())
        try await world.open().close()
        let elsewhere = try await other.open()
        await #expect(throws: StoreFault.self) { try await world.open(lock: dup(elsewhere.lockDescriptor)) }
        try await elsewhere.close()
    }

    @Test("a missing database is named, not made anew", arguments: ["keys.db", "directory.db", "tenants/acme.db"])
    func missing(file: String) async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await tenant.makeUser()
        try await store.close()
        try FileManager.default.removeItem(atPath: world.data + "/" + file)
        await #expect(throws: StoreFault.databaseMissing(file: file)) {
            _ = try await world.open().tenant(tenant.tenant)
        }
    }

    @Test("a tenant's database is made at its first use, and neither a verification nor a question makes it")
    func madeAtFirstUse() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let id = try #require(TenantID("acme"))
        let new = Tenant(id: id, name: "Acme")
        #expect(try await store.apply([(id, { @Sendable in $0 = new })], at: time(1)) == [id])
        #expect(try await !store.isUsed(id))
        let report = await StoreVerification(store).run()
        #expect(report.isClean && report.tenants == 1)
        #expect(try !world.files().keys.contains("tenants/acme.db"))
        _ = try await store.tenant(id).makeUser()
        #expect(try await store.isUsed(id))
        #expect(try world.files().keys.contains("tenants/acme.db"))
    }

    @Test("a database that never had a member may be missing; one whose only member was erased may not")
    func missingWithoutMembers() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        try await first.close()
        try FileManager.default.removeItem(atPath: world.data + "/tenants/acme.db")
        let second = try await world.open()
        let user = try await second.tenant(tenant.tenant).makeUser()
        try await second.keys.destroyPerson(user.id, of: "acme", at: time(5))
        try await second.close()
        try FileManager.default.removeItem(atPath: world.data + "/tenants/acme.db")
        let third = try await world.open()
        await #expect(throws: StoreFault.databaseMissing(file: "tenants/acme.db")) {
            _ = try await third.tenant(tenant.tenant)
        }
        let report = await StoreVerification(third).run()
        #expect(report.findings.map(\.place) == ["acme"])
    }

    @Test("an empty or overwritten database is damaged", arguments: ["keys.db", "directory.db", "tenants/acme.db"])
    func damaged(file: String) async throws {
        for contents in [Data(), Data(repeating: 7, count: 8192)] {
            let world = try StoreWorld()
            let (store, tenant) = try await world.openWithTenant()
            _ = try await tenant.makeUser()
            try await store.close()
            try contents.write(to: URL(fileURLWithPath: world.data + "/" + file))
            do {
                _ = try await world.open().tenant(tenant.tenant)
                Issue.record("\(file) was opened")
            } catch StoreFault.databaseCorrupt(let named, _) {
                #expect(named == file)
            }
        }
    }

    @Test("another tenant's database under this one's name is refused")
    func misplaced() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await world.makeTenant(store, "other")
        try await store.close()
        let path = world.data + "/tenants/acme.db"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: world.data + "/tenants/other.db", toPath: path)
        let expected = StoreFault.databaseMisplaced(
            file: "tenants/acme.db", expected: "the tenant acme", found: "the tenant other")
        await #expect(throws: expected) { _ = try await world.open().tenant(tenant.tenant) }
    }

    @Test("a header that was changed is not authentic")
    func forgedHeader() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await world.makeTenant(store, "other")
        try await store.close()
        let path = world.data + "/tenants/acme.db"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: world.data + "/tenants/other.db", toPath: path)
        try await world.tamper("tenants/acme.db", "UPDATE store_header SET tenant = ?", .text("acme"))
        await #expect(throws: StoreFault.databaseNotAuthentic(file: "tenants/acme.db")) {
            _ = try await world.open().tenant(tenant.tenant)
        }
    }

    @Test(
        "a newer schema is refused",
        arguments: zip(
            ["keys.db", "directory.db", "tenants/acme.db"],
            [Schema.keys.version, Schema.directory.version, Schema.tenant.version]))
    func newer(file: String, known: Int64) async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        try await store.close()
        try await world.tamper(file, "INSERT INTO schema_version (version, applied_at) VALUES (99, 0)")
        await #expect(throws: StoreFault.schemaTooNew(file: file, found: 99, known: known)) {
            _ = try await world.open().tenant(tenant.tenant)
        }
    }

    @Test("no name, address or secret stands in any file, write-ahead logs included")
    func nothingReadable() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let tenant = try await world.makeTenant(store, domains: ["acme-geheim.example"])
        let user = try await tenant.makeUser()
        let hash = try #require(
            Argon2Sample.hash)
        try await tenant.users.setPassword(hash, of: user.id, audit: entry("password.set"), at: time(3))
        _ = try await tenant.makeSession(user)
        try await tenant.audit.append(
            entry("note", subject: user.id, sealed: [.init("from", "203.0.113.77")]), at: time(4))
        try await store.throttles.save([
            ThrottleCounter(kind: "address", subject: "203.0.113.77", tokens: 5, updatedAt: time(5))
        ])
        let files = try world.files()
        #expect(files.keys.contains { $0.hasSuffix(".db-wal") })
        #expect(Set(["keys.db", "directory.db", "tenants/acme.db"]).isSubset(of: files.keys))
        for secret in [
            "erika", "Erika", "Musterfrau", "acme.example", "ext-4711", "Geheim", "geheim", "203.0.113.77", "Firefox",
            "argon2id",
        ] {
            for (name, data) in files {
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(secret) stands in \(name)")
            }
        }
        // The twin: what is meant to be in clear is found.
        #expect(files.values.contains { $0.range(of: Data("acme".utf8)) != nil })
    }

    @Test("files that are open stay within the bound, and a tenant that was let go is opened again")
    func bounded() async throws {
        let world = try StoreWorld()
        let store = try await world.open(openTenants: 3)
        for number in 0..<8 { _ = try await world.makeTenant(store, "t\(number)").makeUser() }
        #expect(await store.openTenantCount == 3)
        for number in 0..<8 {
            let id = try #require(TenantID("t\(number)"))
            #expect(try await store.tenant(id).users.list().count == 1)
        }
        #expect(await store.openTenantCount == 3)
    }

    @Test("a closed store refuses every call")
    func closed() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        try await store.close()
        await #expect(throws: StoreFault.closed) { try await store.tenants.list() }
        await #expect(throws: StoreFault.closed) { try await tenant.users.list() }
    }
}
