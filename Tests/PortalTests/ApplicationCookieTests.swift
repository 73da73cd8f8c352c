import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Sessions that applications keep of their own end with ours")
struct ApplicationCookieTests {
    private static let ended = [
        "connect.sid=; Path=/; Max-Age=0; Secure", "__Secure-app=; Path=/; Max-Age=0; Secure",
    ]

    private func browser(_ world: LoginWorld) throws -> PortalBrowser {
        var services = world.services
        services.applicationCookies = { authority in
            authority == "app.example.org" ? ["connect.sid", "__Secure-app"] : []
        }
        return PortalBrowser(
            world, router: .standard(pages: try pages(), securityText: nil, services: services))
    }

    @Test("whoever signs in finds nothing of whoever used the browser before")
    func signIn() async throws {
        let world = try await LoginWorld()
        var browser = try browser(world)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        let page = await browser.get("/.gatehouse/login")
        #expect(page.setCookies.allSatisfy { !$0.hasPrefix("connect.sid") })
        let next = await browser.submit(page, ["email": "erika@acme.example"])
        let end = await browser.submit(next, ["password": "correct horse"])
        #expect(end.status == 303)
        #expect(end.setCookies.suffix(2) == Self.ended)
    }

    @Test("a wrong password ends nothing")
    func refused() async throws {
        let world = try await LoginWorld()
        var browser = try browser(world)
        let next = await browser.submit(await browser.get("/.gatehouse/login"), ["email": "erika@acme.example"])
        let end = await browser.submit(next, ["password": "wrong"])
        #expect(end.status == 422 && end.setCookies.isEmpty)
    }

    @Test("whoever signs out takes them along, also where the session had ended before or the store cannot be used")
    func signOut() async throws {
        let world = try await LoginWorld()
        for failure in [nil, StoreConflict.notFound as any Error, StoreFault.closed] {
            world.with { $0.signOutFailure = failure }
            try world.signedIn(token: "acme.one")
            var browser = try browser(world)
            browser.cookies["__Host-gatehouse"] = "acme.one"
            let end = await browser.submit(await browser.get("/.gatehouse/logout"))
            #expect(end.setCookies.suffix(2) == Self.ended)
        }
    }
}
