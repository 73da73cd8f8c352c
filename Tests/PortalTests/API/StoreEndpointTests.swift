import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Throttles are cleared, keys named, the store examined")
struct StoreEndpointTests {
    @Test("the key is named by its fingerprint")
    func keys() async throws {
        let world = try await APIWorld()
        let answer = try await world.ask(.get, "/keys").read(KeyResource.self)
        #expect(answer.masterKeyFingerprint == world.store.masterKeyFingerprint)
    }

    @Test("a sound store is clean, and what was read is counted")
    func verification() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        _ = try await tenant.makeSession(try await tenant.makeUser())
        let report = try await world.ask(.get, "/store/verification").read(VerificationResource.self)
        #expect(report.isClean)
        #expect((report.tenants, report.users, report.sessions) == (1, 1, 1))
        #expect(report.auditEntries == 3)
        #expect(report.findings.isEmpty)
    }

    @Test("a closed store is unavailable, and says so")
    func closed() async throws {
        let world = try await APIWorld()
        try await world.store.close()
        let problem = try await world.ask(.get, "/tenants").problem()
        #expect((problem.status, problem.code) == (503, "store-unavailable"))
    }

    @Test("what a backup mends is another problem than what time mends")
    func damaged() {
        #expect(APIRefusal(StoreFault.databaseMissing(file: "x")).kind == .storeDamaged)
        #expect(APIRefusal(StoreFault.schemaTooNew(file: "x", found: 2, known: 1)).kind == .storeDamaged)
        #expect(APIRefusal(StoreFault.diskFull(file: "x")).kind == .storeUnavailable)
        #expect(APIRefusal.Kind.storeDamaged.status == 503)
    }

    @Test("a counted failure is listed, and forgotten with its address")
    func countedFailure() async throws {
        let world = try await APIWorld()
        let address = ClientAddress(ipv4: 0xC000_0201)
        _ = world.api.throttle.reserve(
            ThrottleAttempt(address: address, tenant: TenantID("acme"), email: NormalizedEmail("a@acme.example")))
        let listed = try await world.ask(.get, "/throttles").read(Page<ThrottleResource>.self).items
        #expect(listed.contains { $0.kind == "address" && $0.subject == "192.0.2.1" })
        #expect(listed.allSatisfy { $0.failuresLeft < $0.capacity })
        #expect(try await world.ask(.delete, "/throttles?address=192.0.2.2").read(CountResource.self).count == 0)
        let count = try await world.ask(.delete, "/throttles?address=192.0.2.1").read(CountResource.self).count
        #expect(count == listed.count)
        #expect(try await world.ask(.get, "/throttles").read(Page<ThrottleResource>.self).items.isEmpty)
    }

    @Test("clearing counters needs one address or all=true, and is audited")
    func throttles() async throws {
        let world = try await APIWorld()
        #expect(try await world.ask(.delete, "/throttles").problem().code == "field-missing")
        #expect(
            try await world.ask(.delete, "/throttles?all=true&address=192.0.2.1").problem().code == "field-missing")
        #expect(try await world.ask(.delete, "/throttles?address=192.0.2").problem().code == "value-refused")
        let misspelt = try await world.ask(.delete, "/throttles?adress=192.0.2.1").problem()
        #expect((misspelt.code, misspelt.suggestion) == ("field-unknown", "address"))
        #expect(try await world.store.audit.entries().isEmpty)
        for query in ["address=192.0.2.1", "address=2001:db8::1", "all=true"] {
            #expect(await world.ask(.delete, "/throttles?" + query).head.status == .ok)
        }
        let entries = try await world.store.audit.entries()
        #expect(entries.map(\.action) == ["throttles.cleared", "throttles.cleared", "throttles.cleared"])
        #expect(entries.first?.sealedDetails == [.init("address", "192.0.2.1")])
        #expect(await world.ask(.get, "/throttles?limit=1000").head.status == .ok)
        #expect(try await world.ask(.get, "/throttles?limit=1001").problem().code == "value-refused")
    }
}
