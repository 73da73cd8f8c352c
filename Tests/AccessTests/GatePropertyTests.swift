import Access
import Core
import Testing

@Suite("Gate: laws")
struct GatePropertyTests {
    private static let hosts = [
        "acme.example.org", "ACME.example.org.", "globex.example.org", "app.example.org:8443", "evil.example", "[::1]",
    ]
    private static let pieces = [
        "/", "//", "/assets", "/assets/", "/admin", "/ADMIN/", "/vault/", "/office", "/news", "/.gatehouse", "%2F",
        "%2f",
        ";", ";x=1", "%2e", ".", "..", "a", "%61dmin", "%41", "%25", "%C3%A4", "/x", "%5c",
    ]

    /// A random request without any session.
    private func world(_ random: inout SeededGenerator) -> AccessWorld? {
        var world = AccessWorld()
        for index in world.settings.routes.indices {
            world.settings.routes[index].allowances = PathForms(rawValue: UInt8.random(in: 0...7, using: &random))
        }
        world.settings.tenants[0].isSuspended = Int.random(in: 0..<8, using: &random) == 0
        let host = Self.hosts.randomElement(using: &random) ?? ""
        var path = ""
        for _ in 0..<Int.random(in: 1...5, using: &random) { path += Self.pieces.randomElement(using: &random) ?? "" }
        if !path.hasPrefix("/") { path = "/" + path }
        guard world.facts.host.read(Array(host.utf8).span) == nil, world.facts.path.read(Array(path.utf8).span) == nil
        else { return nil }
        world.facts.method = Method.allCases.randomElement(using: &random) ?? .get
        world.facts.client = ClientAddress(ipv4: UInt32.random(in: 0xC000_0200...0xC000_0300, using: &random))
        world.facts.isSessionCookieRepeated = Bool.random(using: &random)
        world.facts.fetchSite = FetchSite(rawValue: UInt8.random(in: 0...5, using: &random)) ?? .absent
        world.facts.fetchMode = FetchMode(rawValue: UInt8.random(in: 0...2, using: &random)) ?? .absent
        world.facts.fetchDestination = FetchDestination(rawValue: UInt8.random(in: 0...3, using: &random)) ?? .absent
        world.facts.origin = OriginRelation(rawValue: UInt8.random(in: 0...2, using: &random)) ?? .absent
        world.facts.acceptsHTML = Bool.random(using: &random)
        world.facts.isUpgrade = Bool.random(using: &random)
        world.facts.isServiceWorkerScript = Bool.random(using: &random)
        return world
    }

    @Test("of 10,000 random requests without a session none is forwarded on a route that asks for one")
    func nobodyPasses() throws {
        var random = SeededGenerator(seed: 2026)
        var (judged, forwarded) = (0, 0)
        while judged < 10_000 {
            guard var world = world(&random) else { continue }
            judged += 1
            // Half of them send a token that no session has.
            if Bool.random(using: &random) {
                world.facts.sessionKey = AccessWorld.key
                world.sessions.noteMissing(AccessWorld.key, now: world.now)
            }
            guard let forward = try world.decide().forward else { continue }
            forwarded += 1
            #expect(["assets", "news"].contains(forward.route))
            #expect(forward.identity.isEmpty)
            #expect(forward.session == nil)
        }
        #expect(forwarded > 100)
    }

    @Test("an explanation never disagrees with the decision")
    func explanationsAgree() throws {
        var random = SeededGenerator(seed: 77)
        var judged = 0
        while judged < 2_000 {
            guard var world = world(&random) else { continue }
            judged += 1
            if Bool.random(using: &random) { world.signIn(tenant: Bool.random(using: &random) ? .acme : .globex) }
            let snapshot = try AccessSnapshot(world.settings, generation: 1)
            var copy = world.sessions
            let outcome = Outcome(
                Gate.decide(world.facts, snapshot: snapshot, sessions: &world.sessions, now: world.now), snapshot)
            let explanation = Gate.explain(world.facts, snapshot: snapshot, sessions: &copy, now: world.now)
            #expect(explanation.reason == outcome.refusal?.reason)
            #expect((explanation.verdict == .forward) == (outcome.forward != nil))
            #expect((explanation.verdict == .portal) == (outcome.portal != nil))
            if let forward = outcome.forward { #expect(explanation.routeName == forward.route) }
            #expect(!explanation.steps.isEmpty)
        }
    }

    @Test("a member of one tenant is never forwarded as themselves on another tenant's host")
    func tenantsStayApart() throws {
        var random = SeededGenerator(seed: 4)
        var (judged, identified) = (0, 0)
        while judged < 2_000 {
            guard var world = world(&random) else { continue }
            judged += 1
            world.facts.isSessionCookieRepeated = false
            world.signIn(tenant: .globex, roles: [.admin], factors: [.password, .totp])
            guard let forward = try world.decide().forward, !forward.identity.isEmpty else { continue }
            identified += 1
            #expect(world.facts.host.text != "acme.example.org")
            #expect(forward.tenant == .globex)
        }
        #expect(identified > 20)
    }
}
