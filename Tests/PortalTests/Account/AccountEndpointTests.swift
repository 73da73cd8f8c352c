import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

/// A member of acme who has signed in through the forms.
struct SignedInMember {
    static let email = "erika@acme.example"
    static let password = "Richtig-Gut-2025"

    let world: LoginWorld
    var browser: PortalBrowser

    init(settings: LoginSettings = LoginSettings(), userAgent: String = firefoxOnWindows) async throws {
        let world = try await LoginWorld(isScripted: false, settings: settings)
        try await world.makeMember(of: "acme", Self.email, password: Self.password)
        try await self.init(in: world, userAgent: userAgent)
    }

    /// Another browser of the same member.
    init(in world: LoginWorld, userAgent: String = firefoxOnWindows, filling more: [String: String] = [:]) async throws
    {
        self.world = world
        browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        browser.fields[.userAgent] = userAgent
        let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": Self.email])
        _ = await browser.submit(second, more.merging(["password": Self.password]) { $1 }.mapValues { Optional($0) })
        world.with { $0.notices = [] }
    }

    var token: String { browser.cookies["__Host-gatehouse"] ?? "" }

    /// The member as the store has them.
    func user() async throws -> User {
        let users = try await world.store.tenant(try #require(LoginWorld.acme)).users
        let address = try #require(try await world.session(token)?.user)
        return try #require(try await users.find(address))
    }

    /// So much later.
    func wait(_ span: Milliseconds) { world.with { $0.now += Int64(span.count) } }

    static let firefoxOnWindows =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
}

@Suite("The account page")
struct AccountEndpointTests {
    private let page = "/.gatehouse/account"

    @Test("a visitor is led to the login and back, by GET and by POST")
    func visitor() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        for path in [page, page + "/sessions", page + "/email", page + "/proof"] {
            #expect(await browser.get(path).location == "/.gatehouse/login?return_to=\(path)")
            #expect(await browser.post(path, ["name": "x"]).location == "/.gatehouse/login?return_to=\(path)")
        }
    }

    @Test("a member sees their own data, escaped, in both languages")
    func shown() async throws {
        var member = try await SignedInMember()
        let english = await member.browser.get(page)
        #expect(english.status == 200)
        #expect(english.heading == "Your data")
        #expect(english.fields["name"] == "Erika Muster")
        for words in ["erika@acme.example", "Acme GmbH", "21 November 2025, 22:00 UTC", "aria-current=\"page\""] {
            #expect(english.html.contains(words), "\(words)")
        }
        let german = await member.browser.get(page + "?lang=de")
        #expect(german.heading == "Ihre Daten")
        #expect(german.html.contains("21. November 2025, 22:00 UTC"))
        #expect(member.browser.cookies["__Host-gatehouse-lang"] == "de")
        #expect(await member.browser.get(page).heading == "Ihre Daten")
    }

    @Test("a name is changed at once, the loops are told, and loading the page again repeats nothing")
    func renamed() async throws {
        var member = try await SignedInMember()
        let user = try await member.user()
        let done = await member.browser.submit(
            await member.browser.get(page), ["name": " Erika <b>Müller</b> "])
        #expect(done.status == 303)
        #expect(done.location == page + "?done=name")
        #expect(try await member.user().name == "Erika <b>Müller</b>")
        #expect(
            member.world.with { $0.notices } == [.changed(user: user.id, of: try #require(LoginWorld.acme))])
        let after = await member.browser.get(done.location ?? "")
        #expect(after.html.contains("Your name has been changed."))
        #expect(after.html.contains("Erika &lt;b&gt;Müller&lt;/b&gt;"))
        let log = try await member.world.store.tenant(try #require(LoginWorld.acme)).audit
        let last = try #require(try await log.entries().last)
        #expect(last.action == "account.name-changed")
        #expect(last.actor == .user(user.id))
    }

    @Test(
        "a name that is none is shown again with what is wrong, linked to its field",
        arguments: ["", "   ", "a\u{0}b", "a\u{202E}b", String(repeating: "ä", count: 101)])
    func badName(name: String) async throws {
        var member = try await SignedInMember()
        let refused = await member.browser.submit(await member.browser.get(page), ["name": name])
        #expect(refused.status == 422)
        #expect(refused.html.contains("<title>Error: Your data · Acme GmbH</title>"))
        #expect(refused.html.contains("<a href=\"#name\" id=\"fault\">Enter your name"))
        #expect(refused.html.contains("aria-invalid=\"true\" aria-describedby=\"fault\""))
        #expect(try await member.user().name == "Erika Muster")
    }

    @Test("a form of somebody else, of nobody or from elsewhere changes nothing")
    func forged() async throws {
        var member = try await SignedInMember()
        let form = await member.browser.get(page)
        var other = try await SignedInMember(in: member.world)
        let foreign = await other.browser.get(page).fields["csrf"]
        for csrf in [nil, "", String(repeating: "A", count: 43), foreign] {
            let refused = await member.browser.submit(form, ["name": "Mallory", "csrf": csrf])
            #expect(refused.status == 403)
            #expect(refused.html.contains("<code>form-refused</code>"))
        }
        let elsewhere = await member.browser.submit(form, ["name": "Mallory"], with: [.secFetchSite: "cross-site"])
        #expect(elsewhere.html.contains("<code>cross-origin</code>"))
        let framed = await member.browser.submit(form, ["name": "Mallory"], with: [.secFetchDest: "iframe"])
        #expect(framed.html.contains("<code>cross-origin</code>"))
        #expect(await member.browser.submit(form, ["name": "M"], with: [.contentType: "text/plain"]).status == 415)
        #expect(try await member.user().name == "Erika Muster")
        #expect(await member.browser.submit(form, ["name": "Erika M."]).status == 303)
    }

    @Test("where the session has ended meanwhile the form leads to the login and back")
    func ended() async throws {
        var member = try await SignedInMember()
        let form = await member.browser.get(page)
        let tenant = try await member.world.store.tenant(try #require(LoginWorld.acme))
        _ = try await tenant.sessions.revokeAll(
            of: nil, audit: AuditEntry(action: "test", actor: .system), at: WallTime(milliseconds: LoginWorld.start))
        #expect(
            await member.browser.submit(form, ["name": "x"]).location
                == "/.gatehouse/login?return_to=/.gatehouse/account")
    }

    @Test("a suspended tenant's members see no account")
    func suspended() async throws {
        var member = try await SignedInMember()
        member.browser.isTenantSuspended = true
        #expect(await member.browser.get(page).html.contains("<code>tenant-suspended</code>"))
    }
}
