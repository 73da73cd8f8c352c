import Access
import Core
import Testing

@Suite("A rewritten prefix never makes a path of ours")
struct PrefixRewriteTests {
    private func world(_ path: String, _ replacement: String, allowances: PathAllowances = []) -> AccessWorld {
        AccessWorld(routes: [
            RouteSettings(
                name: "shop", host: "*", path: path, access: .public, allowances: allowances,
                handling: RouteHandling(prefixRewrite: replacement)),
            RouteSettings(name: "app", host: "*", path: "/", access: .public),
        ])
    }

    @Test(
        "what would become ours is page-missing",
        arguments: [
            ("/shop/", "/", "/shop/.gatehouse"), ("/shop/", "/", "/shop/.gatehouse/login"),
            ("/shop/", "/", "/shop/.GateHouse/login"), ("/shop/", "/", "/shop/%2egatehouse/login"),
            ("/shop/", "/", "/shop/.well-known/security.txt"), ("/shop/", "/", "/SHOP/.well-known/change-password/"),
            ("/w/", "/.well-known/", "/w/security.txt"), ("/w/", "/.well-known/", "/w/Change-Password"),
            ("/shop/", "/", "/shop/.well-known/webauthn"),
        ])
    func reserved(_ path: String, _ replacement: String, _ asked: String) throws {
        var world = world(path, replacement)
        world.ask(asked)
        #expect(try world.reason() == .pageMissing)
        // The same path on a route that rewrites nothing is the application's own.
        world.settings.routes[0].handling.prefixRewrite = nil
        #expect(try world.decide().forward?.route == "shop")
    }

    @Test(
        "what becomes the application's is forwarded",
        arguments: [
            ("/shop/", "/", "/shop/.gatehousex"), ("/shop/", "/", "/shop/a/.gatehouse"), ("/shop/", "/", "/shop"),
            ("/shop/", "/", "/shop/.well-known/security.txt/a"), ("/shop/", "/v1/", "/shop/.gatehouse/login"),
            ("/w/", "/.well-known/", "/w/acme"),
        ])
    func free(_ path: String, _ replacement: String, _ asked: String) throws {
        var world = world(path, replacement)
        world.ask(asked)
        #expect(try world.decide().forward?.route == "shop")
    }

    @Test("every reading of a path is looked at")
    func readings() throws {
        var world = world("/shop/", "/", allowances: [.encodedSlash, .parameters])
        for path in ["/shop/.gatehouse%2Flogin", "/shop/.gatehouse;a=b/login", "/shop/.gatehouse;a"] {
            world.ask(path)
            #expect(try world.reason() == .pageMissing, "\(path)")
        }
    }

    @Test(
        "a replacement is a plain folder outside our own",
        arguments: [
            "", "v1", "/v1", "v1/", "//", "/v1//", "/a b/", "/%2e/", "/./", "/../", "/a/../b/", "/ä/", "/a?/", "/a;b/",
            "/.gatehouse/", "/.GATEHOUSE/", "/.gatehouse/login/", "/.well-known/security.txt/",
        ])
    func malformed(_ replacement: String) throws {
        #expect(!RouteHandling.isReplacementPath(replacement))
        #expect(throws: AccessSettingsFault.rewriteMalformed(route: "shop", replacement: replacement)) {
            try AccessSnapshot(world("/shop/", replacement).settings, generation: 1)
        }
    }

    @Test("it stands in place of a folder, whose paths have one reading of its segments")
    func misplaced() throws {
        for replacement in ["/", "/v1/", "/a/b.c/~d_e-f/"] { #expect(RouteHandling.isReplacementPath(replacement)) }
        let fault = AccessSettingsFault.rewriteMalformed(route: "shop", replacement: "/")
        #expect(throws: fault) { try AccessSnapshot(world("/shop", "/").settings, generation: 1) }
        #expect(throws: fault) {
            try AccessSnapshot(world("/shop/", "/", allowances: .emptySegments).settings, generation: 1)
        }
        #expect(throws: Never.self) { try AccessSnapshot(world("/shop/", "/").settings, generation: 1) }
    }
}
