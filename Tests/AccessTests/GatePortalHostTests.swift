import Access
import Core
import Testing

/// Step 2 of a decision where the portal has a host of its own.
@Suite("Gate: portal_host")
struct GatePortalHostTests {
    private static let portal = "id.example.org"

    private func world() -> AccessWorld {
        var world = AccessWorld(routes: [RouteSettings(name: "all", host: "*", access: .public)])
        world.settings.portalHost = Self.portal
        return world
    }

    @Test("its paths are the portal's and /; no route leads there, whatever its pattern")
    func own() throws {
        var world = world()
        for path in ["/.gatehouse/login", "/.gatehouse/account", "/"] {
            world.ask(path, host: Self.portal)
            let call = try #require(try world.decide().portal, "\(path)")
            #expect(call.surface == .portal && !call.belongsToPortalHost)
            #expect(call.hostTenantIndex == nil)
        }
        for path in ["/x", "/app/", "/index.html"] {
            world.ask(path, host: Self.portal)
            #expect(try world.reason() == .routeMissing)
        }
        world.ask("/x")
        #expect(try world.decide().forward != nil)
    }

    @Test("a look-alike of / there is not ours", arguments: ["/;a", "//", "/%2F"])
    func lookAlikes(path: String) throws {
        var world = world()
        world.ask(path, host: Self.portal)
        #expect(try world.decide().refusal != nil)
    }

    @Test(
        "what browsers and applications ask their own origin stays on every host",
        arguments: [
            "/.gatehouse", "/.gatehouse/", "/.gatehouse/login", "/.gatehouse/login/step-up", "/.gatehouse/logout",
            "/.gatehouse/session/handoff",
            "/.gatehouse/whoami", "/.gatehouse/jwks.json", "/.gatehouse/auth", "/.gatehouse/forward-auth",
            "/.gatehouse/assets/style.css", "/.well-known/security.txt", "/.well-known/change-password",
            "/.well-known/webauthn",
        ])
    func everywhere(path: String) throws {
        var world = world()
        for host in ["acme.example.org", "app.example.org"] {
            world.ask(path, host: host)
            #expect(try world.decide().portal?.belongsToPortalHost == false)
        }
    }

    @Test(
        "every other page of ours belongs there",
        arguments: [
            "/.gatehouse/account", "/.gatehouse/account/sessions", "/.gatehouse/password/reset",
            "/.gatehouse/api/v1/users",
            "/.gatehouse/login/totp", "/.gatehouse/whoami/x", "/.gatehouse/session", "/.gatehouse/x",
        ])
    func elsewhere(path: String) throws {
        var world = world()
        for host in ["acme.example.org", "app.example.org"] {
            world.ask(path, host: host)
            #expect(try world.decide().portal?.belongsToPortalHost == true)
        }
        world.settings.portalHost = nil
        #expect(try world.decide(generation: 2).portal?.belongsToPortalHost == false)
    }

    @Test("explanations say so")
    func explained() throws {
        let snapshot = try AccessSnapshot(world().settings, generation: 1)
        func steps(_ host: String, _ path: String) -> String {
            Gate.explain(host: host, path: path, snapshot: snapshot).steps.joined(separator: "; ")
        }
        #expect(
            steps("acme.example.org", "/.gatehouse/account").contains("it is on portal_host: the answer leads to id"))
        #expect(!steps("acme.example.org", "/.gatehouse/login").contains("portal_host"))
        #expect(steps(Self.portal, "/x").contains("host id.example.org is portal_host, where no route leads"))
        #expect(Gate.explain(host: Self.portal, path: "/x", snapshot: snapshot).reason == .routeMissing)
        #expect(Gate.explain(host: Self.portal, path: "/", snapshot: snapshot).verdict == .portal)
    }

    @Test("a host that is a tenant's, shared or public_url's is not the portal's too")
    func claimedTwice() {
        for host in ["acme.example.org", "app.example.org", "shared.example.org"] {
            var settings = world().settings
            settings.portalHost = host
            #expect(throws: AccessSettingsFault.hostRepeated(host)) { try AccessSnapshot(settings, generation: 1) }
        }
    }
}
