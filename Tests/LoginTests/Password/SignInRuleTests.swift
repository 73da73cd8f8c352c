import Core
import Store
import Testing

@testable import Login

@Suite("How a tenant's members sign in")
struct SignInRuleTests {
    private func world(
        _ rule: SignInRule, plan: PlanSettings? = nil
    ) async throws -> (world: LoginWorld, acme: TenantStore) {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.signIn = rule
            $0.plan = plan?.name ?? ""
        }
        if let plan { world.settings.change { $0.plans = PlanBook([plan]) } }
        try await world.makeUser(acme)
        return (world, acme)
    }

    @Test("without a rule, and with one that names it, a password signs in")
    func allowed() async throws {
        for rule in [SignInRule(), SignInRule(methods: [.password])] {
            let (world, _) = try await world(rule)
            #expect(try await world.signIn().session != nil)
        }
    }

    @Test("a rule that leaves it out makes the right password the same refusal as a wrong one, for the same work")
    func excluded() async throws {
        let (world, acme) = try await world(SignInRule(methods: []))
        let before = world.hashesDone()
        #expect(try await world.signIn() == .refused)
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
        #expect(try await world.signIn("nobody@acme.example", "wrong") == .refused)
        #expect(world.hashesDone() == before + 3)
        #expect(world.holds.value == [AnswerPacing.standardStep, AnswerPacing.standardStep, AnswerPacing.standardStep])
        let reasons = try await acme.audit.entries().filter { $0.action == "login.failed" }
            .compactMap { $0.publicDetails.first?.value }
        #expect(reasons.prefix(2) == ["method-not-allowed", "method-not-allowed"])
    }

    @Test("a break-glass account signs in by password whatever rule and plan say, and by no other's address")
    func breakGlass() async throws {
        let rule = SignInRule(methods: [], breakGlass: ["erika.muster@acme.example"])
        let (world, acme) = try await world(rule, plan: PlanSettings(name: "free", methods: []))
        try await world.makeUser(acme, email: "max@acme.example")
        #expect(try await world.signIn("Erika.Muster@ACME.example").session != nil)
        #expect(try await world.signIn("max@acme.example") == .refused)
    }

    @Test("what a plan does not include is absent, and a plan that is not configured takes nothing away")
    func plan() async throws {
        let (world, acme) = try await world(SignInRule(), plan: PlanSettings(name: "free", methods: []))
        #expect(try await world.signIn() == .refused)
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.plan = "gone"
        }
        #expect(try await world.signIn().session != nil)
    }

    @Test("a rule that changed between the proof and the choice counts")
    func chosen() async throws {
        let (world, acme) = try await world(SignInRule())
        let user = try #require(try await acme.users.list().first)
        let proved = ProvedMember(tenant: acme.tenant, user: user.id, epoch: user.epoch, at: world.clock.wall())
        let client = try clientAddress("203.0.113.7")
        #expect(
            await world.login.begin(proved, client: client, deviceToken: nil, userAgent: "Firefox").session != nil)
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.signIn = SignInRule(methods: [])
        }
        #expect(await world.login.begin(proved, client: client, deviceToken: nil, userAgent: "Firefox") == .refused)
    }

    @Test("a plan takes roles of a tenant's own away, and leaves its networks in force")
    func limited() throws {
        let book = PlanBook([PlanSettings(name: "free", features: []), PlanSettings(name: "full")])
        let network = try #require(AddressRange("192.0.2.0/24"))
        var tenant = Tenant(
            id: try tenantID("acme"), name: "Acme", plan: "free", ownRoles: [try #require(RoleName("auditor"))],
            allowedNetworks: [network])
        #expect(book.limited(tenant).ownRoles.isEmpty)
        #expect(book.limited(tenant).allowedNetworks == [network])
        tenant.plan = "full"
        #expect(book.limited(tenant) == tenant)
        #expect(book.knows("full") && book.knows("") && !book.knows("gold"))
        #expect(PlanBook().knows("gold"))
    }
}
