import Core
import Outbound
import Store
import Testing

@testable import Login

@Suite("The postman")
struct PostmanTests {
    /// A store with a member, and a mail server that answers as it is told.
    private struct World {
        let login: LoginWorld
        let tenant: TenantStore
        let user: User
        let answers = Shared<[Result<Void, DeliveryFailure>]>([])
        let sent = Shared<[MailMessage]>([])
        let reports = Shared<[String]>([])
        let timeout = Shared<Milliseconds?>(.seconds(30))

        init() async throws {
            login = try await LoginWorld()
            tenant = try await login.makeTenant()
            user = try await login.makeUser(tenant, password: nil)
        }

        func postman() -> Postman {
            let (clock, answers, sent, reports, timeout) = (login.clock, answers, sent, reports, timeout)
            return Postman(
                store: login.store,
                seams: Postman.Seams(
                    render: { letter, tenant in
                        guard letter.letter.kind != "poem", let from = MailAddress("gate@example.org"),
                            let to = MailAddress(letter.letter.recipient)
                        else { return nil }
                        return MailMessage(
                            from: from, to: to, subject: tenant.name, text: "", html: "", language: "en",
                            id: letter.id.description, date: letter.postedAt)
                    },
                    send: { message in
                        var answer: Result<Void, DeliveryFailure> = .success(())
                        answers.change { if !$0.isEmpty { answer = $0.removeFirst() } }
                        if case .success = answer { sent.change { $0.append(message) } }
                        return answer
                    }, timeout: { timeout.value }, now: { clock.wall() },
                    report: { report in
                        reports.change { reports in
                            switch report {
                            case .sent(let letter): reports.append("sent \(letter.maskedRecipient)")
                            case .deferred(_, _, let delay): reports.append("deferred \(delay.count / 1000)")
                            case .gaveUp(_, let words): reports.append("gave up: \(words)")
                            case .serverFailing(let words): reports.append("failing: \(words)")
                            case .serverWorking: reports.append("working")
                            case .storeFailing(let error): reports.append("store: \(error)")
                            }
                        }
                    }))
        }

        func post(_ kind: String = "k", lifetime: Milliseconds = .hours(72), to recipient: String = LoginWorld.email)
            async throws
        {
            let now = login.clock.wall()
            let letter = Letter(
                recipient: recipient, kind: kind, language: "en", fields: [:], expiresAt: now.advanced(by: lifetime))
            try await tenant.outbox.post(letter, to: user.id, at: now)
            // Letters of one moment go in any order.
            login.clock.advance(Milliseconds(1))
        }

        func waiting() async throws -> Int { try await tenant.outbox.standing().waiting }
    }

    @Test("a letter goes at the next turn after its posting, once")
    func sends() async throws {
        let world = try await World()
        let postman = world.postman()
        await postman.turn()
        try await world.post()
        await postman.turn()
        await postman.turn()
        #expect(world.sent.value.map(\.to.address) == [LoginWorld.email])
        #expect(world.sent.value.map(\.subject) == ["Acme GmbH"])
        #expect(try await world.waiting() == 0)
        #expect(world.reports.value == ["sent e…@acme.example"])
        #expect(postman.metrics.sent == 1 && postman.metrics.waiting == 0 && postman.fault == nil)
    }

    @Test("what an earlier run left goes at the first turn")
    func restart() async throws {
        let world = try await World()
        try await world.post()
        let postman = world.postman()
        await postman.turn()
        #expect(world.sent.value.count == 1)
    }

    @Test("a server that is down is asked at growing intervals, once for all letters, and gets them when it is back")
    func outage() async throws {
        let world = try await World()
        let postman = world.postman()
        for _ in 0..<3 { try await world.post() }
        world.answers.value = [.failure(.unavailable("no route")), .failure(.unavailable("no route"))]
        await postman.turn()
        #expect(world.answers.value.count == 1)
        await postman.turn()
        #expect(world.answers.value.count == 1)
        #expect(postman.fault == "no route")
        world.login.clock.advance(.seconds(1))
        await postman.turn()
        #expect(world.answers.value.isEmpty)
        world.login.clock.advance(.seconds(1))
        await postman.turn()
        #expect(world.sent.value.isEmpty)
        world.login.clock.advance(.seconds(1))
        await postman.turn()
        #expect(world.sent.value.count == 3)
        #expect(postman.fault == nil)
        #expect(world.reports.value.prefix(2) == ["failing: no route", "working"])
        #expect(postman.metrics.unavailable == 2)
    }

    @Test("a letter that is put off comes again by the schedule, and holds up no other")
    func deferral() async throws {
        let world = try await World()
        let postman = world.postman()
        try await world.post(to: "slow@acme.example")
        try await world.post()
        world.answers.value = [.failure(.deferred(code: 451, "later"))]
        await postman.turn()
        #expect(world.sent.value.map(\.to.address) == [LoginWorld.email])
        #expect(world.reports.value == ["deferred 15", "sent e…@acme.example"])
        world.answers.value = [.failure(.deferred(code: 451, "later"))]
        world.login.clock.advance(.seconds(14))
        await postman.turn()
        #expect(world.answers.value.count == 1)
        world.login.clock.advance(.seconds(1))
        await postman.turn()
        #expect(world.reports.value.last == "deferred 60")
        world.login.clock.advance(.seconds(60))
        await postman.turn()
        #expect(world.sent.value.count == 2)
        #expect(postman.metrics.deferred == 2)
    }

    @Test("a letter that is refused for good is given up, with an entry in the audit log")
    func refusal() async throws {
        let world = try await World()
        let postman = world.postman()
        try await world.post()
        world.answers.value = [.failure(.refused(code: 550, "no such user"))]
        await postman.turn()
        #expect(try await world.waiting() == 0)
        #expect(world.reports.value == ["gave up: 550 no such user"])
        let entry = try #require(try await world.tenant.audit.entries().last)
        #expect(entry.action == "mail.given-up" && entry.subject == world.user.id)
        #expect(entry.publicDetails == [.init("kind", "k"), .init("reason", "refused")])
        #expect(postman.metrics.givenUp == 1)
    }

    @Test("a letter whose time is over is given up, and so is one that nobody understands")
    func expiry() async throws {
        let world = try await World()
        let postman = world.postman()
        try await world.post(lifetime: .seconds(20))
        try await world.post("poem")
        world.answers.value = [.failure(.deferred(code: 451, "later"))]
        await postman.turn()
        world.login.clock.advance(.seconds(20))
        await postman.turn()
        #expect(try await world.waiting() == 0)
        #expect(world.sent.value.isEmpty)
        #expect(
            world.reports.value == [
                "deferred 15", "gave up: this version knows no such mail",
                "gave up: it could not be delivered in time",
            ])
    }

    @Test("without mail configured nothing is touched")
    func unconfigured() async throws {
        let world = try await World()
        let postman = world.postman()
        try await world.post()
        world.timeout.value = nil
        await postman.turn()
        #expect(try await world.waiting() == 1)
        world.timeout.value = .seconds(30)
        await postman.turn()
        #expect(world.sent.value.count == 1)
    }

    @Test("one tenant's many letters hold up no other tenant's one")
    func fairness() async throws {
        let world = try await World()
        let postman = world.postman()
        let other = try await world.login.makeTenant("other")
        let user = try await world.login.makeUser(other, email: "a@other.example", password: nil)
        for _ in 0..<Postman.lettersPerTurn + 5 { try await world.post() }
        let now = world.login.clock.wall()
        try await other.outbox.post(
            Letter(
                recipient: "a@other.example", kind: "k", language: "en", fields: [:],
                expiresAt: now.advanced(by: .hours(1))), to: user.id, at: now)
        await postman.turn()
        #expect(world.sent.value.count == Postman.lettersPerTurn + 1)
        #expect(world.sent.value.contains { $0.to.address == "a@other.example" })
        await postman.turn()
        #expect(world.sent.value.count == Postman.lettersPerTurn + 6)
    }
}
