import Access
import Core
import HTTPTypes

@testable import Portal

/// A browser in front of several hosts: each has cookies of its own, redirects are followed, and the data plane's part is
/// played as far as sessions go.
struct HostsBrowser {
    static let acmeFirst = "acme.example.org"
    static let acmeOther = "shop.example.net"
    static let acmeThird = "docs.example.net"
    static let bolt = "bolt.example.org"
    static let shared = "app.example.org"
    static let portal = "id.example.org"
    static let email = "erika@acme.example"
    static let password = "Seven-Herons_4-Breakfast"

    /// acme with three hosts, bolt with one, a shared one, on port 8443.
    static func access(portal: String? = nil) -> AccessSettings {
        var access = AccessSettings(publicHost: shared, publicPort: 8443)
        access.tenants = [
            TenantSettings(id: TenantID("acme")!, name: "Acme GmbH", hosts: [acmeFirst, acmeOther, acmeThird]),
            TenantSettings(id: TenantID("bolt")!, name: "Bolt & Söhne", hosts: [bolt]),
        ]
        access.portalHost = portal
        return access
    }

    /// A world with these hosts and a member of each tenant.
    static func world(portal: String? = nil) async throws -> LoginWorld {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", email, password: password)
        try await world.makeMember(of: "bolt", "otto@bolt.example", password: password)
        let access = access(portal: portal)
        world.with { $0.access = access }
        return world
    }

    /// A page, and the host that showed it.
    struct Seen {
        let host: String
        let path: String
        let page: PortalBrowser.Page

        var status: Int { page.status }
        /// `https://…` of the place that it leads to; nil for a page.
        var location: String? {
            guard let location = page.location else { return nil }
            return location.hasPrefix("/") ? "https://\(host):8443\(location)" : location
        }
    }

    let world: LoginWorld
    private(set) var hosts: [String: PortalBrowser] = [:]
    private var prototype: PortalBrowser
    /// Hosts whose cookies are not kept.
    var withoutCookies: Set<String> = []
    /// Every place that the browser was sent to, since the last `open`.
    private(set) var journey: [String] = []

    init(_ world: LoginWorld) throws {
        self.world = world
        prototype = try PortalBrowser(world)
    }

    /// Answers without a browser.
    var router: PortalRouter { prototype.router }

    /// Sent with every request, from now on.
    var fields: HTTPFields {
        get { prototype.fields }
        set {
            prototype.fields = newValue
            for host in hosts.keys { hosts[host]?.fields = newValue }
        }
    }

    /// Another browser, without a cookie, in front of the same process.
    func another() -> HostsBrowser {
        var other = self
        other.hosts = [:]
        return other
    }

    /// The cookie of one host.
    func cookie(_ name: String, on host: String) -> String? { hosts[host]?.cookies["__Host-gatehouse\(name)"] }

    mutating func set(_ name: String, on host: String, to value: String?) {
        prepare(host)
        hosts[host]?.cookies["__Host-gatehouse\(name)"] = value
    }

    /// One request, without following.
    mutating func ask(_ address: String) async -> Seen {
        let rest = address.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" }
        let (host, path) = (String(authority.prefix { $0 != ":" }), String(rest.dropFirst(authority.count)))
        prepare(host)
        guard var browser = hosts[host] else { return Seen(host: host, path: path, page: await prototypePage()) }
        let page = await browser.get(path)
        keep(browser, host)
        journey.append(address)
        return Seen(host: host, path: path, page: page)
    }

    /// Types an address and follows until a page or an application's path comes.
    mutating func open(_ host: String, _ path: String) async -> Seen {
        journey = []
        return await follow(await ask("https://\(host):8443\(path)"))
    }

    mutating func follow(_ seen: Seen) async -> Seen {
        var seen = seen
        for _ in 0..<12 {
            guard let next = seen.location else { return seen }
            let path = next.dropFirst("https://".count).drop { $0 != "/" }
            if !path.hasPrefix("/.gatehouse/"), path != "/" || !next.contains(Self.portal) {
                journey.append(next)
                return seen
            }
            seen = await ask(next)
        }
        return seen
    }

    /// Sends the form of a page and follows.
    mutating func submit(_ seen: Seen, _ fields: [String: String?]) async -> Seen {
        guard var browser = hosts[seen.host] else { return seen }
        let page = await browser.submit(seen.page, fields)
        keep(browser, seen.host)
        return await follow(Seen(host: seen.host, path: seen.path, page: page))
    }

    /// The whole sign-in, from the first step's page.
    mutating func signIn(_ seen: Seen, email: String = email) async -> Seen {
        await submit(seen, ["email": email, "password": Self.password])
    }

    private func prototypePage() async -> PortalBrowser.Page {
        var browser = prototype
        return await browser.get("/")
    }

    private mutating func prepare(_ host: String) {
        guard hosts[host] == nil else { return }
        var browser = prototype
        browser.host = "\(host):8443"
        browser.hostTenant = SignInHosts(world.with { $0.access }).owner(of: host)
        hosts[host] = browser
    }

    private mutating func keep(_ browser: PortalBrowser, _ host: String) {
        hosts[host] = browser
        if withoutCookies.contains(host) { hosts[host]?.cookies = [:] }
    }
}
