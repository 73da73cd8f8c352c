import Core
import Foundation
import Testing

@testable import Store

@Suite("Key hierarchy")
struct KeyHierarchyTests {
    @Test("a destroyed key's wrapped bytes are in no file")
    func overwritten() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await store.close()
        let database = try SQLiteDatabase(path: world.data + "/keys.db", name: "keys.db", isNew: false)
        let wrapped = try await database.transaction { transaction in
            try transaction.first("SELECT wrapped FROM person_key WHERE person = ?", .blob(user.id.octets))?.blob(0)
        }
        try database.close()
        let bytes = Data(try #require(wrapped))
        #expect(try world.files()["keys.db"]?.range(of: bytes) != nil)
        let again = try await world.open()
        try await again.tenant(tenant.tenant).users.erase(user.id, audit: entry("user.erased"), at: time(9))
        for (name, data) in try world.files() { #expect(data.range(of: bytes) == nil, "\(name) holds a destroyed key") }
    }

    @Test("a tenant's keys, once destroyed, open nothing")
    func tenantDestroyed() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await tenant.makeUser()
        try await store.keys.destroyTenant("acme")
        await #expect(throws: StoreFault.keyMissing(tenant: "acme")) { try await store.tenant(tenant.tenant) }
    }

    @Test("row ids are UUIDs of version 7 in the order of time, user ids of version 4")
    func ids() {
        let (early, late) = (RowID(at: time(1)), RowID(at: time(2)))
        #expect(early.description < late.description)
        #expect(Array(early.description)[14] == "7")
        #expect(RowID(early.description) == early)
        #expect(RowID(at: time(1)) != early)
        for _ in 0..<100 {
            let id = UserID.random()
            #expect(id.high >> 12 & 0xF == 4)
            #expect(id.low >> 62 == 2)
        }
    }
}
