import Core
import Testing

@testable import Store

@Suite("Directory")
struct DirectoryTests {
    @Test("a tenant comes back as it was written")
    func roundTrip() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let id = try #require(TenantID("acme"))
        let auditor = try #require(RoleName("auditor"))
        let written = try await store.createTenant(
            Tenant(
                id: id, name: "Acme GmbH", plan: "enterprise", region: "eu-central", hosts: ["a.example", "b.example"],
                emailDomains: ["acme.example"], ownRoles: [auditor], secondFactor: .requiredForRoles([auditor]),
                allowedNetworks: ["10.0.0.0/8", "2001:db8::/32"].compactMap { AddressRange($0) },
                keysOwnedByFile: ["hosts"]),
            audit: entry("tenant.created"), at: time(1))
        #expect(written.allowedNetworks.count == 2)
        #expect(try await store.tenants.find(id) == written)
        #expect(try await store.tenants.list() == [written])
        #expect(try await store.tenants.find(emailDomain: "acme.example") == written)
        #expect(try await store.tenants.find(emailDomain: "other.example") == nil)
        for host in written.hosts { #expect(try await store.tenants.find(host: host) == written) }
        #expect(try await store.tenants.find(host: "other.example.org") == nil)
        let changed = try await store.tenants.update(id, audit: entry("tenant.changed"), at: time(2)) { tenant in
            tenant.state = .suspended
            tenant.hosts = ["b.example"]
            tenant.emailDomains = []
            tenant.secondFactor = .none
        }
        #expect(changed.epoch == 2)
        #expect(try await store.tenants.find(id) == changed)
        #expect(try await store.tenants.find(emailDomain: "acme.example") == nil)
        #expect(try await store.audit.entries().map(\.action) == ["tenant.created", "tenant.changed"])
    }

    @Test("ids, hosts and domains belong to one tenant, and a refused tenant leaves nothing in the directory")
    func taken() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        _ = try await world.makeTenant(store, hosts: ["a.example"], domains: ["a.example"])
        await #expect(throws: StoreConflict.tenantExists) { try await world.makeTenant(store) }
        await #expect(throws: StoreConflict.hostTaken("a.example")) {
            try await world.makeTenant(store, "other", hosts: ["b.example", "a.example"])
        }
        await #expect(throws: StoreConflict.domainTaken("a.example")) {
            try await world.makeTenant(store, "other", domains: ["a.example"])
        }
        let other = try #require(TenantID("other"))
        #expect(try await store.tenants.find(other) == nil)
        await #expect(throws: StoreConflict.notFound) { try await store.tenant(other) }
        // The second attempt finds keys and file there, and completes them.
        _ = try await world.makeTenant(store, "other", hosts: ["b.example"]).makeUser()
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("throttle counters are kept, overwritten, cleared and forgotten")
    func throttles() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        func counter(_ subject: String, _ tokens: Int64, at: Int64) -> ThrottleCounter {
            ThrottleCounter(kind: "address", subject: subject, tokens: tokens, updatedAt: time(at))
        }
        try await store.throttles.save([counter("192.0.2.1", 5000, at: 1), counter("192.0.2.2", 7000, at: 2)])
        try await store.throttles.save([counter("192.0.2.1", 4000, at: 3)])
        var seen: [ThrottleCounter] = []
        while let next = try await store.throttles.list(after: seen.last, limit: 1).first { seen.append(next) }
        #expect(Set(seen) == [counter("192.0.2.1", 4000, at: 3), counter("192.0.2.2", 7000, at: 2)])
        #expect(try await store.throttles.clear(kind: "address", subject: "192.0.2.1"))
        #expect(try await !store.throttles.clear(kind: "address", subject: "192.0.2.1"))
        #expect(try await !store.throttles.clear(kind: "account", subject: "192.0.2.2"))
        #expect(try await store.throttles.deleteUntouched(since: time(2)) == 0)
        #expect(try await store.throttles.deleteUntouched(since: time(3)) == 1)
        #expect(try await store.throttles.clearAll() == 0)
    }
}
