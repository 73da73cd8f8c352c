import Access
import Core
import HTTPTypes
import Testing

@testable import Portal

@Suite("The portal's routing table")
struct PortalRouterTests {
    private func router(_ routes: [PortalRoute]) throws -> PortalRouter {
        PortalRouter(routes: routes, refusals: RefusalResponder(pages: try pages()))
    }

    private func answer(_ text: String) -> PortalRoute.Handler {
        { _, _ in PortalResponse(head: HTTPResponse(status: .ok), body: Array(text.utf8)) }
    }

    @Test("the first route that fits answers, and the query does not count")
    func firstWins() async throws {
        let router = try router([
            PortalRoute([.get], "/a/{x}", handler: answer("first")),
            PortalRoute([.get], "/a/b", handler: answer("second")),
        ])
        #expect(await router.response(to: request(.get, "/a/b?c=/d")).text == "first")
    }

    @Test("a route gets the values of its parameters as they stand in the path")
    func parameters() async throws {
        let route = PortalRoute([.get], "/saml/{tenant}/{connection}/acs") { _, values in
            PortalResponse(
                head: HTTPResponse(status: .ok), body: Array("\(values["tenant"]!)|\(values["connection"]!)".utf8))
        }
        let router = try router([route])
        #expect(await router.response(to: request(.get, "/saml/acme/ok%20ta/acs")).text == "acme|ok%20ta")
    }

    @Test("methods of several routes on one path are allowed together")
    func allowIsTheUnion() async throws {
        let router = try router([
            PortalRoute([.get], "/login", handler: answer("form")),
            PortalRoute([.post], "/login", handler: answer("done")),
        ])
        #expect(await router.response(to: request(.post, "/login")).text == "done")
        #expect(await router.response(to: request(.head, "/login")).text == "form")
        let refused = await router.response(to: request(.put, "/login"))
        #expect(refused.head.status == .methodNotAllowed)
        #expect(refused.head.headerFields[.allow] == "GET, HEAD, POST")
    }

    @Test("a browser is refused with a page in its language")
    func pageForBrowsers() async throws {
        let response = try await router([]).response(to: request(.get, "/.gatehouse/none", fields: germanBrowser))
        #expect(response.head.status == .notFound)
        #expect(response.head.headerFields[.contentType] == "text/html; charset=utf-8")
        #expect(response.head.headerFields[.contentLanguage] == "de")
        #expect(response.head.headerFields[.cacheControl] == "no-store")
        #expect(response.head.headerFields[.contentSecurityPolicy] == (try pages().contentSecurityPolicy))
        #expect(response.head.headerFields[.referrerPolicy] == "same-origin")
        #expect(response.head.headerFields[.crossOriginOpenerPolicy] == "same-origin")
        #expect(response.head.headerFields[.crossOriginResourcePolicy] == "same-origin")
        #expect(response.head.headerFields[.xContentTypeOptions] == "nosniff")
        #expect(response.text.contains("<h1>Diese Seite gibt es nicht</h1>"))
        #expect(response.text.contains("<code>page-missing</code>"))
        #expect(response.text.contains("<code>request-7</code>"))
    }

    @Test("a program is refused with a problem", arguments: ["application/json", "*/*", nil])
    func problemForPrograms(accept: String?) async throws {
        let response = try await router([]).response(to: request(.get, "/.gatehouse/none", accept: accept))
        #expect(response.head.status == .notFound)
        #expect(response.head.headerFields[.contentType] == "application/problem+json")
        #expect(response.head.headerFields[.cacheControl] == "no-store")
        var problem: [UInt8] = []
        ProblemDocument.append(.pageMissing, status: 404, requestID: "request-7", to: &problem)
        #expect(response.body == problem)
    }

    @Test("a handler that finds nothing under a fitting path is 404")
    func handlerMayDecline() async throws {
        let router = try router([PortalRoute([.get], "/x/{y}") { _, _ in nil }])
        #expect(await router.response(to: request(.get, "/x/y")).head.status == .notFound)
    }

    @Test("the handler for the data plane is the router")
    func handlerIsTheRouter() async throws {
        let router = try router([PortalRoute([.get], "/", handler: answer("root"))])
        #expect(await router.handler(request(.get, "/")).text == "root")
    }

    @Test(
        "matching is by whole segments and exact bytes",
        arguments: [
            ("/a/b", "/a/b", true), ("/a/b", "/a/b/", false), ("/a/b", "/a", false), ("/a/b", "/A/b", false),
            ("/a/b", "/a/b/c", false), ("/a/{x}", "/a/", false), ("/a/{x}", "/a/b", true), ("/é", "/e\u{301}", false),
            ("/", "/", true), ("/", "", false),
        ])
    func patterns(pattern: String, path: String, matches: Bool) {
        #expect((PathPattern(pattern).match(path) != nil) == matches)
    }
}
