import Core
import Testing

@testable import Store

@Suite("Metadata of connections")
struct ConnectionMetadataTests {
    @Test("what was fetched comes back as it was, over a restart")
    func kept() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let name = try ConnectionSample.name()
        #expect(try await tenant.connections.metadata(of: name) == nil)
        try await tenant.connections.keep(ConnectionSample.metadata(), of: name, at: time(30))
        let bare = StoredMetadata(document: [], fetchedAt: time(1), checkedAt: time(2))
        try await tenant.connections.keep(bare, of: ConnectionSample.name("file"), at: time(30))
        try await store.close()
        let again = try await world.open().tenant(tenant.tenant)
        #expect(try await again.connections.metadata(of: name) == ConnectionSample.metadata())
        #expect(try await again.connections.metadata(of: ConnectionSample.name("file")) == bare)
    }

    @Test("newer metadata takes the place of the former, of that connection alone, and a removed one is gone")
    func replaced() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (name, other) = (try ConnectionSample.name(), try ConnectionSample.name("entra"))
        for name in [name, other] {
            try await tenant.connections.keep(ConnectionSample.metadata(), of: name, at: time(30))
        }
        try await tenant.connections.keep(ConnectionSample.metadata("zwei"), of: name, at: time(31))
        #expect(try await tenant.connections.metadata(of: name) == ConnectionSample.metadata("zwei"))
        #expect(try await tenant.connections.metadata(of: other) == ConnectionSample.metadata())
        try await tenant.connections.remove(metadataOf: name)
        #expect(try await tenant.connections.metadata(of: name) == nil)
        #expect(try await tenant.connections.metadata(of: other) != nil)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("an entry goes with the metadata that it speaks of, and only where there is one")
    func audited() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let name = try ConnectionSample.name()
        try await tenant.connections.keep(ConnectionSample.metadata(), of: name, at: time(30))
        #expect(try await tenant.actions() == [])
        try await tenant.connections.keep(
            ConnectionSample.metadata("zwei"), of: name, audit: entry("connection.certificates-changed"),
            at: time(31))
        #expect(try await tenant.actions() == ["connection.certificates-changed"])
    }

    @Test("two tenants' connections of one name know nothing of each other")
    func apart() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let other = try await StoreWorld().makeTenant(store, "other")
        let name = try ConnectionSample.name()
        try await tenant.connections.keep(ConnectionSample.metadata(), of: name, at: time(30))
        #expect(try await other.connections.metadata(of: name) == nil)
    }
}
