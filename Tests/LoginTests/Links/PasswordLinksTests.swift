import Core
import Store
import Testing

@testable import Login

@Suite("Links that set a password")
struct PasswordLinksTests {
    /// A world with a tenant, somebody invited there, and the invitation.
    private func invited() async throws -> (world: LoginWorld, tenant: TenantStore, user: User, visit: LinkVisit) {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        let user = try await world.makeUser(tenant, password: nil, state: .invited)
        return (world, tenant, user, try await world.link(.invitation, to: user, in: tenant))
    }

    @Test("showing a link tells its holder whose it is, and changes nothing")
    func shown() async throws {
        let (world, tenant, user, visit) = try await invited()
        let links = PasswordLinks(.invitation, services: world.passwords())
        for _ in 0..<2 {
            let owner = try #require(await links.look(visit).owner)
            #expect(owner.user == user.id && owner.email == LoginWorld.email && owner.name == "Erika Musterfrau")
            #expect(owner.tenant == tenant.tenant && owner.tenantName == "Acme GmbH")
            #expect(owner.expiresAt == world.clock.wall().advanced(by: .hours(7 * 24)))
        }
        #expect(try await tenant.users.find(user.id) == user)
    }

    @Test("an invitation sets the first password and signs nobody in; then its user can sign in")
    func accepted() async throws {
        let (world, tenant, user, visit) = try await invited()
        let links = PasswordLinks(.invitation, services: world.passwords())
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "done")
        #expect(try await tenant.sessions.list(of: user.id).isEmpty)
        #expect(try await tenant.audit.entries().last?.action == "invitation.accepted")
        #expect(try await world.letters(tenant).map(\.kind) == ["invitation"])
        #expect(try await world.signIn(LoginWorld.email, LoginWorld.newPassword).session != nil)
    }

    @Test("a link is worth nothing after its end, after a newer one, on another tenant's host, and for another purpose")
    func unusable() async throws {
        let (world, tenant, user, visit) = try await invited()
        try await world.makeTenant("bolt")
        let links = PasswordLinks(.invitation, services: world.passwords())
        func look(_ visit: LinkVisit) async -> LinkOutcome { await links.look(visit) }
        #expect(await look(try world.visit(visit.token, host: "bolt")) == .unusable)
        #expect(await look(try world.visit(visit.token, host: nil)).owner != nil)
        for token in ["", "acme", "acme.short", "nowhere.\(visit.token.dropFirst(5))", "\(visit.token)x", "\u{0}"] {
            #expect(await look(try world.visit(token, host: nil)) == .unusable, "\(token)")
        }
        let reset = PasswordLinks(.passwordReset, services: world.passwords())
        #expect(await reset.look(visit) == .unusable)
        let newer = try await world.link(.invitation, to: user, in: tenant)
        #expect(await look(visit) == .unusable)
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "unusable")
        world.clock.advance(.hours(7 * 24))
        #expect(await look(newer) == .unusable)
        #expect(await links.setPassword(secret(LoginWorld.newPassword), newer).word == "unusable")
    }

    @Test("a link of a tenant that is not active, and of a member who may have no password, is worth nothing")
    func barred() async throws {
        let (world, tenant, _, visit) = try await invited()
        let links = PasswordLinks(.invitation, services: world.passwords())
        try await world.forbidPasswords(in: tenant)
        #expect(await links.look(visit) == .unusable)
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "unusable")
        try await world.store.tenants.update(tenant.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.signIn = SignInRule(methods: [], breakGlass: [LoginWorld.email])
        }
        #expect(await links.look(visit).owner != nil)
        try await world.store.tenants.update(tenant.tenant, audit: entry("tenant.suspended"), at: world.clock.wall()) {
            $0.state = .suspended
        }
        #expect(await links.look(visit) == .unusable)
    }

    @Test("a password that breaks a rule is refused by its name, and the link is as good as before")
    func refused() async throws {
        let (world, _, _, visit) = try await invited()
        let links = PasswordLinks(.invitation, services: world.passwords())
        #expect(await links.setPassword(secret("Seven-Herons_4-Erika"), visit).word == "refused: personal-data")
        #expect(await links.setPassword(secret(""), visit).word.hasPrefix("refused: minimum-length"))
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "done")
    }

    @Test("a form that is sent twice leads to where it led the first time, for a while")
    func twice() async throws {
        let (world, _, _, visit) = try await invited()
        let links = PasswordLinks(.invitation, services: world.passwords())
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "done")
        #expect(await links.setPassword(secret("Another-Heron_9-Dinner"), visit).word == "spent")
        #expect(await links.look(visit) == .unusable)
        #expect(try await world.signIn(LoginWorld.email, LoginWorld.newPassword).session != nil)
        world.clock.advance(.minutes(11))
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "unusable")
    }

    @Test("links that fit nothing are throttled by their address; one that fits never is")
    func throttled() async throws {
        let (world, _, _, visit) = try await invited()
        world.settings.change { $0.throttle.invitation = .init(failures: 2, per: .hours(1)) }
        let links = PasswordLinks(.invitation, services: world.passwords())
        let wrong = try world.visit("acme.\(String(repeating: "A", count: 43))")
        #expect(await links.look(wrong) == .unusable)
        #expect(await links.look(wrong) == .unusable)
        #expect(await links.look(wrong) == .throttled(retryAfter: .minutes(30)))
        #expect(await links.setPassword(secret(LoginWorld.newPassword), wrong).word == "throttled")
        #expect(await links.look(try world.visit(wrong.token, from: "203.0.113.8")) == .unusable)
        #expect(await links.look(visit).owner != nil)
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "done")
    }

    @Test("a reset ends every session, and is told to the owner of the address")
    func reset() async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        let user = try await world.makeUser(tenant)
        let before = try #require(try await world.signIn().session)
        let visit = try await world.link(.passwordReset, to: user, in: tenant)
        let links = PasswordLinks(.passwordReset, services: world.passwords())
        #expect(await links.setPassword(secret(LoginWorld.password), visit).word.hasPrefix("refused"))
        #expect(await links.setPassword(secret(LoginWorld.newPassword), visit).word == "done")
        let digest = try #require(SessionTokens.digest(before.token))
        #expect(try await tenant.sessions.find(digest) == nil)
        #expect(try await tenant.sessions.list(of: user.id).isEmpty)
        let letters = try await world.letters(tenant)
        #expect(letters.map(\.kind).sorted() == ["password-changed", "password-reset"])
        #expect(letters.allSatisfy { $0.recipient == LoginWorld.email })
        let record = try #require(try await tenant.audit.entries().last { $0.action == "password.reset" })
        #expect(record.subject == user.id)
        #expect(record.sealedDetails?.first?.value == "203.0.113.7")
    }

    @Test("where no hash can be computed the link waits for another time")
    func busy() async throws {
        let world = try await LoginWorld(hashThreads: 0)
        let tenant = try await world.makeTenant()
        let user = try await world.makeUser(tenant, password: nil, state: .invited)
        let visit = try await world.link(.invitation, to: user, in: tenant)
        let links = PasswordLinks(.invitation, services: world.passwords())
        let task = Task { await links.setPassword(secret(LoginWorld.newPassword), visit) }
        while world.hashes.metrics.waiting == 0 { await Task.yield() }
        task.cancel()
        #expect(await task.value.word == "busy")
        #expect(await links.look(visit).owner != nil)
    }
}
