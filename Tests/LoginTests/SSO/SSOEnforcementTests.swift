import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Domains that sign in by their provider alone")
struct SSOEnforcementTests {
    private func world(_ excepted: [String] = []) async throws -> SSOWorld {
        let world = try await SSOWorld()
        try await world.changeTenant {
            $0.signIn.ssoDomains = .enforced
            $0.signIn.breakGlass = excepted
        }
        return world
    }

    @Test("a right password makes no session there; an address that the rule excepts, and another domain, go on")
    func passwords() async throws {
        let world = try await world(["it@acme.example"])
        for email in [LoginWorld.email, "it@acme.example", "guest@other.example"] {
            try await world.base.makeUser(world.tenant, email: email)
        }
        #expect(try await world.base.signIn() == .refused)
        #expect(try await world.base.signIn("it@acme.example").session != nil)
        #expect(try await world.base.signIn("guest@other.example").session != nil)
        let reasons = try await world.tenant.audit.entries(limit: 200)
            .filter { $0.action == "login.failed" }.flatMap(\.publicDetails).map(\.value)
        #expect(reasons == ["method-not-allowed"])
        // Without the rule the same password is good, and so it is where no connection is in use.
        try await world.changeTenant { $0.signIn.ssoDomains = .optional }
        #expect(try await world.base.signIn().session != nil)
        try await world.changeTenant { $0.signIn.ssoDomains = .enforced }
        world.settings.change { $0 = [] }
        world.base.settings.change { $0.plans.connectionDomains = { _ in [] } }
        #expect(try await world.base.signIn().session != nil)
    }

    @Test("what the plan book says of each way")
    func book() async throws {
        let world = try await world(["it@acme.example"])
        let tenant = try #require(try await world.base.store.tenants.find(world.id))
        let plans = world.base.settings.value.plans
        let (erika, it) = (
            try #require(NormalizedEmail(LoginWorld.email)), try #require(NormalizedEmail("it@acme.example"))
        )
        #expect(SignInMethod.allCases.map { plans.allows($0, for: erika, in: tenant) } == [false, false, true])
        #expect(SignInMethod.allCases.map { plans.allows($0, for: it, in: tenant) } == [true, true, true])
        #expect(plans.enforcesSSO(for: erika, in: tenant) && !plans.enforcesSSO(for: it, in: tenant))
        #expect(PlanBook() == plans)
    }

    @Test("a proof by password from before is worth nothing once the rule is there")
    func laterRule() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let member = ProvedMember(tenant: world.id, user: user.id, epoch: user.epoch, at: world.now)
        #expect(try await world.login.standing(of: member) != nil)
        try await world.changeTenant { $0.signIn.ssoDomains = .enforced }
        #expect(try await world.login.standing(of: member) == nil)
    }

    @Test("no passkey is made there, and other second factors are")
    func passkeys() async throws {
        let world = try await world(["it@acme.example"])
        let tenant = try #require(try await world.base.store.tenants.find(world.id))
        world.base.realm.value = PasskeyRealm(
            of: tenant, rpID: "acme.example.org", origins: ["https://acme.example.org"], plans: PlanBook())
        for (email, mayMake) in [(LoginWorld.email, false), ("it@acme.example", true)] {
            let user = try await world.base.makeUser(world.tenant, email: email)
            let standing = MemberStanding(tenant: tenant, store: world.tenant, user: user)
            let creation = try await world.login.creation(standing, try await world.tenant.factors.all(of: user.id))
            #expect((creation != nil) == mayMake)
            #expect(world.login.mayMakePasskey(standing) == mayMake)
        }
    }

    @Test("a member takes no address of a connection's domain, nor gives one up")
    func addresses() async throws {
        let world = try await SSOWorld(domains: ["acme.example", "acme.test"])
        world.base.settings.change { $0.plans.connectionDomains = { _ in ["acme.example"] } }
        let account = MemberAccount(
            store: world.base.store, settings: { [values = world.base.settings] in values.value },
            now: { [clock = world.base.clock] in clock.wall() })
        func change(_ from: String, to address: String) async throws {
            try await world.base.makeUser(world.tenant, email: from)
            let session = try #require(try await world.base.signIn(from).session)
            let holder = AccountHolder(tenant: world.id, user: session.user, session: session.handle)
            let email = try #require(NormalizedEmail(address))
            try await account.changeEmail(holder, to: (address, email), language: "en")
        }
        // Whoever took the address would wait in the account that its owner's first sign-in is led to.
        await #expect(throws: MemberAccount.AddressFault.unavailable) {
            try await change("guest@acme.test", to: "ceo@acme.example")
        }
        await #expect(throws: MemberAccount.AddressFault.unavailable) {
            try await change("max@acme.example", to: "max@acme.test")
        }
        try await change("otto@acme.test", to: "otto.neu@acme.test")
    }

    @Test("an address leads to its connection by its domain alone, whatever account has it")
    func route() async throws {
        let world = try await world(["it@acme.example"])
        func route(_ text: String) async throws -> SSORoute {
            await world.sso.route(of: try #require(NormalizedEmail(text)), at: world.id)
        }
        let offer = SSOOffer(tenant: world.id, name: world.name, displayName: "Okta")
        for address in ["nobody@acme.example", "it@acme.example"] {
            #expect(try await route(address) == .enforced(offer))
        }
        #expect(try await route("x@other.example") == .none)
        try await world.changeTenant { $0.signIn.ssoDomains = .optional }
        #expect(try await route("nobody@acme.example") == .offered(offer))
        world.settings.change { $0[0].hosts = ["sso.acme.example"] }
        #expect(world.sso.entry(at: "sso.acme.example", of: world.id)?.name == world.name)
        #expect(world.sso.entry(at: "acme.example.org", of: world.id) == nil)
        world.settings.change { $0[0].isEnabled = false }
        #expect(try await route("nobody@acme.example") == .none)
    }

    @Test("a password that had to be changed waits for the next sign-in by password")
    func mustChange() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer().session != nil)
        let session = try #require(try await world.answer().session)
        let hash = try normalized(LoginWorld.password).withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await world.tenant.users.setPassword(
            hash, of: session.user, mustChange: true, audit: entry("user.password-set", subject: session.user),
            at: world.now)
        #expect(try await world.answer().session != nil)
        guard case .mustChange = try await world.base.signIn() else {
            Issue.record("no change is asked for")
            return
        }
    }
}
