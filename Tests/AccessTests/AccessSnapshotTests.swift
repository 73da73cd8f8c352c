import Access
import Core
import Testing

@Suite("Access snapshot")
struct AccessSnapshotTests {
    private func fault(_ change: (inout AccessSettings) -> Void) -> AccessSettingsFault? {
        var settings = AccessWorld().settings
        change(&settings)
        do {
            _ = try AccessSnapshot(settings, generation: 1)
            return nil
        } catch { return error }
    }

    @Test("good settings compile, and names are found by index")
    func good() throws {
        let snapshot = try AccessSnapshot(AccessWorld().settings, generation: 3)
        #expect(snapshot.generation == 3)
        #expect(snapshot.routeCount == 6)
        #expect(snapshot.routeName(at: 2) == "admin")
        #expect(snapshot.tenantIndex(of: .globex) == 1)
        #expect(snapshot.tenantID(at: 1) == .globex)
        #expect(snapshot.knows(CanonicalHost("www.acme.example")!))
        #expect(!snapshot.knows(CanonicalHost("acme.example")!))
    }

    @Test("public_url's host may stand in shared_hosts too")
    func sharedTwice() {
        #expect(fault { $0.sharedHosts = ["app.example.org", "APP.example.org"] } == nil)
    }

    @Test("settings that contradict themselves do not compile")
    func faults() {
        #expect(fault { $0.publicHost = "a b" } == .hostMalformed("a b"))
        #expect(fault { $0.tenants[1].hosts = ["ACME.example.org"] } == .hostRepeated("acme.example.org"))
        #expect(fault { $0.sharedHosts = ["acme.example.org"] } == .hostRepeated("acme.example.org"))
        #expect(fault { $0.tenants[1].id = .acme } == .tenantRepeated("acme"))
        #expect(fault { $0.routes[0].host = "*.*.example" } == .patternMalformed(route: "assets", host: "*.*.example"))
        #expect(
            fault { $0.routes[0].access = .restricted(.init(roles: [RoleName("nobody")!])) }
                == .roleUnknown(route: "assets", role: "nobody"))
        #expect(fault { $0.tenants[0].ownRoles = [.admin] } == .roleShadowed(tenant: "acme", role: "admin"))
    }

    @Test(
        "a path that no canonical path could match is no pattern",
        arguments: ["", "a", "//", "/a//b", "/./", "/a/..", "/a;b", "/a\\b", "/a\u{0}"])
    func badPaths(path: String) {
        #expect(fault { $0.routes[0].path = path } == .pathMalformed(route: "assets", path: path))
    }

    @Test("routes name at most 64 roles")
    func roleBound() {
        func settings(_ count: Int) -> (inout AccessSettings) -> Void {
            return { settings in
                let names = (0..<count).map { RoleName("role-\($0)")! }
                settings.roles = names.map { RoleSettings(name: $0) }
                settings.routes = [RouteSettings(name: "r", host: "*", access: .restricted(.init(roles: names)))]
            }
        }
        #expect(fault(settings(64)) == nil)
        #expect(fault(settings(65)) == .tooManyRoles(65))
    }

    @Test("the last of 64 roles is told from the first")
    func roleBits() throws {
        let names = (0..<64).map { RoleName("role-\($0)")! }
        var world = AccessWorld(
            routes: names.map { role in
                RouteSettings(name: role.text, host: "*", path: "/\(role)/", access: .restricted(.init(roles: [role])))
            })
        world.settings.roles = names.map { RoleSettings(name: $0) }
        world.signIn(roles: [names[63]])
        world.ask("/role-63/")
        #expect(try world.decide().forward != nil)
        world.ask("/role-0/")
        #expect(try world.reason() == .roleMissing)
    }

    @Test("each of many routes is found, whatever its first segment has in common with others")
    func manyRoutes() throws {
        let long = "/a-segment-that-is-longer-than-any-head"
        let paths = (0..<150).flatMap { ["/s\($0)/", "/shared/s\($0)/", "\(long)-\($0)/"] }
        var world = AccessWorld(
            routes: paths.map { RouteSettings(name: $0, host: "*", path: $0, access: .public) }
                + [RouteSettings(name: "/", host: "*", access: .public)])
        let snapshot = try AccessSnapshot(world.settings, generation: 1)
        for path in paths {
            for request in [path, path + "x", String(path.dropLast()), path.uppercased()] {
                world.ask(request)
                let decision = Gate.decide(world.facts, snapshot: snapshot, sessions: &world.sessions, now: world.now)
                #expect(Outcome(decision, snapshot).forward?.route == path, "\(request)")
            }
            world.ask(String(path.dropLast()) + "x")
            let decision = Gate.decide(world.facts, snapshot: snapshot, sessions: &world.sessions, now: world.now)
            #expect(Outcome(decision, snapshot).forward?.route == "/")
        }
    }

    @Test(
        "host patterns match what they say",
        arguments: [
            ("*", "acme.example.org", true), ("*.example.org", "acme.example.org", true),
            ("*.org", "acme.example.org", true),
            ("*.Example.ORG", "acme.example.org", true), ("acme.example.org", "acme.example.org", true),
            ("*.acme.example.org", "acme.example.org", false), ("*.xample.org", "acme.example.org", false),
            ("example.org", "acme.example.org", false),
        ])
    func hostPatterns(pattern: String, host: String, isMatch: Bool) throws {
        var world = AccessWorld(routes: [RouteSettings(name: "r", host: pattern, access: .public)])
        world.ask("/", host: host)
        #expect((try world.decide().forward != nil) == isMatch)
    }
}

@Suite("Shadowed routes")
struct ShadowedRouteTests {
    private func isHidden(_ later: RouteSettings, by earlier: RouteSettings) -> Bool {
        AccessSnapshot.shadowedRoutes([earlier, later]).map(\.hidden) == [1]
    }

    private func route(_ host: String, _ path: String, isCaseSensitive: Bool = false) -> RouteSettings {
        RouteSettings(name: "r", host: host, path: path, isCaseSensitive: isCaseSensitive)
    }

    @Test(
        "a route that an earlier one covers by host and path is hidden",
        arguments: [
            ("*", "/", "*", "/"), ("*", "/", "a.example", "/x/"), ("*.example", "/", "*.a.example", "/"),
            ("*.example", "/", "a.example", "/"),
            ("*", "/admin/", "*", "/admin/users/"), ("*", "/admin/", "*", "/admin"), ("*", "/admin/", "*", "/ADMIN/"),
            ("*", "/x", "*", "/X"),
        ])
    func hidden(host: String, path: String, laterHost: String, laterPath: String) {
        #expect(isHidden(route(laterHost, laterPath), by: route(host, path)))
        #expect(AccessSnapshot.shadowedRoutes([route(host, path)]).isEmpty)
    }

    @Test(
        "a route that still matches something is not",
        arguments: [
            ("a.example", "/", "*", "/"), ("*.example", "/", "example", "/"), ("*.a.example", "/", "*.example", "/"),
            ("*", "/admin/", "*", "/"), ("*", "/admin/", "*", "/administrator/"), ("*", "/admin", "*", "/admin/"),
            ("*", "/admin", "*", "/admin/x"),
            ("*.example", "/", "*", "/"),
        ])
    func visible(host: String, path: String, laterHost: String, laterPath: String) {
        #expect(!isHidden(route(laterHost, laterPath), by: route(host, path)))
    }

    @Test("a case-sensitive route hides an insensitive one only where no letter can differ")
    func caseRules() {
        #expect(!isHidden(route("*", "/a/"), by: route("*", "/a/", isCaseSensitive: true)))
        #expect(isHidden(route("*", "/1/"), by: route("*", "/1/", isCaseSensitive: true)))
        #expect(isHidden(route("*", "/a/", isCaseSensitive: true), by: route("*", "/a/", isCaseSensitive: true)))
        #expect(!isHidden(route("*", "/A/", isCaseSensitive: true), by: route("*", "/a/", isCaseSensitive: true)))
        #expect(isHidden(route("*", "/A/", isCaseSensitive: true), by: route("*", "/a/")))
        #expect(isHidden(route("*", "/a/"), by: route("*", "/", isCaseSensitive: true)))
    }

    @Test("the first route that hides is named")
    func first() {
        let shadowed = AccessSnapshot.shadowedRoutes([
            route("*", "/x/"), route("*", "/"), route("*", "/y/"), route("*", "/x/z/"),
        ])
        #expect(shadowed.map(\.hidden) == [2, 3])
        #expect(shadowed.map(\.by) == [1, 0])
    }
}
