import Access
import Core
import Login
import Store

/// Which relying party each tenant is to its members' authenticators, and from which pages they may be asked (security
/// rule 18): all of it from the configuration and the store, never from what a request says.
struct PasskeyPlaces: Sendable {
    private let access: AccessSettings
    private let hosts: [TenantID: [String]]

    /// - Parameter access: with the tenants of the store.
    init(_ access: AccessSettings = AccessSettings()) {
        self.access = access
        hosts = Dictionary(access.tenants.map { ($0.id, $0.hosts) }, uniquingKeysWith: { one, _ in one })
    }

    /// For whom a tenant's passkeys are made: `webauthn.rp_id`, else its first host, else `public_url`'s.  Nil where that
    /// is an address, which is nobody's domain (WebAuthn Level 3 §5.1.2).
    func realm(of tenant: Tenant, plans: PlanBook) -> PasskeyRealm? {
        let rpID = tenant.passkeys.rpID ?? hosts[tenant.id]?.first ?? access.publicHost
        guard ClientAddress(rpID) == nil else { return nil }
        return PasskeyRealm(of: tenant, rpID: rpID, origins: origins(of: tenant.id), plans: plans)
    }

    /// The origins of the pages that may ask for a tenant's passkeys: its hosts and `portal_host`; for a tenant without
    /// hosts, and where none is named, the hosts of no single tenant.
    func origins(of tenant: TenantID?) -> [String] {
        let own = tenant.flatMap { hosts[$0] } ?? []
        let names = own.isEmpty ? [access.publicHost] + access.sharedHosts : own
        return (names + (access.portalHost.map { [$0] } ?? [])).map(origin)
    }

    /// `https://HOST` with `public_url`'s port, as browsers spell an origin (RFC 6454 §6.1).
    private func origin(of host: String) -> String {
        access.publicPort == 443 ? "https://\(host)" : "https://\(host):\(access.publicPort)"
    }
}
