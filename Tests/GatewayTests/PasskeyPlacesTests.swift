import Access
import Core
import Login
import Store
import Testing

@testable import Gateway

@Suite("For whom passkeys are made, and where they may be used")
struct PasskeyPlacesTests {
    private static let acme = TenantID("acme")

    private func places(
        hosts: [String], port: UInt16 = 443, portal: String? = nil, shared: [String] = ["shared.example.org"]
    ) throws -> PasskeyPlaces {
        var access = AccessSettings(publicHost: "app.example.org", publicPort: port, sharedHosts: shared)
        access.portalHost = portal
        access.tenants = [TenantSettings(id: try #require(Self.acme), name: "Acme", hosts: hosts)]
        return PasskeyPlaces(access)
    }

    private func realm(
        _ places: PasskeyPlaces, _ change: (inout Tenant) -> Void = { _ in }, plans: PlanBook = PlanBook()
    ) throws -> PasskeyRealm? {
        var tenant = Tenant(id: try #require(Self.acme), name: "Acme GmbH")
        change(&tenant)
        return places.realm(of: tenant, plans: plans)
    }

    @Test("a tenant with hosts is its first one, and asks on each of them and no other")
    func own() throws {
        let realm = try #require(try realm(places(hosts: ["acme.example.org", "acme.example"])))
        #expect(realm.rpID == "acme.example.org")
        #expect(realm.name == "Acme GmbH")
        #expect(realm.origins == ["https://acme.example.org", "https://acme.example"])
        #expect(realm.signsIn)
    }

    @Test("a tenant without hosts is public_url's host, and asks on the shared ones")
    func shared() throws {
        let realm = try #require(try realm(places(hosts: [], port: 8443)))
        #expect(realm.rpID == "app.example.org")
        #expect(realm.origins == ["https://app.example.org:8443", "https://shared.example.org:8443"])
        #expect(try places(hosts: ["acme.example.org"]).origins(of: nil).first == "https://app.example.org")
    }

    @Test("portal_host may ask for every tenant's")
    func portal() throws {
        let realm = try #require(try realm(places(hosts: ["acme.example.org"], portal: "id.example.org")))
        #expect(realm.origins == ["https://acme.example.org", "https://id.example.org"])
        #expect(
            try places(hosts: [], portal: "id.example.org").origins(of: nil).last == "https://id.example.org")
    }

    @Test("rp_id chooses another domain, and other origins it does not")
    func chosen() throws {
        let realm = try #require(
            try realm(places(hosts: ["acme.example.org"])) { $0.passkeys = PasskeyRule(rpID: "example.org") })
        #expect(realm.rpID == "example.org")
        #expect(realm.origins == ["https://acme.example.org"])
    }

    @Test("an address is nobody's domain", arguments: ["192.0.2.7", "[2001:db8::1]"])
    func addresses(host: String) throws {
        #expect(try realm(places(hosts: [host])) == nil)
    }

    @Test("what authenticators may be used goes with it")
    func authenticators() throws {
        let model = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
        let realm = try #require(
            try realm(places(hosts: ["acme.example.org"])) {
                $0.passkeys = PasskeyRule(attestation: .attested, allow: [model], deny: [])
            })
        #expect(realm.asksForAttestation)
        #expect(realm.allowed.count == 1)
        #expect(try #require(try self.realm(places(hosts: ["acme.example.org"]))).asksForAttestation == false)
    }

    @Test("a passkey alone signs in where rule and plan allow it")
    func alone() throws {
        let places = try places(hosts: ["acme.example.org"])
        let words = PlanBook([PlanSettings(name: "words", methods: [.password])])
        #expect(try realm(places) { $0.signIn = SignInRule(methods: [.password]) }?.signsIn == false)
        #expect(try realm(places) { $0.signIn = SignInRule(methods: [.passkey]) }?.signsIn == true)
        #expect(try realm(places, { $0.plan = "words" }, plans: words)?.signsIn == false)
    }

    @Test("the book tells both, as the store's tenants are now")
    func book() throws {
        let (book, acme) = (TenantBook(), try #require(Self.acme))
        #expect(book.passkeyRealm(of: acme, plans: PlanBook()) == nil)
        let tenant = Tenant(id: acme, name: "Acme", hosts: ["acme.example.org"])
        let access = AccessSettings(publicHost: "app.example.org", roles: []).with([tenant]).access
        book.replace(tenants: [tenant], access: access, places: [:])
        #expect(book.passkeyRealm(of: acme, plans: PlanBook())?.rpID == "acme.example.org")
        #expect(book.passkeyOrigins(of: acme) == ["https://acme.example.org"])
        #expect(book.passkeyOrigins(of: nil) == ["https://app.example.org"])
    }

    @Test("grace is given to whom the rule asks")
    func grace() throws {
        let (book, acme) = (TenantBook(), try #require(Self.acme))
        let (user, admin) = (try #require(RoleName("user")), try #require(RoleName("admin")))
        func grace(_ rule: Tenant.SecondFactor, _ roles: [RoleName]) -> Milliseconds {
            var tenant = Tenant(id: acme, name: "Acme", secondFactor: rule)
            tenant.secondFactorGrace = .hours(24)
            book.replace(tenants: [tenant], access: AccessSettings(), places: [:])
            return book.secondFactorGrace(of: acme, roles: roles)
        }
        #expect(grace(.required, [user]) == .hours(24))
        #expect(grace(.requiredForRoles([admin]), [user, admin]) == .hours(24))
        #expect(grace(.requiredForRoles([admin]), [user]) == Milliseconds(0))
        #expect(grace(.optional, [user]) == Milliseconds(0))
        #expect(grace(.none, [user]) == Milliseconds(0))
    }
}
