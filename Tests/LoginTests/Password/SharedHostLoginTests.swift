import Core
import Store
import Testing

@testable import Login

@Suite("Login on a shared host")
struct SharedHostLoginTests {
    @Test("a member of one tenant is found by the address")
    func index() async throws {
        let world = try await LoginWorld()
        try await world.makeTenant("other")
        try await world.makeUser(world.makeTenant())
        #expect(try await world.signIn(tenant: nil).session?.tenant.text == "acme")
    }

    @Test("the tenant that the e-mail's domain belongs to is asked, no other")
    func domain() async throws {
        let world = try await LoginWorld()
        let other = try await world.makeTenant("other")
        try await world.makeUser(other)
        let acme = try await world.makeTenant(domains: ["acme.example"])
        #expect(try await world.signIn(tenant: nil) == .refused)
        try await world.makeUser(acme)
        #expect(try await world.signIn(tenant: nil).session?.tenant.text == "acme")
    }

    @Test("two tenants with the same address and password: the member chooses")
    func choose() async throws {
        let world = try await LoginWorld()
        let users = [
            try await world.makeUser(world.makeTenant("acme")), try await world.makeUser(world.makeTenant("beta")),
        ]
        guard case .choose(let choices) = try await world.signIn(tenant: nil) else { throw Missing() }
        #expect(choices.map(\.name) == ["Acme GmbH", "Beta GmbH"])
        #expect(choices.map(\.member.user) == users.map(\.id))
        #expect(world.throttle.list().isEmpty && world.holds.value.isEmpty)
        let chosen = try #require(choices.last?.member)
        let outcome = await world.login.begin(
            chosen, client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox")
        #expect(outcome.session?.tenant.text == "beta" && outcome.session?.user == users[1].id)
    }

    @Test("two tenants with the same address and two passwords: the one that fits")
    func fits() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant("acme")
        try await world.makeUser(acme, password: "another password")
        try await world.makeUser(world.makeTenant("beta"))
        #expect(try await world.signIn(tenant: nil).session?.tenant.text == "beta")
        #expect(try await acme.audit.entries().last?.action == "login.failed")
    }

    @Test("at most three passwords are verified")
    func longest() async throws {
        let world = try await LoginWorld()
        for id in ["a", "b", "c", "d"] { try await world.makeUser(world.makeTenant(id)) }
        #expect(try await world.signIn(tenant: nil, from: "203.0.113.9").session == nil)
        #expect(world.hashesDone() == 3)
    }

    @Test("a member of more tenants than are tried at once reaches each of them by trying again")
    func rotation() async throws {
        let world = try await LoginWorld()
        for index in 0..<8 { try await world.makeUser(world.makeTenant("t\(index)"), password: "another") }
        try await world.makeUser(world.makeTenant("t8"))
        var session: SignedIn?
        var tries = 0
        while session == nil, tries < 100 {
            session = try await world.signIn(tenant: nil, from: "203.0.113.\(tries)").session
            tries += 1
        }
        #expect(session?.tenant.text == "t8")
        // A try was made, so it costs, though not every tenant was asked.
        #expect(world.hashesDone() == UInt64(tries * 3))
        #expect(world.throttle.list().filter { $0.kind == "account" }.allSatisfy { $0.failuresLeft == 9 })
    }

    @Test("an unknown address is refused with one hash, on a longer step, noted in the directory")
    func unknown() async throws {
        let world = try await LoginWorld()
        #expect(try await world.signIn(tenant: nil) == .refused)
        #expect(world.hashesDone() == 1)
        #expect(world.holds.value == [Milliseconds(500)])
        #expect(try await world.store.audit.entries().last?.action == "login.failed")
    }

    @Test("a choice is worth nothing after a new password, a disabling, a suspension or ten minutes")
    func staleChoice() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant("acme")
        let user = try await world.makeUser(acme)
        func begin(_ member: ProvedMember) async throws -> PasswordLoginOutcome {
            await world.login.begin(
                member, client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox")
        }
        func member(epoch: Int64 = 1) -> ProvedMember {
            ProvedMember(tenant: acme.tenant, user: user.id, epoch: epoch, at: world.clock.wall())
        }
        #expect(try await begin(member()).session != nil)
        #expect(try await begin(member(epoch: 2)) == .refused)
        let old = member()
        world.clock.advance(.minutes(10))
        #expect(try await begin(old).session != nil)
        world.clock.advance(Milliseconds(1))
        #expect(try await begin(old) == .refused)
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.state = .suspended
        }
        #expect(try await begin(member()) == .refused)
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.state = .active
        }
        try await acme.users.update(user.id, audit: entry("user.disabled"), at: world.clock.wall()) {
            $0.state = .disabled
        }
        #expect(try await begin(member()) == .refused)
        let nowhere = ProvedMember(tenant: try tenantID("nowhere"), user: user.id, epoch: 1, at: world.clock.wall())
        #expect(try await begin(nowhere) == .refused)
    }
}
