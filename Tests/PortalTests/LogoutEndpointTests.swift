import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("The logout page")
struct LogoutEndpointTests {
    private func member(_ world: LoginWorld, token: String = "acme.one") throws -> PortalBrowser {
        try world.signedIn(token: token)
        var browser = try PortalBrowser(world)
        browser.cookies["__Host-gatehouse"] = token
        return browser
    }

    @Test("a member is asked, and signed out by the form")
    func walk() async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout")
        #expect(page.status == 200)
        #expect(page.heading == "Sign out")
        #expect(page.html.contains("<strong>erika@acme.example</strong>"))
        #expect(page.html.contains("<a href=\"/.gatehouse/account\">Your account</a>"))
        #expect(world.with { $0.signOuts.isEmpty })
        let end = await browser.submit(page)
        #expect(end.status == 303)
        #expect(end.location == "/.gatehouse/logout?done")
        #expect(end.setCookies == ["__Host-gatehouse=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"])
        let handle = try #require(SessionHandle("h-acme_one"))
        #expect(world.with { $0.signOuts } == [handle])
        #expect(world.with { $0.notices } == [.ended(.handle(handle))])
        let news = await browser.get(end.location ?? "")
        #expect(news.heading == "You are signed out")
        #expect(news.html.contains("<a class=\"button\" href=\"/.gatehouse/login\">Sign in again</a>"))
    }

    @Test("a token that is missing, forged or of another session signs nobody out")
    func formToken() async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        var other = try member(world, token: "acme.two")
        let page = await browser.get("/.gatehouse/logout")
        let foreign = await other.get("/.gatehouse/logout").fields["csrf"]
        let visitors = try await { () async throws -> String? in
            var visitor = try PortalBrowser(world)
            return await visitor.get("/.gatehouse/login").fields["csrf"]
        }()
        for forged in [nil, "", String(repeating: "A", count: 43), foreign, visitors] {
            let refused = await browser.submit(page, ["csrf": forged])
            #expect(refused.status == 403)
            #expect(refused.html.contains("<code>form-refused</code>"))
            #expect(refused.setCookies.isEmpty)
        }
        #expect(world.with { $0.signOuts.isEmpty })
        #expect(await browser.submit(page).status == 303)
    }

    @Test("another site's form signs nobody out", arguments: ["cross-site", "same-site"])
    func otherSite(site: String) async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout")
        let refused = await browser.submit(page, with: [.secFetchSite: site])
        #expect(refused.status == 403)
        #expect(refused.html.contains("<code>cross-origin</code>"))
        #expect(world.with { $0.signOuts.isEmpty })
        #expect(await browser.submit(page, with: [.secFetchSite: "same-origin"]).status == 303)
    }

    @Test("a body that is no form signs nobody out")
    func noForm() async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout")
        #expect(await browser.submit(page, with: [.contentType: "text/plain"]).status == 415)
        #expect(world.with { $0.signOuts.isEmpty })
    }

    @Test("a visitor is told that nobody is signed in, by GET and by POST")
    func visitor() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        #expect(await browser.get("/.gatehouse/logout").heading == "You are signed out")
        #expect(await browser.post("/.gatehouse/logout", [:]).location == "/.gatehouse/logout?done")
        #expect(world.with { $0.signOuts.isEmpty && $0.notices.isEmpty })
    }

    @Test("a session that has ended already is as good as ended")
    func endedAlready() async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout")
        world.with { $0.signOutFailure = StoreConflict.notFound }
        #expect(await browser.submit(page).location == "/.gatehouse/logout?done")
        #expect(world.with { $0.notices.count } == 1)
    }

    @Test("where the store is lost the page says so, and the browser forgets all the same")
    func storeLost() async throws {
        let world = try await LoginWorld()
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout")
        world.with { $0.signOutFailure = StoreFault.closed }
        let failed = await browser.submit(page)
        #expect(failed.status == 503)
        #expect(failed.response.head.headerFields[.retryAfter] == "5")
        #expect(failed.heading == "Signing out was not completed")
        #expect(failed.html.contains("<code>store-unavailable</code>"))
        #expect(browser.cookies["__Host-gatehouse"] == nil)
        #expect(world.with { $0.notices.isEmpty })
    }

    @Test("a sign-out leads on to a listed address that its link names, in either language, and to no other")
    func onward() async throws {
        let world = try await LoginWorld()
        world.with { $0.afterLogout = ["https://www.example.org:8443/bye"] }
        var browser = try member(world)
        let page = await browser.get("/.gatehouse/logout?after_logout=https%3A%2F%2Fwww.example.org%3A8443%2Fbye")
        #expect(page.fields["after_logout"] == "https://www.example.org:8443/bye")
        let end = await browser.submit(page)
        #expect(
            end.location
                == "/.gatehouse/logout?done&after_logout=https%3A//www.example.org%3A8443/bye")
        let news = await browser.get(end.location ?? "")
        #expect(
            news.html.contains(
                "<a class=\"button\" href=\"https://www.example.org:8443/bye\">Go on to www.example.org:8443</a>"))
        let german = await browser.get("\(end.location ?? "")&lang=de")
        #expect(german.html.contains(">Weiter zu www.example.org:8443</a>"))
        for address in ["https://www.example.org:8443/bye/", "https://evil.example/", "/app", "javascript:alert(1)"] {
            let refused = await browser.get("/.gatehouse/logout?done&after_logout=\(address)")
            #expect(refused.status == 200 && !refused.html.contains("evil") && !refused.html.contains("Go on to"))
        }
    }
}
