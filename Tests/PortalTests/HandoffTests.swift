import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("One sign-in for several hosts of a tenant")
struct HandoffTests {
    private typealias Hosts = HostsBrowser

    /// A browser that is signed in on acme's first host.
    private func signedIn() async throws -> HostsBrowser {
        var browser = try HostsBrowser(await Hosts.world())
        let end = await browser.signIn(await browser.open(Hosts.acmeFirst, "/.gatehouse/login?return_to=/app"))
        #expect(end.location == "https://acme.example.org:8443/app")
        return browser
    }

    /// The address with which the first host sends a code to the other one.
    private func codeAddress(_ browser: inout HostsBrowser, returnTo: String = "/x") async throws -> String {
        let departure = await browser.ask("https://\(Hosts.acmeOther):8443/.gatehouse/login?return_to=\(returnTo)")
        let given = await browser.ask(try #require(departure.location))
        let address = try #require(given.location)
        #expect(address.hasPrefix("https://shop.example.net:8443/.gatehouse/session/handoff?code=acme."))
        return address
    }

    @Test("a visitor of another host signs in on the first one and ends where they wanted to go")
    func walk() async throws {
        var browser = try HostsBrowser(await Hosts.world())
        let first = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=/cart%3Fid%3D7")
        #expect(first.host == Hosts.acmeFirst)
        #expect(first.page.heading == "Sign in")
        #expect(first.page.html.contains("<p>Acme GmbH</p>"))
        let second = await browser.submit(first, ["email": Hosts.email])
        #expect(second.host == Hosts.acmeFirst && second.page.fields["password"] == "")
        let end = await browser.submit(second, ["password": Hosts.password])
        #expect(end.host == Hosts.acmeOther)
        #expect(end.location == "https://shop.example.net:8443/cart?id=7")
        let (one, other) = (
            try #require(browser.cookie("", on: Hosts.acmeFirst)), try #require(browser.cookie("", on: Hosts.acmeOther))
        )
        #expect(one != other)
        let sessions = (try await browser.world.session(one), try await browser.world.session(other))
        #expect(sessions.0?.handle == sessions.1?.handle)
        #expect(sessions.0?.host == nil && sessions.1?.host == Hosts.acmeOther)
        #expect(end.page.setCookies == ["__Host-gatehouse=\(other); Path=/; Secure; HttpOnly; SameSite=Lax"])
    }

    @Test("who is signed in on the first host meets no page on the others")
    func silent() async throws {
        var browser = try await signedIn()
        for host in [Hosts.acmeOther, Hosts.acmeThird] {
            let end = await browser.open(host, "/.gatehouse/login?return_to=/x")
            #expect(end.location == "https://\(host):8443/x")
            #expect(browser.journey.count == 4)
        }
        // On the first host itself nothing is handed over.
        #expect(await browser.open(Hosts.acmeFirst, "/.gatehouse/login?return_to=/y").location?.hasSuffix("/y") == true)
        #expect(browser.journey.count == 2)
    }

    @Test("an end on any host ends the session of all")
    func signedOut() async throws {
        var browser = try await signedIn()
        _ = await browser.open(Hosts.acmeOther, "/.gatehouse/login")
        let question = await browser.open(Hosts.acmeOther, "/.gatehouse/logout")
        #expect(question.host == Hosts.acmeOther)
        let done = await browser.submit(question, [:])
        #expect(done.page.heading == "You are signed out")
        let left = try #require(browser.cookie("", on: Hosts.acmeFirst))
        #expect(try await browser.world.session(left) == nil)
    }

    @Test("a code works once; who comes with it again is signed in already, or begins anew")
    func replayed() async throws {
        var browser = try await signedIn()
        let address = try await codeAddress(&browser)
        #expect(await browser.ask(address).page.setCookies.count == 1)
        let again = await browser.ask(address)
        #expect(again.location?.hasSuffix("/x") == true && again.page.setCookies.isEmpty)
        browser.set("", on: Hosts.acmeOther, to: nil)
        let fresh = await browser.ask(address)
        #expect(fresh.location == "https://shop.example.net:8443/.gatehouse/login?return_to=/x")
        #expect(fresh.page.setCookies.isEmpty)
    }

    @Test("a code of another browser makes no session, whether this one has been here before or not")
    func planted() async throws {
        var attacker = try await signedIn()
        let address = try await codeAddress(&attacker)
        var stranger = attacker.another()
        let refused = await stranger.ask(address)
        #expect(refused.status == 403 && refused.page.html.contains("<code>handoff-refused</code>"))
        #expect(refused.page.html.contains("href=\"/.gatehouse/login?return_to=/x\""))
        #expect(refused.page.setCookies.isEmpty)
        var victim = attacker.another()
        _ = await victim.ask("https://\(Hosts.acmeOther):8443/.gatehouse/login")
        let anew = await victim.ask(address)
        #expect(anew.location == "https://shop.example.net:8443/.gatehouse/login?return_to=/x")
        #expect(victim.cookie("", on: Hosts.acmeOther) == nil)
    }

    @Test("a code with the state of another journey of the same browser is worth nothing, and is used up")
    func swapped() async throws {
        var browser = try await signedIn()
        let address = try await codeAddress(&browser)
        let departure = await browser.ask("https://\(Hosts.acmeOther):8443/.gatehouse/login?return_to=/x")
        let state = try #require(departure.location?.between("&state=", "&"))
        let own = try #require(address.between("&state=", "&"))
        let refused = await browser.ask(address.replacing(own, with: state))
        #expect(refused.status == 403 && refused.page.setCookies.isEmpty)
        let late = await browser.ask(address)
        #expect(late.status == 403 && late.page.setCookies.isEmpty)
    }

    @Test("a code is worth nothing on another host of the tenant, and on another tenant's", arguments: [0, 1])
    func otherHost(index: Int) async throws {
        let host = [Hosts.acmeThird, Hosts.shared][index]
        var browser = try await signedIn()
        let address = try await codeAddress(&browser)
        let other = await browser.ask(address.replacing(Hosts.acmeOther, with: host))
        // The shared host signs in by itself and takes no code; the other one begins anew.
        #expect(other.status == (index == 0 ? 403 : 404))
        #expect(browser.cookie("", on: host) == nil)
    }

    @Test("after half a minute a code is worth nothing; the way from there leads in")
    func expired() async throws {
        var browser = try await signedIn()
        let address = try await codeAddress(&browser)
        browser.world.with { $0.now += 30_000 }
        let late = await browser.ask(address)
        #expect(late.status == 403 && browser.cookie("", on: Hosts.acmeOther) == nil)
        let way = try #require(late.page.html.between("class=\"actions\"><a", "</a>")?.between("href=\"", "\""))
        #expect(await browser.open(Hosts.acmeOther, way).location?.hasSuffix("/x") == true)
    }

    @Test("a state that is older than a form, or none, begins anew and leads in")
    func stale() async throws {
        var browser = try await signedIn()
        let departure = await browser.ask("https://\(Hosts.acmeOther):8443/.gatehouse/login?return_to=/x")
        let kept = try #require(departure.location)
        browser.world.with { $0.now += 31 * 60_000 }
        let end = await browser.follow(await browser.ask(kept))
        #expect(end.location == "https://shop.example.net:8443/x")
        browser.set("", on: Hosts.acmeOther, to: nil)
        let bookmark = "https://\(Hosts.acmeFirst):8443/.gatehouse/session/handoff?to=\(Hosts.acmeOther)&return_to=/y"
        #expect(await browser.follow(await browser.ask(bookmark)).location == "https://shop.example.net:8443/y")
    }

    @Test("a browser that keeps no cookie is told so, and not sent round")
    func withoutCookies() async throws {
        var browser = try await signedIn()
        browser.withoutCookies = [Hosts.acmeOther]
        let end = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=/x")
        #expect(end.status == 403)
        #expect(end.page.html.contains("Cookies must be allowed"))
        #expect(browser.journey.count == 3)
        browser = browser.another()
        browser.withoutCookies = [Hosts.acmeFirst, Hosts.acmeOther]
        let form = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=/x")
        let refused = await browser.signIn(form)
        #expect(refused.status == 403 && refused.page.html.contains("<code>form-refused</code>"))
    }

    @Test(
        "a code leaves for no host but those that sign in here",
        arguments: [
            Hosts.bolt, Hosts.shared, "evil.example", "shop.example.net:8443", "shop.example.net:1", "SHOP.example.net",
            "shop.example.net.evil.example", "evil.example%2F.shop.example.net", "shop.example.net%40evil.example",
            "%2F%2Fevil.example", "", "acme.example.org",
        ])
    func openRedirect(to: String) async throws {
        var browser = try await signedIn()
        let state = String(repeating: "a", count: 43)
        let answer = await browser.ask(
            "https://\(Hosts.acmeFirst):8443/.gatehouse/session/handoff?to=\(to)&state=\(state)&return_to=/x")
        #expect(answer.status == 404)
        #expect(answer.location == nil)
    }

    @Test(
        "a way back that is no path on the other host is dropped",
        arguments: [
            "//evil.example/", "/%5Cevil.example", "https://evil.example/", "javascript:alert(1)", "/%2F..%2F/",
            "%09//evil.example", "/.gatehouse/login",
        ])
    func unsafeReturn(to target: String) async throws {
        var browser = try await signedIn()
        let encoded = target.replacing("%", with: "%25")
        for target in [target, encoded] {
            browser.set("", on: Hosts.acmeOther, to: nil)
            let end = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=\(target)")
            let location = try #require(end.location)
            #expect(location.hasPrefix("https://shop.example.net:8443/"), "\(location)")
            #expect(!location.contains("evil.example") || location.contains("%"), "\(location)")
        }
    }

    @Test("a way back that would make the address too long is left out")
    func longReturn() async throws {
        var browser = try await signedIn()
        let target = "/" + String(repeating: "%3F", count: 700)
        let end = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=\(target)")
        #expect(end.location == "https://shop.example.net:8443/")
    }

    @Test("the form of a sign-in for another host may lead to that host and nowhere else")
    func formPolicy() async throws {
        var browser = try HostsBrowser(await Hosts.world())
        let away = await browser.open(Hosts.acmeOther, "/.gatehouse/login")
        let policy = try #require(away.page.response.head.headerFields[.contentSecurityPolicy])
        #expect(policy.contains("form-action 'self' https://shop.example.net:8443;"))
        let own = await browser.open(Hosts.acmeFirst, "/.gatehouse/login")
        #expect(
            own.page.response.head.headerFields[.contentSecurityPolicy]?.contains("form-action 'self';") == true)
    }

    @Test("a password that must be changed first stands in nobody's way to the other host")
    func forcedChange() async throws {
        let world = try await Hosts.world()
        let (email, acme) = ("neu@acme.example", try #require(LoginWorld.acme))
        let user = try await world.makeMember(of: "acme", email, password: Hosts.password)
        guard case .own(let hash)? = user.passwordHash else { throw StoreConflict.notFound }
        try await world.store.tenant(acme).users.setPassword(
            hash, of: user.id, mustChange: true, audit: AuditEntry(action: "test.prepared", actor: .system),
            at: WallTime(milliseconds: LoginWorld.start))
        var browser = try HostsBrowser(world)
        let form = await browser.open(Hosts.acmeOther, "/.gatehouse/login?return_to=/x")
        let page = await browser.signIn(form, email: email)
        #expect(page.page.heading == "Choose another password")
        let policy = try #require(page.page.response.head.headerFields[.contentSecurityPolicy])
        #expect(policy.contains("form-action 'self' https://shop.example.net:8443;"))
        let end = await browser.submit(page, ["password": "Grey-Otters_9-Lantern"])
        #expect(end.location == "https://shop.example.net:8443/x")
    }

    @Test("only a page load hands over or receives; a frame and a script do not")
    func documents() async throws {
        var browser = try await signedIn()
        let departure = await browser.ask("https://\(Hosts.acmeOther):8443/.gatehouse/login")
        let address = try #require(departure.location)
        browser.fields[.secFetchDest] = "iframe"
        #expect(await browser.ask(address).status == 403)
        browser.fields[.secFetchDest] = "empty"
        #expect(await browser.ask(address).status == 403)
    }

    @Test("a suspended tenant hands nothing over")
    func suspended() async throws {
        var browser = try await signedIn()
        let address = try await codeAddress(&browser)
        let acme = try #require(LoginWorld.acme)
        try await browser.world.store.tenants.update(
            acme, audit: AuditEntry(action: "test.suspended", actor: .system),
            at: WallTime(milliseconds: LoginWorld.start)
        ) { $0.state = .suspended }
        #expect(await browser.ask(address).status == 403)
        #expect(browser.cookie("", on: Hosts.acmeOther) == nil)
    }
}
