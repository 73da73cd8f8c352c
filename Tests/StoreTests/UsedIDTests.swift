import Core
import Testing

@testable import Store

@Suite("Ids that count once")
struct UsedIDTests {
    private func use(_ tenant: TenantStore, _ ids: [String], until end: Int64 = 1000) async throws -> Bool {
        try await tenant.connections.use(ids, until: time(end), at: time(10))
    }

    @Test("an id counts once, also after a restart, and only in its tenant")
    func once() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        #expect(try await use(tenant, ["assertion a", "request b"]))
        #expect(try await !use(tenant, ["assertion a", "request b"]))
        try await store.close()
        let again = try await world.open()
        let reopened = try await again.tenant(tenant.tenant)
        #expect(try await !use(reopened, ["assertion a"]))
        let other = try await world.makeTenant(again, "other")
        #expect(try await use(other, ["assertion a"]))
        #expect(await StoreVerification(again).run().isClean)
    }

    @Test("where one of several was used, none of the others is used up by it")
    func whole() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        #expect(try await use(tenant, ["b"]))
        #expect(try await !use(tenant, ["a", "b", "c"]))
        #expect(try await use(tenant, ["a", "c"]))
        #expect(try await !use(tenant, ["c"]))
    }

    @Test("an id that is named twice at once is one")
    func twice() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        #expect(try await use(tenant, ["a", "a"]))
        #expect(try await use(tenant, []))
    }

    @Test("of many uses at once one is good, also where each brings another id along")
    func concurrent() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask { try await use(tenant, ["assertion one", "request \(number)"]) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 1)
        let rows = try await tenant.database.transaction { try $0.query("SELECT 1 FROM used_id").count }
        #expect(rows == 2)
    }

    @Test("an id is forgotten a day after its end, at most 1000 at a time, and counts as used until then")
    func forgotten() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let day = Int64(24 * 3600 * 1000)
        #expect(try await use(tenant, (0..<1100).map { "old \($0)" }, until: 500))
        #expect(try await use(tenant, ["new"], until: 501))
        // A clock that was ahead for a while frees none.
        #expect(try await tenant.connections.deleteExpiredIDs(at: time(500)) == 0)
        #expect(try await tenant.connections.deleteExpiredIDs(at: time(day + 499)) == 0)
        #expect(try await !use(tenant, ["old 7"]))
        #expect(try await tenant.connections.deleteExpiredIDs(at: time(day + 500)) == 1000)
        #expect(try await tenant.connections.deleteExpiredIDs(at: time(day + 500)) == 100)
        #expect(try await use(tenant, ["old 7"]))
        #expect(try await !use(tenant, ["new"]))
        #expect(await StoreVerification(store).run().isClean)
    }
}
