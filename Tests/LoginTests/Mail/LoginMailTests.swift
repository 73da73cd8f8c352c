import Core
import Store
import Testing

@testable import Login

@Suite("Mails that sign-ins cause")
struct LoginMailTests {
    /// The notices that wait in a tenant's outbox, and to whom.
    private func letters(_ tenant: TenantStore, _ world: LoginWorld) async throws -> [Letter] {
        var letters: [Letter] = []
        while let taken = try await tenant.outbox.take(
            at: world.clock.wall(), until: world.clock.wall().advanced(by: .hours(1)))
        {
            letters.append(taken.letter)
            try await tenant.outbox.remove(taken.id)
        }
        return letters
    }

    private func configure(_ world: LoginWorld) {
        world.settings.change { $0.mail = MailSettings(language: "de", publicHost: "app.example.org") }
    }

    @Test("a sign-in from a browser that the account does not know is told, the first one and known ones are not")
    func newSignIn() async throws {
        let world = try await LoginWorld()
        configure(world)
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant)
        let device = try #require(try await world.signIn().session).deviceToken
        #expect(try await letters(tenant, world).isEmpty)
        #expect(try await world.signIn(device: device).session != nil)
        #expect(try await letters(tenant, world).isEmpty)
        #expect(try await world.signIn(from: "198.51.100.1", userAgent: "Firefox/1\r\n\u{7}").session != nil)
        let told = try await letters(tenant, world)
        #expect(told.map(\.recipient) == [LoginWorld.email])
        #expect(told.map(\.language) == ["de"])
        #expect(
            told.map { MailNotice($0) } == [
                .newSignIn(at: world.clock.wall(), device: "Firefox/1", address: "198.51.100.1")
            ])
    }

    @Test("a mail is in the language of the member's own browsers, whatever a stranger's is")
    func language() async throws {
        let world = try await LoginWorld()
        configure(world)
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant)
        let device = try #require(try await world.signIn(language: "en").session).deviceToken
        #expect(try await world.signIn(language: "de").session != nil)
        #expect(try await letters(tenant, world).map(\.language) == ["en"])
        #expect(try await world.signIn(device: device, language: "de").session != nil)
        #expect(try await world.signIn(language: "en").session != nil)
        #expect(try await letters(tenant, world).map(\.language) == ["de"])
    }

    @Test("without mail configured nothing is written")
    func unconfigured() async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant)
        for _ in 0..<3 { #expect(try await world.signIn().session != nil) }
        #expect(try await letters(tenant, world).isEmpty)
    }

    @Test("an address that is shut out is told to the tenant's active administrators, once an hour")
    func throttled() async throws {
        let world = try await LoginWorld()
        configure(world)
        world.settings.change {
            $0.throttle = ThrottleSettings(
                perAddress: .init(failures: 5, per: .hours(24)),
                perAccountAndAddress: .init(failures: 5, per: .minutes(15)))
        }
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant)
        let role = try #require(RoleName("admin"))
        for (email, roles, state) in [
            ("chief@acme.example", [role], User.State.active), ("gone@acme.example", [role], .disabled),
            ("nobody@acme.example", [], .active),
        ] {
            let user = User(state: state, roles: roles, email: email, name: "N")
            _ = try await tenant.users.create(
                user, audit: entry("user.created", subject: user.id), at: world.clock.wall())
        }
        for _ in 0..<5 { #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused) }
        world.clock.advance(.seconds(10))
        try await world.alerts.flush()
        #expect(try await letters(tenant, world).isEmpty)
        for _ in 0..<3 { #expect(try await world.signIn().isThrottled) }
        world.clock.advance(.seconds(5))
        for _ in 0..<3 { try await world.alerts.flush() }
        let told = try await letters(tenant, world)
        #expect(told.map(\.recipient) == ["chief@acme.example"])
        guard case .loginsThrottled("203.0.113.7", 5, 1, _, 0) = told.first.flatMap({ MailNotice($0) }) else {
            Issue.record("\(told)")
            return
        }
        #expect(try await world.signIn().isThrottled)
        world.clock.advance(.seconds(10))
        try await world.alerts.flush()
        #expect(try await letters(tenant, world).isEmpty)
    }

    @Test("guesses at one account from many addresses are told once, with the account")
    func attacked() async throws {
        let world = try await LoginWorld()
        configure(world)
        world.settings.change { $0.throttle.perAccount = .init(failures: 5, per: .hours(1)) }
        let tenant = try await world.makeTenant()
        let role = try #require(RoleName("admin"))
        let user = try await world.makeUser(tenant)
        try await tenant.users.update(user.id, audit: entry("roles", subject: user.id), at: world.clock.wall()) {
            $0.roles = [role]
        }
        for number in 1...12 {
            #expect(try await world.signIn(LoginWorld.email, "wrong", from: "198.51.100.\(number)") == .refused)
        }
        world.clock.advance(.seconds(5))
        for _ in 0..<3 { try await world.alerts.flush() }
        let told = try await letters(tenant, world)
        #expect(told.count == 1)
        guard case .accountAttacked(LoginWorld.email, 12, 12, _, 0) = told.first.flatMap({ MailNotice($0) }) else {
            Issue.record("\(told)")
            return
        }
    }

    @Test("an account that is not there is nobody's alert")
    func unknown() async throws {
        let world = try await LoginWorld()
        configure(world)
        world.settings.change { $0.throttle.perAccount = .init(failures: 2, per: .hours(1)) }
        let tenant = try await world.makeTenant()
        for number in 1...6 {
            #expect(try await world.signIn("x@acme.example", "wrong", from: "198.51.100.\(number)") == .refused)
        }
        world.clock.advance(.seconds(5))
        try await world.alerts.flush()
        #expect(try await letters(tenant, world).isEmpty)
    }
}
