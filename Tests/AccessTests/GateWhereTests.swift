import Access
import Core
import Testing

/// Steps 1 to 6 of a decision: host, our own paths, path forms, route, method, tenant.
@Suite("Gate: where to")
struct GateWhereTests {
    @Test(
        "a host that is nobody's is host-unknown",
        arguments: ["acme.example.org", "www.acme.example", "app.example.org", "shared.example.org"])
    func host(known: String) throws {
        var world = AccessWorld()
        world.ask("/assets/x", host: known)
        #expect(try world.decide().forward != nil)
        world.ask("/assets/x", host: "x" + known)
        #expect(try world.reason() == .hostUnknown)
        world.ask("/.gatehouse/login", host: "x" + known)
        #expect(try world.reason() == .hostUnknown)
    }

    @Test("our own paths leave for the portal, without a session too")
    func portal() throws {
        for path in ["/.gatehouse/login", "/.gatehouse/", "/.gatehouse", "/%2egatehouse/login"] {
            var world = AccessWorld()
            world.ask(path)
            let call = try world.decide().portal
            #expect(call?.surface == .portal, "\(path)")
            #expect(call?.tenantIndex == 0)
            #expect(call?.session == nil)
        }
        var world = AccessWorld()
        world.ask("/.well-known/security.txt")
        #expect(try world.decide().portal?.surface == .securityContact)
        world.ask("/.well-known/change-password")
        #expect(try world.decide().portal?.surface == .changePassword)
        world.ask("/.well-known/webauthn")
        #expect(try world.decide().portal?.surface == .relatedOrigins)
        world.ask("/.well-known/webauthn/more")
        #expect(try world.reason() == .loginRequired)
    }

    @Test(
        "no spelling of our prefix reaches an application",
        arguments: [
            "/.Gatehouse/login", "/.GATEHOUSE", "/.gatehousE/x", "/%2eGATEHOUSE/", "/.gatehouse%2Flogin",
            "//.gatehouse/login",
            "/.gatehouse;x/login", "/.gatehouse//login", "/.gatehouse/a%2Fb", "/%2F.gatehouse/", "/;/.gatehouse/",
        ])
    func lookAlikes(path: String) throws {
        var world = AccessWorld(routes: [
            RouteSettings(
                name: "all", host: "*", access: .public, allowances: [.emptySegments, .encodedSlash, .parameters])
        ])
        world.ask(path)
        #expect(try world.decide().refusal != nil)
        // The twin without our name goes through.
        world.ask("/gatehouse/login")
        #expect(try world.decide().forward != nil)
    }

    @Test("the portal knows its caller")
    func portalCaller() throws {
        var world = AccessWorld()
        world.ask("/.gatehouse/whoami", host: "app.example.org")
        world.signIn()
        let call = try world.decide().portal
        #expect(call?.session?.handle.description == "s-1")
        #expect(call?.session?.epoch == 7)
        #expect(call?.tenantIndex == 0)
        world.ask("/.gatehouse/whoami", host: "globex.example.org")
        let other = try world.decide().portal
        #expect(other?.session == nil)
        #expect(other?.tenantIndex == 1)
        #expect(other?.notedSessionReason == .sessionWrongTenant)
        world.facts.sessionKey = SessionKey(9, 9, 9, 9)
        #expect(try world.decide() == .load(SessionKey(9, 9, 9, 9)))
    }

    @Test("a suspended tenant's portal has no caller")
    func suspendedPortal() throws {
        var world = AccessWorld()
        world.ask("/.gatehouse/whoami")
        world.signIn()
        #expect(try world.decide().portal?.isTenantSuspended == false)
        world.settings.tenants[0].isSuspended = true
        let call = try world.decide(generation: 2).portal
        #expect(call?.isTenantSuspended == true)
        #expect(call?.session == nil)
    }

    @Test("a service worker's script below our prefix is service-worker-refused")
    func serviceWorker() throws {
        var world = AccessWorld()
        world.ask("/.gatehouse/worker.js")
        #expect(try world.decide().portal != nil)
        world.facts.isServiceWorkerScript = true
        #expect(try world.reason() == .serviceWorkerRefused)
        world.ask("/assets/worker.js")
        #expect(try world.decide().forward != nil)
    }

    @Test(
        "a path form needs the route's allowance",
        arguments: [
            ("/a//b", PathForms.emptySegments, ReasonCode.pathEmptySegment), ("/a;b", .parameters, .pathParameter),
            ("/a%2Fb", .encodedSlash, .pathEncodedSlash),
        ])
    func forms(path: String, form: PathForms, reason: ReasonCode) throws {
        var world = AccessWorld(routes: [RouteSettings(name: "all", host: "*", access: .public)])
        world.ask(path)
        #expect(try world.reason() == reason)
        for other in [PathForms.emptySegments, .parameters, .encodedSlash] where other != form {
            world.settings.routes[0].allowances = other
            #expect(try world.reason() == reason)
        }
        world.settings.routes[0].allowances = form
        #expect(try world.decide().forward?.route == "all")
    }

    @Test(
        "a form under which another route would match is refused, whatever is allowed",
        arguments: [
            ("/admin%2Fusers", ReasonCode.pathEncodedSlash), ("//admin/users", .pathEmptySegment),
            ("/admin;x/users", .pathParameter),
            ("/a%2F..b", nil), ("/admin/a%2Fb", nil), ("/admin//x", nil), ("/admin/x;y", nil),
        ] as [(String, ReasonCode?)])
    func twoRoutes(path: String, reason: ReasonCode?) throws {
        let all: PathForms = [.emptySegments, .encodedSlash, .parameters]
        var world = AccessWorld(routes: [
            RouteSettings(name: "admin", host: "*", path: "/admin/", access: .public, allowances: all),
            RouteSettings(name: "all", host: "*", access: .public, allowances: all),
        ])
        world.ask(path)
        let outcome = try world.decide()
        #expect(outcome.refusal?.reason == reason)
        #expect((outcome.forward == nil) == (reason != nil))
    }

    @Test("no matching route is route-missing, and nothing is forwarded")
    func routeMissing() throws {
        var world = AccessWorld(routes: [RouteSettings(name: "only", host: "*", path: "/only/", access: .public)])
        world.ask("/only/x")
        #expect(try world.decide().forward?.route == "only")
        world.ask("/other")
        #expect(try world.reason() == .routeMissing)
        world.ask("/only/x", host: "globex.example.org")
        world.settings.routes[0].host = "*.acme.example"
        #expect(try world.reason() == .routeMissing)
        world.ask("/only/x", host: "www.acme.example")
        #expect(try world.decide().forward != nil)
    }

    @Test("the first match wins")
    func firstMatch() throws {
        var world = AccessWorld()
        world.signIn(roles: [.admin])
        for (path, route) in [
            ("/assets/x", "assets"), ("/ADMIN/x", "admin"), ("/admin", "admin"), ("/administrator", "app"),
            ("/", "app"),
        ] {
            world.ask(path)
            #expect(try world.decide().forward?.route == route, "\(path)")
        }
    }

    @Test("a case-sensitive route matches its own case alone")
    func caseSensitive() throws {
        var world = AccessWorld(routes: [
            RouteSettings(name: "only", host: "*", path: "/Only/", isCaseSensitive: true, access: .public)
        ])
        world.ask("/Only/x")
        #expect(try world.decide().forward != nil)
        world.ask("/only/x")
        #expect(try world.reason() == .routeMissing)
    }

    @Test("a path without a trailing slash matches its page alone, with either spelling of it")
    func exactRoute() throws {
        var world = AccessWorld(routes: [RouteSettings(name: "only", host: "*", path: "/only", access: .public)])
        for path in ["/only", "/only/", "/ONLY"] {
            world.ask(path)
            #expect(try world.decide().forward != nil, "\(path)")
        }
        for path in ["/only/x", "/onlyx", "/onl", "/"] {
            world.ask(path)
            #expect(try world.reason() == .routeMissing, "\(path)")
        }
    }

    @Test("a method outside the route's list is method-not-allowed, with the list")
    func methods() throws {
        var world = AccessWorld()
        world.ask("/admin/")
        world.signIn(roles: [.admin])
        #expect(try world.decide().forward != nil)
        world.facts.method = .delete
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .methodNotAllowed)
        #expect(refusal?.status == 405)
        #expect(refusal?.allow?.methods == [.get, .post])
    }

    @Test("a route without a list allows every method but TRACE and CONNECT", arguments: Method.allCases)
    func everyMethod(method: Method) throws {
        var world = AccessWorld()
        world.ask("/assets/")
        world.facts.method = method
        let isRefused = method == .trace || method == .connect
        #expect(try world.reason() == (isRefused ? .methodNotAllowed : nil))
    }

    @Test("a WebSocket passes where its route lists it; elsewhere, public routes too, it is upgrade-refused")
    func webSockets() throws {
        for rule in [AccessRule.public, .optional, .authenticated] {
            for upgrades in [UpgradeProtocols.webSocket, []] {
                var world = AccessWorld(routes: [
                    RouteSettings(name: "live", host: "*", access: rule, upgrades: upgrades)
                ])
                world.ask("/live")
                world.signIn()
                #expect(try world.decide().forward != nil)
                (world.facts.isUpgrade, world.facts.asksForWebSocket) = (true, true)
                #expect(try world.reason() == (upgrades.isEmpty ? .upgradeRefused : nil))
            }
        }
    }

    @Test("a suspended tenant is tenant-suspended, on its hosts and for its sessions")
    func suspended() throws {
        var world = AccessWorld()
        world.settings.tenants[0].isSuspended = true
        world.ask("/assets/x")
        #expect(try world.reason() == .tenantSuspended)
        world.ask("/assets/x", host: "globex.example.org")
        #expect(try world.decide().forward != nil)
        world.ask("/", host: "app.example.org")
        world.signIn()
        #expect(try world.reason() == .tenantSuspended)
        world.signIn(tenant: .globex)
        #expect(try world.decide().forward != nil)
    }

    @Test("a public route never forwards an identity, and asks for no session")
    func publicRoute() throws {
        var world = AccessWorld()
        world.ask("/assets/x")
        world.signIn()
        let forward = try world.decide().forward
        #expect(forward?.identity == "")
        #expect(forward?.session == nil)
        #expect(forward?.upstream == 1)
        #expect(forward?.cachePolicy == .asUpstreamSays)
        world.facts.sessionKey = SessionKey(8, 8, 8, 8)
        #expect(try world.decide().forward != nil)
    }

    @Test("answers of other routes are private, unless the route shares its cache")
    func cachePolicy() throws {
        var world = AccessWorld()
        world.signIn()
        #expect(try world.decide().forward?.cachePolicy == .privateOnly)
        world.settings.routes[5].allowsSharedCache = true
        #expect(try world.decide().forward?.cachePolicy == .asUpstreamSays)
    }
}
