import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("Signing in on portal_host")
struct PortalHostTests {
    private typealias Hosts = HostsBrowser

    private func browser() async throws -> HostsBrowser {
        try HostsBrowser(await Hosts.world(portal: Hosts.portal))
    }

    @Test("members of every tenant sign in there, under their tenant's name, and end on their own host")
    func walk() async throws {
        var browser = try await browser()
        let form = await browser.open(Hosts.acmeFirst, "/.gatehouse/login?return_to=/x")
        #expect(form.host == Hosts.portal)
        #expect(form.page.html.contains("<p>Acme GmbH</p>"))
        let end = await browser.signIn(form)
        #expect(end.location == "https://acme.example.org:8443/x")
        // Every other host of the tenant, and a shared one, follows without a page.
        for host in [Hosts.acmeOther, Hosts.shared] {
            #expect(await browser.open(host, "/.gatehouse/login?return_to=/y").location == "https://\(host):8443/y")
        }
    }

    @Test("who signed in for one tenant signs in anew for another, and each session stays its tenant's")
    func tenants() async throws {
        var browser = try await browser()
        _ = await browser.signIn(await browser.open(Hosts.acmeFirst, "/.gatehouse/login"))
        let form = await browser.open(Hosts.bolt, "/.gatehouse/login?return_to=/x")
        #expect(form.host == Hosts.portal && form.page.html.contains("<p>Bolt &amp; Söhne</p>"))
        // A member of the first tenant is none of the other's.
        #expect(await browser.signIn(form).status == 422)
        let end = await browser.signIn(
            await browser.open(Hosts.bolt, "/.gatehouse/login?return_to=/x"), email: "otto@bolt.example")
        #expect(end.location == "https://bolt.example.org:8443/x")
        let token = try #require(browser.cookie("", on: Hosts.bolt))
        #expect(try await browser.world.session(token)?.tenant == TenantID("bolt"))
    }

    @Test("a tenant that is named for another tenant's host changes nothing")
    func namedTenant() async throws {
        var browser = try await browser()
        _ = await browser.signIn(await browser.open(Hosts.acmeFirst, "/.gatehouse/login"))
        let departure = await browser.ask("https://\(Hosts.bolt):8443/.gatehouse/login")
        let address = try #require(departure.location) + "&tenant=acme"
        #expect(await browser.follow(await browser.ask(address)).page.heading == "Sign in")
        #expect(browser.cookie("", on: Hosts.bolt) == nil)
    }

    @Test("a tenant that is named on a shared host is the one that signs in for it")
    func sharedTenant() async throws {
        var browser = try await browser()
        _ = await browser.signIn(await browser.open(Hosts.acmeFirst, "/.gatehouse/login"))
        #expect(
            await browser.open(Hosts.shared, "/.gatehouse/login?tenant=bolt").page.heading == "Sign in")
        #expect(
            await browser.open(Hosts.shared, "/.gatehouse/login?tenant=acme&return_to=/z").location?.hasSuffix("/z")
                == true)
    }

    @Test("who came from nowhere sees who they are, with the ways to the application and out")
    func home() async throws {
        var browser = try await browser()
        let form = await browser.open(Hosts.portal, "/")
        #expect(form.page.heading == "Sign in")
        let home = await browser.signIn(form)
        #expect(home.host == Hosts.portal && home.page.heading == "You are signed in")
        #expect(home.page.html.contains(Hosts.email))
        #expect(home.page.html.contains("href=\"https://acme.example.org:8443/\""))
        #expect(await browser.submit(home, [:]).page.heading == "You are signed out")
    }

    @Test("elsewhere / is no page of ours")
    func noHome() async throws {
        var browser = try await browser()
        #expect(await browser.ask("https://\(Hosts.acmeFirst):8443/").status == 404)
    }

    @Test("pages that belong there lead there, with the tenant's name")
    func elsewhere() async throws {
        let router = try await browser().router
        func answer(
            _ method: HTTPRequest.Method, _ path: String, accept: String = browserAccept,
            tenant: TenantID? = LoginWorld.acme
        ) async -> PortalResponse {
            var asked = request(method, path, accept: accept, host: "acme.example.org:8443")
            asked.hostTenant = tenant
            asked.belongsToPortalHost = true
            return await router.response(to: asked)
        }
        func location(_ path: String, tenant: TenantID? = LoginWorld.acme) async -> String? {
            await answer(.get, path, tenant: tenant).head.headerFields[.location]
        }
        let origin = "https://id.example.org:8443"
        #expect(await location("/.gatehouse/account") == "\(origin)/.gatehouse/account?tenant=acme")
        #expect(await location("/.gatehouse/a?b=c") == "\(origin)/.gatehouse/a?b=c&tenant=acme")
        #expect(await location("/.gatehouse/a?tenant=bolt") == "\(origin)/.gatehouse/a?tenant=bolt")
        #expect(await location("/.gatehouse/a", tenant: nil) == "\(origin)/.gatehouse/a")
        #expect(await answer(.get, "/.gatehouse/a").head.status == .found)
        #expect(await answer(.post, "/.gatehouse/a").head.status == .seeOther)
        #expect(await answer(.post, "/.gatehouse/a", accept: "application/json").head.status == .notFound)
    }
}
