import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("The page of sessions")
struct AccountSessionsTests {
    private let page = "/.gatehouse/account/sessions"
    private static let safariOnPhone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/18.0 Mobile/15E148 Safari/604.1"

    private func handle(_ member: SignedInMember) async throws -> SessionHandle {
        try #require(try await member.world.session(member.token)?.handle)
    }

    @Test("every browser is listed, this one first and without a button, with address and times")
    func listed() async throws {
        let phone = try await SignedInMember(userAgent: Self.safariOnPhone)
        phone.wait(.minutes(3))
        var desk = try await SignedInMember(in: phone.world)
        let shown = await desk.browser.get(page)
        let (own, other) = (try await handle(desk), try await handle(phone))
        #expect(shown.heading == "Where you are signed in")
        let names = shown.html.split(separator: "<h2><span>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        #expect(names.prefix(2).map { $0.trimming { $0 == " " } } == ["Firefox on Windows", "Safari on iPhone"])
        #expect(shown.html.contains("<strong class=\"tag\">this browser</strong>"))
        #expect(shown.html.contains("name=\"session\" value=\"\(other)\" aria-label=\"Sign out Safari on iPhone\""))
        #expect(!shown.html.contains("value=\"\(own)\""))
        for words in ["<dd>192.0.2.1</dd>", "<dd>just now</dd>", "<dd>3 minutes ago</dd>", "2 devices are known"] {
            #expect(shown.html.contains(words), "\(words)")
        }
    }

    @Test("one of them is ended, the loops are told, and a second try is no error")
    func one() async throws {
        let phone = try await SignedInMember(userAgent: Self.safariOnPhone)
        var desk = try await SignedInMember(in: phone.world)
        let other = try await handle(phone)
        let form = await desk.browser.get(page)
        let done = await desk.browser.submit(form, ["session": other.description])
        #expect(done.location == page + "?done=session")
        #expect(desk.world.with { $0.notices } == [.ended(.handle(other))])
        #expect(try await desk.world.session(phone.token) == nil)
        #expect(try await desk.world.session(desk.token) != nil)
        #expect(await desk.browser.submit(form, ["session": other.description]).location == page + "?done=session")
        #expect(await desk.browser.get(page).html.contains("You are signed in nowhere else."))
    }

    @Test("nobody ends a session of somebody else")
    func foreign() async throws {
        var desk = try await SignedInMember()
        let world = desk.world
        try await world.makeMember(of: "acme", "max@acme.example", password: "Auch-Sehr-Gut-7")
        var other = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let second = await other.submit(await other.get("/.gatehouse/login"), ["email": "max@acme.example"])
        _ = await other.submit(second, ["password": "Auch-Sehr-Gut-7"])
        let token = try #require(other.cookies["__Host-gatehouse"])
        let handle = try #require(try await world.session(token)?.handle)
        _ = await desk.browser.submit(await desk.browser.get(page), ["session": handle.description])
        #expect(try await world.session(token) != nil)
        #expect(world.with { $0.notices.isEmpty })
    }

    @Test("all others are ended, each told to the loops, and this one goes on")
    func others() async throws {
        let (phone, tablet) = try await { () async throws in
            let phone = try await SignedInMember(userAgent: Self.safariOnPhone)
            return (phone, try await SignedInMember(in: phone.world))
        }()
        var desk = try await SignedInMember(in: phone.world)
        let expected = Set([try await handle(phone), try await handle(tablet)])
        let done = await desk.browser.submit(await desk.browser.get(page), ["end": "others"])
        #expect(done.location == page + "?done=others")
        let told = desk.world.with { $0.notices }.compactMap { notice -> SessionHandle? in
            if case .ended(.handle(let handle)) = notice { handle } else { nil }
        }
        #expect(Set(told) == expected)
        #expect(await desk.browser.get(page).status == 200)
    }

    @Test("everywhere includes this browser, whose cookie goes")
    func everywhere() async throws {
        let phone = try await SignedInMember(userAgent: Self.safariOnPhone)
        var desk = try await SignedInMember(in: phone.world)
        let user = try await desk.user()
        let done = await desk.browser.submit(await desk.browser.get(page), ["end": "all"])
        #expect(done.location == "/.gatehouse/logout?done")
        #expect(desk.browser.cookies["__Host-gatehouse"] == nil)
        #expect(
            desk.world.with { $0.notices } == [.ended(.user(user.id, of: try #require(LoginWorld.acme)))])
        #expect(try await desk.world.session(phone.token) == nil)
    }

    @Test("known devices are counted and forgotten")
    func devices() async throws {
        var desk = try await SignedInMember()
        let form = await desk.browser.get(page)
        #expect(form.html.contains("One device is known"))
        #expect(await desk.browser.submit(form, ["end": "devices"]).location == page + "?done=devices")
        let after = await desk.browser.get(page)
        #expect(after.html.contains("No device is known."))
        #expect(!after.html.contains("value=\"devices\""))
    }

    @Test("a session whose time is over is not listed")
    func overdue() async throws {
        let phone = try await SignedInMember(userAgent: Self.safariOnPhone)
        phone.wait(.minutes(31))
        var desk = try await SignedInMember(in: phone.world)
        #expect(await desk.browser.get(page).html.contains("You are signed in nowhere else."))
    }

    @Test("a form that asks for nothing known changes nothing")
    func nothing() async throws {
        var desk = try await SignedInMember()
        let form = await desk.browser.get(page)
        #expect(await desk.browser.submit(form, ["end": "world"]).location == page)
        #expect(await desk.browser.submit(form, ["session": "../x"]).location == page)
        #expect(try await desk.world.session(desk.token) != nil)
    }
}

@Suite("Staying signed in")
struct RememberTests {
    private static let settings = LoginSettings(session: SessionSettings(remember: .hours(30 * 24)))

    @Test("where it is offered nobody is remembered who does not ask")
    func unasked() async throws {
        let member = try await SignedInMember(settings: Self.settings)
        #expect(try await member.storedSession().isRemembered == false)
    }

    @Test("who asks for it keeps the cookie for as long as the session, and a proof keeps it so")
    func asked() async throws {
        let world = try await LoginWorld(isScripted: false, settings: Self.settings)
        try await world.makeMember(of: "acme", SignedInMember.email, password: SignedInMember.password)
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": SignedInMember.email])
        #expect(second.html.contains("Stay signed in on this device for 30 days"))
        #expect(!second.html.contains(" checked"))
        let wrong = await browser.submit(second, ["password": "wrong", "remember": "1"])
        #expect(wrong.html.contains("value=\"1\" checked"))
        let right = await browser.submit(wrong, ["password": SignedInMember.password, "remember": "1"])
        let cookie = try #require(right.setCookies.first { $0.hasPrefix("__Host-gatehouse=") })
        #expect(cookie.hasSuffix("; SameSite=Lax; Max-Age=2592000"))
        world.with { $0.now += 86_400_000 }
        let question = await browser.get("/.gatehouse/account/proof")
        let proved = await browser.submit(question, ["password": SignedInMember.password])
        #expect(proved.setCookies.first?.hasSuffix("; Max-Age=2505600") == true)
    }

    @Test("where it is not offered nobody is asked, and nobody is remembered who says so all the same")
    func notOffered() async throws {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", SignedInMember.email, password: SignedInMember.password)
        let member = try await SignedInMember(in: world, filling: ["remember": "1"])
        #expect(try await member.storedSession().isRemembered == false)
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": SignedInMember.email])
        #expect(!second.html.contains("name=\"remember\""))
    }

    @Test("a member of several tenants is remembered by the choice that follows")
    func chosen() async throws {
        let world = try await LoginWorld(settings: Self.settings)
        var browser = try PortalBrowser(world)
        let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": "e@x.example"])
        let choices = try ["acme", "bolt"].map { id in
            TenantChoice(
                member: ProvedMember(
                    tenant: try #require(TenantID(id)), user: LoginWorld.user, epoch: 1,
                    at: WallTime(milliseconds: LoginWorld.start)), name: id)
        }
        world.say(.choose(choices))
        let choice = await browser.submit(second, ["password": "p", "remember": "1"])
        #expect(choice.fields["remember"] == "1")
    }
}

extension SignedInMember {
    func storedSession() async throws -> StoredSession {
        let tenant = try await world.store.tenant(try #require(LoginWorld.acme))
        let digest = try #require(SessionTokens.digest(token))
        return try #require(try await tenant.sessions.find(digest)).session
    }
}
