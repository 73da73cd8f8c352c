import Access
import Core
import Testing

@Suite("Request facts")
struct RequestFactsTests {
    @Test(
        "Sec-Fetch-Site is read exactly",
        arguments: [
            ("same-origin", FetchSite.sameOrigin), ("same-site", .sameSite), ("cross-site", .crossSite),
            ("none", .none),
            ("Same-Origin", .unknown), ("", .unknown), ("same-origin, none", .unknown), ("same-origin ", .unknown),
            ("same-originsame-originsame-origin", .unknown),
        ])
    func site(value: String, site: FetchSite) { #expect(FetchSite(text: value) == site) }

    @Test("Sec-Fetch-Mode and -Dest tell page loads from the rest")
    func modeAndDestination() {
        #expect(FetchMode(text: "navigate") == .navigate)
        for other in ["cors", "no-cors", "websocket", "NAVIGATE", ""] {
            #expect(FetchMode(text: other) == .other)
        }
        #expect(FetchDestination(text: "document") == .document)
        for frame in ["iframe", "frame", "fencedframe", "object", "embed"] {
            #expect(FetchDestination(text: frame) == .frame)
        }
        for other in ["empty", "script", "image", ""] {
            #expect(FetchDestination(text: other) == .other)
        }
    }

    @Test("a reset forgets everything that fields said")
    func reset() {
        var facts = RequestFacts()
        facts.sessionKey = AccessWorld.key
        facts.isSessionCookieRepeated = true
        facts.fetchSite = .crossSite
        facts.fetchMode = .navigate
        facts.fetchDestination = .document
        facts.origin = .other
        facts.acceptsHTML = true
        facts.isUpgrade = true
        facts.isServiceWorkerScript = true
        facts.reset()
        #expect(facts.sessionKey == nil && !facts.isSessionCookieRepeated)
        #expect(!facts.hasFetchMetadata && facts.origin == .absent)
        #expect(!facts.acceptsHTML && !facts.isUpgrade && !facts.isServiceWorkerScript)
        #expect(!facts.isPageLoad && !facts.isFrameLoad)
    }
}

@Suite("Explanations")
struct ExplanationTests {
    private func explain(_ host: String, _ path: String, member: SupposedMember? = nil, method: Method = .get) throws
        -> Explanation
    {
        Gate.explain(
            host: host, path: path, method: method, member: member,
            snapshot: try AccessSnapshot(AccessWorld().settings, generation: 1))
    }

    @Test("a refusal is explained by route, rule and reason")
    func refusal() throws {
        let explanation = try explain("acme.example.org", "/admin/users?x=1", member: SupposedMember(tenant: .acme))
        #expect(explanation.verdict == .refuse)
        #expect(explanation.routeName == "admin")
        #expect(explanation.rule == "roles: admin")
        #expect(explanation.reason == .roleMissing)
        #expect(explanation.status == 403)
        #expect(explanation.steps.first == "host acme.example.org belongs to tenant acme")
        #expect(explanation.steps.last == "refused: role-missing (A role is missing)")
    }

    @Test("its accepted twin is forwarded")
    func forward() throws {
        let explanation = try explain(
            "acme.example.org", "/admin/users", member: SupposedMember(tenant: .acme, roles: [.admin]))
        #expect(explanation.verdict == .forward)
        #expect(explanation.upstreamIndex == 0)
        #expect(explanation.reason == nil)
        #expect(explanation.steps.contains("signed in as a member of tenant acme"))
    }

    @Test("every way out has its words")
    func others() throws {
        #expect(try explain("acme.example.org", "/").reason == .loginRequired)
        #expect(try explain("evil.example", "/").reason == .hostUnknown)
        #expect(try explain("a b", "/").reason == .hostMalformed)
        #expect(try explain("acme.example.org", "/../x").reason == .pathDotSegment)
        #expect(try explain("acme.example.org", "/admin/", method: .delete).reason == .methodNotAllowed)
        #expect(try explain("app.example.org", "/.gatehouse/login").verdict == .portal)
        let wrong = try explain("globex.example.org", "/", member: SupposedMember(tenant: .acme))
        #expect(wrong.notedSessionReason == .sessionWrongTenant)
        let vault = try explain(
            "acme.example.org", "/vault/", member: SupposedMember(tenant: .acme, factors: [.password, .totp]))
        #expect(vault.verdict == .forward)
        #expect(vault.rule == "mfa within 300s")
    }
}
