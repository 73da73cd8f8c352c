import Access
import Core
import HTTPTypes
import Testing

@testable import Portal

@Suite("What tells an identity")
struct IdentityEndpointTests {
    private func browser(_ world: LoginWorld, signedIn: Bool) throws -> PortalBrowser {
        var browser = try PortalBrowser(world)
        browser.fields = [.accept: "*/*"]
        if signedIn {
            try world.signedIn(token: "acme.one", email: "zoë@acme.example")
            browser.cookies["__Host-gatehouse"] = "acme.one"
        }
        return browser
    }

    @Test("whoami tells tenant, user, address, roles and factors")
    func whoAmI() async throws {
        var browser = try browser(try await LoginWorld(), signedIn: true)
        let answer = await browser.get("/.gatehouse/whoami")
        #expect(answer.status == 200)
        #expect(answer.response.head.headerFields[.contentType] == "application/json")
        #expect(answer.response.head.headerFields[.cacheControl] == "no-store")
        #expect(
            answer.html == """
                {
                  "email" : "zoë@acme.example",
                  "factors" : [
                    "password"
                  ],
                  "roles" : [
                    "admin",
                    "user"
                  ],
                  "tenant" : "acme",
                  "user" : "\(LoginWorld.user)"
                }

                """)
    }

    @Test(
        "without a session whoami is a problem that names the login, for browsers too",
        arguments: ["*/*", browserAccept])
    func whoAmINobody(accept: String) async throws {
        var browser = try browser(try await LoginWorld(), signedIn: false)
        browser.fields[.accept] = accept
        let answer = await browser.get("/.gatehouse/whoami")
        #expect(answer.status == 401)
        #expect(answer.response.head.headerFields[.wwwAuthenticate] == "Bearer")
        #expect(answer.response.head.headerFields[.contentType] == "application/problem+json")
        var problem: [UInt8] = []
        ProblemDocument.append(
            .loginRequired, status: 401, requestID: "request-7",
            loginURL: "https://app.example.org/.gatehouse/login", to: &problem)
        #expect(answer.response.body == problem)
    }

    @Test("a suspended tenant's member is told nothing")
    func suspended() async throws {
        var browser = try browser(try await LoginWorld(), signedIn: true)
        browser.isTenantSuspended = true
        let answer = await browser.get("/.gatehouse/whoami")
        #expect(answer.status == 403)
        #expect(answer.html.contains("\"code\":\"tenant-suspended\""))
    }

    @Test("the key set holds every key and may be kept for five minutes")
    func keySet() async throws {
        var browser = try browser(try await LoginWorld(), signedIn: false)
        let answer = await browser.get("/.gatehouse/jwks.json")
        #expect(answer.status == 200)
        #expect(answer.response.head.headerFields[.contentType] == "application/jwk-set+json")
        #expect(answer.response.head.headerFields[.cacheControl] == "public, max-age=300")
        #expect(answer.html == #"{"keys":[{"kty":"EC","kid":"one"},{"kty":"EC","kid":"two"}]}"# + "\n")
    }

    @Test("without a key there is no set that could be kept")
    func noKeys() async throws {
        let response = await KeySetEndpoint(pages: try pages()) { [] }.response(to: request(.get, "/"))
        #expect(response.head.status.code == 503)
        #expect(response.head.headerFields[.cacheControl] == "no-store")
    }

    @Test(
        "two addresses lead elsewhere",
        arguments: [("/.well-known/change-password", "/.gatehouse/login"), ("/.gatehouse/", "/")])
    func elsewhere(path: String, target: String) async throws {
        var browser = try browser(try await LoginWorld(), signedIn: false)
        let answer = await browser.get(path)
        #expect(answer.status == 302)
        #expect(answer.location == target)
        #expect(answer.response.head.headerFields[.cacheControl] == "no-store")
    }

    @Test("where nobody signs in there are no such pages, and further routes stand behind ours")
    func furtherRoutes() async throws {
        let further = PortalRoute([.get], "/.gatehouse/login") { _, _ in
            PortalResponse(head: HTTPResponse(status: .ok), body: Array("further".utf8))
        }
        let without = PortalRouter.standard(pages: try pages(), securityText: nil)
        #expect(await without.response(to: request(.get, "/.gatehouse/login")).head.status == .notFound)
        let only = PortalRouter.standard(pages: try pages(), securityText: nil, further: [further])
        #expect(await only.response(to: request(.get, "/.gatehouse/login")).text == "further")
        let both = PortalRouter.standard(
            pages: try pages(), securityText: nil, services: try await LoginWorld().services, further: [further])
        #expect(await both.response(to: request(.get, "/.gatehouse/login")).text != "further")
    }
}
