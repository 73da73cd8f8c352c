import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("Where a connection's addresses are")
struct SSOPlaceTests {
    private typealias Hosts = HostsBrowser

    private static let addresses: [(HTTPRequest.Method, String)] = [
        (.get, "metadata"), (.get, "login"), (.post, "acs"), (.get, "slo?SAMLRequest=a"), (.post, "slo"),
    ]

    /// The statuses of all addresses of a connection.
    private func statuses(
        _ stage: SSOStage, _ connection: String = "acme/okta"
    ) async -> [Int] {
        var statuses: [Int] = []
        for (method, endpoint) in Self.addresses {
            var browser = stage.browser
            let path = "/.gatehouse/saml/\(connection)/\(endpoint)"
            let page =
                method == .get
                ? await browser.get(path)
                : await browser.post(path, ["SAMLResponse": "PHg+"], with: SSOStage.crossSite)
            statuses.append(page.status)
        }
        return statuses
    }

    private static let missing = [404, 404, 404, 404, 404]
    /// A document, the way to the provider, and refusals.
    private static let there = [200, 303, 403, 403, 403]

    @Test("they are on the first host of the tenant, and on no other host")
    func firstHost() async throws {
        #expect(await statuses(try SSOStage()) == Self.there)
        for host in [Hosts.acmeOther, Hosts.acmeThird, Hosts.bolt, Hosts.shared] {
            #expect(await statuses(try SSOStage(host: host)) == Self.missing, "\(host)")
        }
    }

    @Test("where there is a portal_host they are there, for every tenant, and on no host of the tenant")
    func portalHost() async throws {
        let stage = try await SSOStage(portal: Hosts.portal)
        let bolt = try #require(TenantID("bolt"))
        stage.script.with { $0.names[bolt] = ["okta": "Okta"] }
        #expect(await statuses(stage) == Self.there)
        #expect(await statuses(stage, "bolt/okta") == Self.there)
        for host in [Hosts.acmeFirst, Hosts.bolt, Hosts.shared] {
            #expect(await statuses(try SSOStage(portal: Hosts.portal, host: host)) == Self.missing, "\(host)")
        }
    }

    @Test("a host beside portal_host leads nobody there with a message of a provider")
    func elsewhere() async throws {
        let stage = try await SSOStage(portal: Hosts.portal)
        for (method, endpoint) in Self.addresses {
            var asked = request(
                method, "/.gatehouse/saml/acme/okta/\(endpoint)", accept: browserAccept, host: "acme.example.org:8443")
            asked.belongsToPortalHost = true
            #expect(await stage.browser.router.response(to: asked).head.status == .notFound, "\(endpoint)")
        }
        var account = request(.get, "/.gatehouse/account", accept: browserAccept, host: "acme.example.org:8443")
        account.belongsToPortalHost = true
        #expect(await stage.browser.router.response(to: account).head.status == .found)
    }

    @Test(
        "a connection that is not there, or of another tenant, or no name at all, is nowhere",
        arguments: ["acme/none", "bolt/okta", "none/okta", "ACME/okta", "acme/Okta", "acme/okta%20", "acme/.okta"])
    func unknown(connection: String) async throws {
        #expect(await statuses(try SSOStage(), connection) == Self.missing)
    }

    @Test("a connection that goes meanwhile is nowhere from then on")
    func gone() async throws {
        var stage = try await SSOStage()
        stage.script.with { ($0.departure, $0.metadata) = (.unknown, .unknown) }
        #expect(await stage.begin().status == 404)
        #expect(await stage.browser.get(SSOStage.metadata).status == 404)
        #expect(await stage.answer(.unknown).status == 404)
        stage.script.with { $0.logoutOutcomes = [.unknown] }
        #expect(await stage.browser.get(SSOStage.slo + "?SAMLRequest=a").status == 404)
    }

    @Test("each address takes its own methods; others are told which")
    func methods() async throws {
        var stage = try await SSOStage()
        let expected: [(String, [HTTPRequest.Method], String)] = [
            (SSOStage.metadata, [.post, .put, .delete], "GET, HEAD"),
            (SSOStage.login, [.post, .put, .patch], "GET, HEAD"), (SSOStage.acs, [.get, .head, .put], "POST"),
            (SSOStage.slo, [.put, .options], "GET, HEAD, POST"),
        ]
        for (path, methods, allowed) in expected {
            for method in methods {
                let page = await stage.browser.send(method, path, [:], body: [])
                #expect(page.status == 405, "\(method) \(path)")
                #expect(page.response.head.headerFields[.allow] == allowed)
            }
        }
        #expect(await stage.browser.send(.head, SSOStage.metadata, [:], body: []).status == 200)
        #expect(await stage.browser.send(.head, SSOStage.login, [:], body: []).status == 303)
        #expect(await stage.browser.send(.head, SSOStage.slo, [:], body: []).status == 400)
    }

    @Test("without single sign-on there is none of them")
    func none() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        #expect(await browser.get(SSOStage.metadata).status == 404)
        #expect(await browser.post(SSOStage.acs, [:]).status == 404)
    }

    @Test("nobody signs in at a tenant that is suspended")
    func suspended() async throws {
        var stage = try await SSOStage()
        stage.browser.isTenantSuspended = true
        let page = await stage.begin()
        #expect(page.status == 403 && page.html.contains("<code>tenant-suspended</code>"))
        let answer = await stage.answer(.proceeds(.refused, SSOStage.arrival()))
        #expect(answer.status == 403 && answer.html.contains("<code>tenant-suspended</code>"))
        #expect(stage.script.with { $0.begun.isEmpty && $0.answers.isEmpty })
    }

    @Test("the metadata comes as what it is, for everybody, kept by nobody")
    func metadata() async throws {
        var stage = try await SSOStage()
        stage.browser.fields = [.accept: "*/*"]
        let page = await stage.browser.get(SSOStage.metadata)
        #expect(page.html == "<EntityDescriptor/>")
        let fields = page.response.head.headerFields
        #expect(fields[.contentType] == "application/samlmetadata+xml")
        #expect(fields[.cacheControl] == "no-store" && fields[.xContentTypeOptions] == "nosniff")
        #expect(fields[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
        stage.script.with { $0.metadata = .unavailable(reason: "keys-unavailable") }
        let refused = await stage.browser.get(SSOStage.metadata)
        #expect(refused.status == 503 && refused.html.contains("sso-unavailable"))
        #expect(!refused.html.contains("keys-unavailable"))
        #expect(stage.script.with { $0.notes.map(\.reason) } == ["keys-unavailable"])
        #expect(stage.script.with { $0.notes.first?.endpoint } == .metadata)
    }
}
