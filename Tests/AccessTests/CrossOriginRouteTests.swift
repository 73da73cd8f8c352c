import Access
import Core
import Testing

@Suite("A route that other origins' scripts may call")
struct CrossOriginRouteTests {
    private static let listed = "https://www.example.org"

    private func world(
        credentials: Bool = true, methods: MethodSet = MethodSet([.get, .post]), access: AccessRule = .authenticated
    ) -> AccessWorld {
        AccessWorld(routes: [
            RouteSettings(
                name: "api", host: "*", path: "/api/", methods: MethodSet([.get, .post, .put]), access: access,
                crossOrigin: CrossOriginSettings(
                    origins: ["https://first.example", Self.listed], methods: methods, allowsCredentials: credentials)),
            RouteSettings(name: "app", host: "*", path: "/", access: access),
        ])
    }

    private func ask(
        _ world: inout AccessWorld, _ method: Method, from origin: String?, path: String = "/api/",
        preflight: Bool = false, signedIn: Bool = true
    ) throws -> Outcome {
        world.ask(path)
        world.facts.sessionKey = nil
        if signedIn { world.signIn() }
        world.facts.method = method
        world.facts.origin = origin == nil ? .absent : .other
        world.facts.foreignOrigin = Array((origin ?? "").utf8)
        world.facts.fetchSite = origin == nil ? .sameOrigin : .crossSite
        world.facts.namesRequestMethod = preflight
        return try world.decide()
    }

    @Test("a preflight of a listed origin is answered without a session, whatever the route's methods")
    func preflight() throws {
        var world = world()
        let outcome = try ask(&world, .options, from: Self.listed, preflight: true, signedIn: false)
        guard case .preflight(let preflight) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(preflight.routeIndex == 0 && preflight.originIndex == 1 && preflight.tenantIndex == 0)
    }

    @Test(
        "a preflight of any other origin is refused",
        arguments: [
            "https://evil.example", "null", "https://www.example.org.evil.example", "http://www.example.org",
            "https://www.example.org:8443", "https://WWW.example.org", "https://www.example.or", "",
        ])
    func preflightRefused(_ origin: String) throws {
        var world = world()
        let refusal = try ask(&world, .options, from: origin, preflight: true, signedIn: false).refusal
        #expect(refusal?.reason == .crossOrigin && refusal?.originIndex == nil && refusal?.routeIndex == 0)
    }

    @Test("OPTIONS that is no preflight, and a route without cross_origin, are judged as ever")
    func noPreflight() throws {
        var world = world(access: .public)
        #expect(try ask(&world, .options, from: Self.listed).refusal?.reason == .methodNotAllowed)
        #expect(try ask(&world, .options, from: nil, preflight: true).refusal?.reason == .methodNotAllowed)
        #expect(
            try ask(&world, .options, from: Self.listed, path: "/app/", preflight: true).forward?.route == "app")
    }

    @Test("a listed origin may change what is the member's, with the methods that are listed")
    func listed() throws {
        var world = world()
        #expect(try ask(&world, .post, from: Self.listed).forward?.origin == 1)
        #expect(try ask(&world, .put, from: Self.listed).refusal?.reason == .crossOrigin)
        #expect(try ask(&world, .post, from: "https://evil.example").refusal?.reason == .crossOrigin)
        #expect(try ask(&world, .post, from: Self.listed, path: "/app/").refusal?.reason == .crossOrigin)
    }

    @Test("without credentials a listed origin has no more than any other")
    func withoutCredentials() throws {
        var world = world(credentials: false)
        #expect(try ask(&world, .post, from: Self.listed).refusal?.reason == .crossOrigin)
        #expect(try ask(&world, .get, from: Self.listed).forward?.origin == 1)
    }

    @Test("what may be read from anywhere tells whose origin it was")
    func reading() throws {
        var world = world()
        #expect(try ask(&world, .get, from: Self.listed).forward?.origin == 1)
        let other = try ask(&world, .get, from: "https://evil.example").forward
        #expect(other != nil && other?.origin == nil)
        #expect(try ask(&world, .get, from: nil).forward?.origin == nil)
        let refusal = try ask(&world, .get, from: Self.listed, signedIn: false).refusal
        #expect(refusal?.reason == .loginRequired && refusal?.originIndex == 1)
    }

    @Test("a handshake of a listed origin goes on, of another it does not")
    func handshakes() throws {
        var world = world()
        world.settings.routes[0].upgrades = .webSocket
        (world.facts.isUpgrade, world.facts.asksForWebSocket) = (true, true)
        #expect(try ask(&world, .get, from: Self.listed).forward?.origin == 1)
        #expect(try ask(&world, .get, from: "https://evil.example").refusal?.reason == .crossOrigin)
    }

    @Test("explain shows a preflight and what it allows")
    func explain() throws {
        let snapshot = try AccessSnapshot(world().settings, generation: 1)
        func explain(_ origin: String, _ method: Method = .options, path: String = "/api/x") -> Explanation {
            Gate.explain(host: "acme.example.org", path: path, method: method, origin: origin, snapshot: snapshot)
        }
        let shown = explain(Self.listed)
        #expect(shown.verdict == .preflight && shown.routeName == "api" && shown.status == 204)
        #expect(shown.steps.contains("its scripts may ask with GET, POST, with cookies"))
        #expect(explain("https://evil.example").reason == .crossOrigin)
        #expect(explain("https://acme.example.org").reason == .methodNotAllowed, "its own origin asks nobody")
        #expect(explain(Self.listed, path: "/app/").reason == .loginRequired)
    }
}
