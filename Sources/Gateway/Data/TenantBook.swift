import Access
import Core
import Login
import Portal
import Store
import Synchronization

/// The tenants as the store holds them, in memory, with the roles of the operator's catalogue: what names, snapshots
/// and sessions are made from.
final class TenantBook: Sendable {
    private struct State {
        var tenants: [TenantID: Tenant] = [:]
        var domains: [String: TenantID] = [:]
        var catalogue: [RoleSettings] = []
        var hosts = SignInHosts()
        var passkeys = PasskeyPlaces()
        /// By tenant and key: where a file says it.
        var places: [TenantID: [String: String]] = [:]
        /// What files alone say.
        var presentations: [TenantID: TenantPresentation] = [:]
        var connections = TenantConnections()
        /// By the name under which pages ask for them.
        var logos: [String: PageBrand.Logo] = [:]
    }

    private let state = Mutex(State())

    /// Takes over what the store and the configuration say now.
    /// - Parameter access: with these tenants.
    func replace(
        tenants: [Tenant], access: AccessSettings, places: [TenantID: [String: String]],
        presentations: [TenantID: TenantPresentation] = [:]
    ) {
        let logos = presentations.values.compactMap { $0.brand?.logo }.map { ($0.fileName, $0) }
        let byID = Dictionary(tenants.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        let domains = tenants.flatMap { tenant in tenant.emailDomains.map { ($0, tenant.id) } }
        let owners = Dictionary(domains, uniquingKeysWith: { first, _ in first })
        let fresh = State(
            tenants: byID, domains: owners, catalogue: access.roles, hosts: SignInHosts(access),
            passkeys: PasskeyPlaces(access), places: places, presentations: presentations,
            connections: TenantConnections(tenants, presentations.mapValues(\.connections)),
            logos: Dictionary(logos, uniquingKeysWith: { first, _ in first }))
        state.withLock { $0 = fresh }
    }

    /// Whose each host is, and where its visitors sign in.
    var hosts: SignInHosts { state.withLock { $0.hosts } }

    /// For whom a tenant's passkeys are made; nil where it can have none.
    func passkeyRealm(of tenant: TenantID, plans: PlanBook) -> PasskeyRealm? {
        let (known, places) = state.withLock { ($0.tenants[tenant], $0.passkeys) }
        return known.flatMap { places.realm(of: $0, plans: plans) }
    }

    /// The origins of the pages that may ask for a tenant's passkeys; nil names the tenants without hosts.
    func passkeyOrigins(of tenant: TenantID?) -> [String] { state.withLock { $0.passkeys }.origins(of: tenant) }

    /// For how long members with these roles get by without a second factor that they do not have yet; 0 where none is
    /// asked of them, too.
    func secondFactorGrace(of tenant: TenantID, roles: [RoleName]) -> Milliseconds {
        guard let known = state.withLock({ $0.tenants[tenant] }) else { return Milliseconds(0) }
        return switch known.secondFactor {
        case .none, .optional: Milliseconds(0)
        case .required: known.secondFactorGrace
        case .requiredForRoles(let asked): asked.contains(where: roles.contains) ? known.secondFactorGrace : .init(0)
        }
    }

    /// The tenant as the store has it, without what its plan does not include.
    func tenant(_ id: TenantID) -> Tenant? { state.withLock { $0.tenants[id] } }

    /// The tenant's display name; nil where there is no such tenant.
    func name(of tenant: TenantID) -> String? { state.withLock { $0.tenants[tenant]?.name } }

    /// The tenant that an e-mail domain belongs to, as `NormalizedEmail.domain` spells it.
    func tenant(ofDomain domain: String) -> TenantID? { state.withLock { $0.domains[domain] } }

    /// Where files say what the tenant is: key → `config/tenants/acme.yaml:3`.
    func places(of tenant: TenantID) -> [String: String] { state.withLock { $0.places[tenant] ?? [:] } }

    /// What the tenant's file makes shorter; nil where it says nothing of it.
    func sessionSettings(of tenant: TenantID) -> TenantSessionSettings? {
        state.withLock { $0.presentations[tenant]?.session }
    }

    /// How the tenant's pages look; nil where they look like everybody's.
    func brand(of tenant: TenantID) -> PageBrand? { state.withLock { $0.presentations[tenant]?.brand } }

    /// The connections of every tenant.
    var connections: TenantConnections { state.withLock { $0.connections } }

    /// The logo of this name, whosever it is.
    func logo(named name: String) -> PageBrand.Logo? { state.withLock { $0.logos[name] } }

    /// The roles that anybody may be given: the catalogue's.
    var catalogue: [RoleName] { state.withLock { $0.catalogue.map(\.name) } }

    /// What a user's roles amount to: the default ones, and those given that the catalogue or the tenant still has.
    func roles(of user: User, in tenant: TenantID) -> [RoleName] {
        state.withLock { state in
            let catalogue = Set(state.catalogue.map(\.name))
            let own = Set(state.tenants[tenant]?.ownRoles ?? [])
            let defaults = state.catalogue.filter(\.isDefault).map(\.name)
            // A role of the tenant's own whose name came into the catalogue later is neither: whoever was given the one
            // must not have the other (security rule 8).
            let known = catalogue.symmetricDifference(own)
            return defaults + user.roles.filter { known.contains($0) && !defaults.contains($0) }
        }
    }

    /// How many tenants there are.
    var count: Int { state.withLock { $0.tenants.count } }
}

extension TenantSettings {
    /// A stored tenant as the access decision sees it.
    init(_ tenant: Tenant) {
        let rule: SecondFactorRule =
            switch tenant.secondFactor {
            case .none: .none
            case .optional: .optional
            case .required: .required
            case .requiredForRoles(let roles): .requiredForRoles(roles)
            }
        self.init(
            id: tenant.id, name: tenant.name, hosts: tenant.hosts, ownRoles: tenant.ownRoles, secondFactor: rule,
            allowedNetworks: tenant.allowedNetworks, isSuspended: tenant.state != .active)
        secondFactorGrace = tenant.secondFactorGrace
    }
}

extension AccessSettings {
    /// Hosts that no tenant may own.
    var hostsOfNoTenant: [String] { [publicHost] + sharedHosts + (portalHost.map { [$0] } ?? []) }

    /// These settings with the store's tenants, in the order of their ids.
    ///
    /// What a stored tenant claims and the configuration has given to everybody meanwhile (a shared host, a role of the
    /// catalogue) is left out and told: the operator's file has the last word, and no start fails over it.
    func with(_ tenants: [Tenant]) -> (access: AccessSettings, warnings: [String]) {
        let shared = Set(hostsOfNoTenant)
        let names = Set(roles.map(\.name))
        var warnings: [String] = []
        var settings = self
        settings.tenants = tenants.sorted { $0.id.text < $1.id.text }.map { tenant in
            var entry = TenantSettings(tenant)
            for host in entry.hosts where shared.contains(host) {
                warnings.append(
                    "the host \(host) of tenant \(tenant.id) is public_url's, portal_host or a shared host now and counts as such"
                )
            }
            entry.hosts.removeAll { shared.contains($0) }
            for role in entry.ownRoles where names.contains(role) {
                warnings.append("the role \(role) of tenant \(tenant.id) is in the catalogue now and counts as such")
            }
            entry.ownRoles.removeAll { names.contains($0) }
            return entry
        }
        return (settings, warnings)
    }
}
