import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Signing in, from the form to the store")
struct SignInWalkTests {
    private let email = "erika@acme.example"
    private let password = "Richtig-Gut-2025"

    private func world() async throws -> LoginWorld {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", email, password: password)
        return world
    }

    @Test("a member signs in and out again, and the session is gone from the store")
    func inAndOut() async throws {
        let world = try await world()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let second = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        let end = await browser.submit(second, ["password": password])
        #expect(end.status == 303)
        #expect(end.location == "/a")
        let token = try #require(browser.cookies["__Host-gatehouse"])
        #expect(token.hasPrefix("acme."))
        #expect(token.utf8.count == 48)
        #expect(browser.cookies["__Host-gatehouse-device"]?.utf8.count == 87)
        #expect(await browser.get("/.gatehouse/whoami").html.contains("\"email\" : \"\(email)\""))

        let question = await browser.get("/.gatehouse/logout")
        #expect(question.html.contains(email))
        let entry = try #require(try await world.session(token))
        #expect(await browser.submit(question).location == "/.gatehouse/logout?done")
        #expect(try await world.session(token) == nil)
        #expect(world.with { $0.notices } == [.ended(.handle(entry.handle))])
        #expect(await browser.get("/.gatehouse/whoami").status == 401)
    }

    @Test("a token that the browser brought along is never taken over")
    func fixation() async throws {
        let world = try await world()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let planted = "acme.\(String(repeating: "A", count: 43))"
        browser.cookies["__Host-gatehouse"] = planted
        let form = await browser.get("/.gatehouse/login")
        #expect(await browser.submit(form, ["email": email, "password": password]).status == 303)
        #expect(browser.cookies["__Host-gatehouse"] != planted)
        #expect(try await world.session(planted) == nil)
    }

    @Test("wrong password, unknown address and closed account get the same bytes")
    func sameBytes() async throws {
        let world = try await world()
        try await world.makeMember(of: "acme", "dora@acme.example", password: password)
        let users = try await world.store.tenant(try #require(LoginWorld.acme)).users
        let address = try #require(NormalizedEmail("dora@acme.example"))
        let dora = try #require(try await users.find(email: address))
        _ = try await users.update(
            dora.id, audit: AuditEntry(action: "user.disabled", actor: .operator),
            at: WallTime(milliseconds: LoginWorld.start)
        ) { $0.state = .disabled }
        var answers: [PortalBrowser.Page] = []
        for (typed, secret) in [(email, "wrong"), ("nadja@acme.example", password), ("dora@acme.example", password)] {
            var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
            browser.cookies["__Host-gatehouse-login"] = "one-browser"
            let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": typed])
            let page = await browser.submit(second, ["password": secret])
            #expect(page.status == 422)
            #expect(page.html.contains(typed))
            answers.append(page)
        }
        let bodies = zip(answers, [email, "nadja@acme.example", "dora@acme.example"]).map { page, typed in
            page.html.masked.replacing(typed, with: "x")
        }
        #expect(Set(bodies).count == 1)
        #expect(Set(answers.map(\.response.head)).count == 1)
    }

    @Test("whoever guesses is told to wait, and a refusal by the throttle tells nothing either")
    func throttled() async throws {
        let world = try await world()
        for typed in [email, "nobody@acme.example"] {
            var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
            var page = await browser.submit(await browser.get("/.gatehouse/login"), ["email": typed])
            for _ in 0..<3 {
                page = await browser.submit(page, ["password": "wrong"])
                #expect(page.status == 422)
            }
            let refused = await browser.submit(page, ["password": password])
            #expect(refused.status == 429)
            #expect(refused.response.head.headerFields[.retryAfter] == "300")
            #expect(refused.html.contains("You can try again in about 5 minutes."))
            #expect(browser.cookies["__Host-gatehouse"] == nil)
        }
    }

    @Test("a member of two tenants chooses on the shared host, and is signed in there alone")
    func choose() async throws {
        let world = try await world()
        try await world.makeMember(of: "bolt", email, password: password)
        var browser = try PortalBrowser(world)
        let second = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        let choice = await browser.submit(second, ["password": password])
        #expect(choice.heading == "Choose your organisation")
        #expect(browser.cookies["__Host-gatehouse"] == nil)
        let end = await browser.submit(choice, ["tenant": "bolt"])
        #expect(end.location == "/a")
        #expect(browser.cookies["__Host-gatehouse"]?.hasPrefix("bolt.") == true)
        #expect(await browser.get("/.gatehouse/whoami").html.contains("\"tenant\" : \"bolt\""))
    }
}
