import Core
import Login
import Testing

@testable import Portal

@Suite("Whose tenant the login pages are of")
struct HomeRealmTests {
    private let email = "erika@bolt.example"

    @Test("on a shared host the address may name the tenant, through all steps, and its name is not told")
    func namedTenant() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let first = await browser.get("/.gatehouse/login?tenant=bolt")
        #expect(first.action == "/.gatehouse/login?tenant=bolt")
        let second = await browser.submit(first, ["email": email])
        let wrong = await browser.submit(second, ["password": "p"])
        #expect(wrong.action == "/.gatehouse/login?tenant=bolt")
        for page in [first, second, wrong] {
            #expect(page.html.contains("<p>app.example.org</p>"))
            #expect(!page.html.contains("Bolt"))
        }
        // The attempt remembers it where the address does not.
        _ = await browser.post("/.gatehouse/login", wrong.fields.merging(["password": "p"]) { $1 })
        #expect(world.with { $0.signIns.map(\.tenant?.text) } == ["bolt", "bolt"])
    }

    @Test("whether a named tenant exists shows at no step")
    func unknownTenant() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        var pages: [String: [String]] = [:]
        for name in ["bolt", "nope"] {
            let first = await browser.get("/.gatehouse/login?tenant=\(name)")
            let second = await browser.submit(first, ["email": email])
            let wrong = await browser.submit(second, ["password": "p"])
            pages[name] = [first, second, wrong].map { $0.html.masked.replacing("tenant=\(name)", with: "tenant=it") }
        }
        #expect(pages["bolt"] == pages["nope"])
        #expect(world.with { $0.signIns.map(\.tenant?.text) } == ["bolt", "nope"])
        let malformed = await browser.get("/.gatehouse/login?tenant=No%20Tenant")
        #expect(malformed.action == "/.gatehouse/login")
    }

    @Test("a tenant's own host shows its name and lets the address name no other")
    func ownHost() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let own = await browser.get("/.gatehouse/login?tenant=bolt")
        #expect(own.html.contains("<p>Acme GmbH</p>"))
        _ = await browser.submit(own, ["email": email, "password": "p"])
        #expect(world.with { $0.signIns.map(\.tenant) } == [LoginWorld.acme])
    }

    @Test("with home_realm: domain a shared host shows whom the address names, or the e-mail's domain")
    func domain() async throws {
        let world = try await LoginWorld()
        world.with { $0.homeRealm = .domain }
        var browser = try PortalBrowser(world)
        #expect(await browser.get("/.gatehouse/login?tenant=acme").html.contains("<p>Acme GmbH</p>"))
        #expect(await browser.get("/.gatehouse/login?tenant=nope").html.contains("<p>app.example.org</p>"))
        let plain = await browser.get("/.gatehouse/login")
        #expect(plain.html.contains("<p>app.example.org</p>"))
        #expect(await browser.submit(plain, ["email": "Erika@BOLT.example"]).html.contains("<p>Bolt &amp; Söhne</p>"))
        #expect(await browser.submit(plain, ["email": "a@other.example"]).html.contains("<p>app.example.org</p>"))
        // What is shown decides nothing.
        _ = await browser.submit(plain, ["email": email, "password": "p"])
        #expect(world.with { $0.signIns.map(\.tenant) } == [nil])
    }

    @Test("without it the e-mail's domain changes nothing")
    func host() async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let first = await browser.get("/.gatehouse/login")
        #expect(await browser.submit(first, ["email": email]).html.contains("<p>app.example.org</p>"))
    }
}
