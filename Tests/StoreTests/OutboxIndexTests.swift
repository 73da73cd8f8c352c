import Core
import Testing

@testable import Store

@Suite("Which tenants have letters")
struct OutboxIndexTests {
    private let letter = Letter(
        recipient: "a@acme.example", kind: "k", language: "en", fields: [:], expiresAt: time(1_000_000))

    @Test("a tenant is known by its first letter, also after a restart, until its outbox has been empty for a while")
    func life() async throws {
        let world = try StoreWorld()
        var (store, tenant) = try await world.openWithTenant()
        #expect(try await store.letters.tenants() == [])
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter, to: user.id, at: time(1000))
        #expect(try await store.letters.tenants() == [tenant.tenant])
        #expect(store.letters.waiting == 1)
        try await store.close()
        store = try await world.open()
        tenant = try await store.tenant(tenant.tenant)
        #expect(try await store.letters.tenants() == [tenant.tenant])
        let taken = try #require(try await tenant.outbox.take(at: time(1000), until: time(2000)))
        try await tenant.outbox.remove(taken.id)
        try await store.letters.settle(tenant.tenant, waiting: 0, at: time(90_999))
        #expect(try await store.letters.tenants() == [tenant.tenant])
        try await store.letters.settle(tenant.tenant, waiting: 0, at: time(91_000))
        #expect(try await store.letters.tenants() == [])
        try await store.close()
    }

    @Test("whoever sends is told when a letter is durable")
    func nudge() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let (told, teller) = AsyncStream.makeStream(of: TenantID.self)
        store.letters.listen { teller.yield($0) }
        try await tenant.outbox.post(letter, to: user.id, at: time(1000))
        var iterator = told.makeAsyncIterator()
        #expect(await iterator.next() == tenant.tenant)
        try await store.close()
    }

    @Test("a tenant that was crossed off by mistake is noted again")
    func renote() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter, to: user.id, at: time(1000))
        try await store.letters.settle(tenant.tenant, waiting: 0, at: time(100_000))
        #expect(try await store.letters.tenants() == [])
        try await tenant.outbox.renote(at: time(200_000))
        #expect(try await store.letters.tenants() == [tenant.tenant])
        try await store.close()
    }
}
