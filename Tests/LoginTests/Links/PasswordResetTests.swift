import Core
import Store
import Synchronization
import Testing

@testable import Login

@Suite("Asking for a mail to reset a password")
struct PasswordResetTests {
    private func request(
        _ email: String = LoginWorld.email, tenant: String? = "acme", from address: String = "203.0.113.7",
        language: String = "en"
    ) throws -> PasswordReset.Request {
        guard let email = NormalizedEmail(email) else { throw Missing() }
        return PasswordReset.Request(
            tenant: try tenant.map { try tenantID($0) }, email: email, client: try clientAddress(address),
            language: language)
    }

    private func ask(_ reset: PasswordReset, _ request: PasswordReset.Request) async -> PasswordReset.Answer {
        let answer = reset.ask(request)
        await reset.settle()
        return answer
    }

    @Test("a member is sent a link to the tenant's own first host, in the page's language, good for half an hour")
    func sent() async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        let user = try await world.makeUser(tenant)
        try await world.store.tenants.update(tenant.tenant, audit: entry("tenant.hosts"), at: world.clock.wall()) {
            $0.hosts = ["acme.example.org", "other.example.org"]
        }
        let reset = PasswordReset(services: world.passwords())
        #expect(await ask(reset, try request(" ERIKA.muster@acme.example", language: "de")) == .accepted)
        let letter = try #require(try await world.letters(tenant).first)
        #expect(letter.kind == "password-reset" && letter.language == "de" && letter.recipient == LoginWorld.email)
        let link = try #require(letter.fields["link"])
        #expect(link.hasPrefix("https://acme.example.org:8443/.gatehouse/password/reset?token=acme."))
        #expect(letter.expiresAt == world.clock.wall().advanced(by: .minutes(30)))
        let visit = try world.visit(String(link.split(separator: "=")[1]))
        let links = PasswordLinks(.passwordReset, services: world.passwords())
        #expect(await links.look(visit).owner?.user == user.id)
        #expect(try await tenant.audit.entries().last?.action == "password.reset-asked")
    }

    @Test(
        "nobody else is sent anything, the answer is the same, and the audit log knows why",
        arguments: ["unknown", "disabled", "invited", "suspended", "not-admitted"])
    func notSent(why: String) async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        let state: User.State = why == "disabled" ? .disabled : why == "invited" ? .invited : .active
        if why != "unknown" { try await world.makeUser(tenant, state: state) }
        if why == "suspended" {
            try await world.store.tenants.update(
                tenant.tenant, audit: entry("tenant.suspended"), at: world.clock.wall()
            ) { $0.state = .suspended }
        }
        if why == "not-admitted" { try await world.forbidPasswords(in: tenant) }
        let reset = PasswordReset(services: world.passwords())
        #expect(await ask(reset, try request()) == .accepted)
        #expect(try await world.letters(tenant).isEmpty)
        let record = try #require(try await tenant.audit.entries().last)
        #expect(record.action == "password.reset-refused")
        let reasons = [
            "unknown": "user-unknown", "disabled": "user-disabled", "invited": "user-invited",
            "suspended": "tenant-suspended", "not-admitted": "method-not-allowed",
        ]
        #expect(record.publicDetails.first?.value == reasons[why])
    }

    @Test("without a tenant every tenant of the address sends its own link, three at most")
    func shared() async throws {
        let world = try await LoginWorld()
        var tenants: [TenantStore] = []
        for name in ["acme", "bolt"] {
            let tenant = try await world.makeTenant(name)
            try await world.makeUser(tenant)
            tenants.append(tenant)
        }
        let reset = PasswordReset(services: world.passwords())
        #expect(await ask(reset, try request(tenant: nil)) == .accepted)
        for tenant in tenants {
            let letters = try await world.letters(tenant)
            #expect(letters.count == 1)
            #expect(letters.first?.fields["link"]?.contains("?token=\(tenant.tenant).") == true)
        }
    }

    @Test("a member without a password may set the first one so")
    func first() async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant, password: nil)
        #expect(await ask(PasswordReset(services: world.passwords()), try request()) == .accepted)
        #expect(try await world.letters(tenant).map(\.kind) == ["password-reset"])
    }

    @Test("where no mail is configured nothing is taken in, and nothing is counted")
    func withoutMail() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        let reset = PasswordReset(services: world.passwords())
        world.settings.change { $0.mail = nil }
        #expect(await ask(reset, try request()) == .withoutMail)
        #expect(world.throttle.list().isEmpty)
    }

    @Test("an address is refused beyond its bucket, whether the account is there or not")
    func throttled() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        world.settings.change { $0.throttle.resetPerAccount = .init(failures: 2, per: .hours(1)) }
        let reset = PasswordReset(services: world.passwords())
        for email in [LoginWorld.email, "nobody@acme.example"] {
            #expect(await ask(reset, try request(email)) == .accepted)
            #expect(await ask(reset, try request(email)) == .accepted)
            #expect(await ask(reset, try request(email)) == .throttled(retryAfter: .minutes(30)))
        }
        world.settings.change { $0.throttle.reset = .init(failures: 4, per: .hours(1)) }
        #expect(await ask(reset, try request("x@acme.example")) == .throttled(retryAfter: .minutes(15)))
        #expect(await ask(reset, try request("x@acme.example", from: "203.0.113.8")) == .accepted)
        #expect(try await world.signIn().session != nil)
    }

    @Test("an account is sent so many mails and no more, whoever asks; the last one's link goes on to work")
    func bombed() async throws {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        try await world.makeUser(tenant)
        let reset = PasswordReset(services: world.passwords())
        for index in 0..<8 {
            #expect(await ask(reset, try request(from: "198.51.100.\(index)")) == .accepted)
            world.clock.advance(Milliseconds(1))
        }
        let letters = try await world.letters(tenant)
        #expect(letters.count == 5)
        let records = try await tenant.audit.entries().suffix(3)
        #expect(records.allSatisfy { $0.publicDetails.first?.value == "mails-exhausted" })
        let token = try #require(letters.last?.fields["link"]?.split(separator: "=").last)
        let links = PasswordLinks(.passwordReset, services: world.passwords())
        #expect(await links.look(try world.visit(String(token))).owner != nil)
    }

    @Test("errands are done in order, and beyond the bound none is taken")
    func bounded() async {
        let errands = BoundedErrands(bound: 2)
        let (done, gate) = (Shared<[Int]>([]), Gate())
        #expect(errands.add { await gate.wait() })
        await gate.entered()
        for number in 0..<2 { #expect(errands.add { done.change { $0.append(number) } }) }
        #expect(!errands.add { done.change { $0.append(9) } })
        gate.open()
        await errands.settle()
        #expect(done.value == [0, 1])
        #expect(errands.add { done.change { $0.append(2) } })
        await errands.settle()
        #expect(done.value == [0, 1, 2])
    }

    /// Holds whoever waits until it is opened.
    private final class Gate: Sendable {
        private let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        private let (openings, opening) = AsyncStream<Void>.makeStream()

        func wait() async {
            arrival.yield()
            for await _ in openings { return }
        }

        func entered() async { for await _ in arrivals { return } }

        func open() { opening.yield() }
    }
}
