public import Access
public import Core

/// Whose each host is, and on which host its visitors sign in (decision 21): on `portal_host` where there is one, else
/// each tenant's members on the first of its hosts, and on a shared host where they are.
///
/// Every redirect from host to host is made of these names and `public_url`'s port, never of what a request says.
public struct SignInHosts: Sendable {
    /// `portal_host`; nil where there is none.
    public let portal: String?
    let publicHost: String
    private let port: UInt16
    private let owners: [String: TenantID]
    private let firstHosts: [TenantID: String]
    private let shared: Set<String>

    /// - Parameter access: with the tenants of the store.
    public init(_ access: AccessSettings = AccessSettings()) {
        portal = access.portalHost
        publicHost = access.publicHost
        port = access.publicPort
        shared = Set([access.publicHost] + access.sharedHosts)
        owners = Dictionary(
            access.tenants.flatMap { tenant in tenant.hosts.map { ($0, tenant.id) } },
            uniquingKeysWith: { one, _ in one })
        firstHosts = Dictionary(
            access.tenants.compactMap { tenant in tenant.hosts.first.map { (tenant.id, $0) } },
            uniquingKeysWith: { one, _ in one })
    }

    /// The tenant that a host belongs to; nil for every other host.
    func owner(of host: String) -> TenantID? { owners[host] }

    /// Where visitors of a host sign in; nil where that is the host itself, or no host of ours.
    func home(of host: String) -> String? {
        let owner = owners[host]
        guard owner != nil || shared.contains(host) else { return nil }
        let home = portal ?? owner.flatMap { firstHosts[$0] } ?? host
        return home == host ? nil : home
    }

    /// The host on which a tenant's members sign in, where it is no shared one: `portal_host`, else the first of its
    /// hosts; nil where it has neither.
    func signInHost(of tenant: TenantID) -> String? { portal ?? firstHosts[tenant] }

    /// `https://HOST` of that host, with `public_url`'s port: where a connection has its addresses.
    public func signInOrigin(of tenant: TenantID) -> String? { signInHost(of: tenant).map(origin) }

    /// Where a member goes who came from nowhere.
    func application(of tenant: TenantID?) -> String { origin(of: tenant.flatMap { firstHosts[$0] } ?? publicHost) }

    /// `https://HOST` with `public_url`'s port.
    func origin(of host: String) -> String { port == 443 ? "https://\(host)" : "https://\(host):\(port)" }

    /// A host in the spelling of the configuration, from a Host field or an address; empty where it is none.
    static func canonical(_ authority: String) -> String {
        var host = CanonicalHost()
        return host.read(Array(authority.utf8).span) == nil ? host.text : ""
    }
}
