import Access
import Core
import Login
import Store

/// What the account pages show of a member's accounts at identity providers.
struct CompanyAccount: Sendable, Hashable {
    /// What the connections are called that the account is connected with.
    let names: [String]
    /// The provider decides what the member's address is.
    let ownsAddress: Bool

    /// Of a member who has none.
    static let none = CompanyAccount(names: [], ownsAddress: false)

    private init(names: [String], ownsAddress: Bool) {
        self.names = names
        self.ownsAddress = ownsAddress
    }

    init(of visit: AccountVisit, services: PortalServices) async {
        guard let sso = services.sso else {
            self = .none
            return
        }
        let (tenant, user) = (visit.member.tenant, visit.member.user)
        let offers = sso.offers(tenant)
        let linked = offers.isEmpty ? [] : await sso.links(user, tenant)
        names = offers.filter { linked.contains($0.name) }.map(\.displayName)
        ownsAddress = await Self.ownsAddress(of: visit, services: services)
    }

    /// Whether the member's domain is one whose addresses sign in by a connection alone.  An address that the rule excepts
    /// is its member's.
    static func ownsAddress(of visit: AccountVisit, services: PortalServices) async -> Bool {
        guard !visit.allowsPassword, let sso = services.sso, let email = NormalizedEmail(visit.member.email) else {
            return false
        }
        guard case .enforced = await sso.route(email, visit.member.tenant) else { return false }
        return true
    }

    /// What the connection is called that each session came by, of those that came by one.
    static func names(
        of sessions: [SessionHandle], _ visit: AccountVisit, services: PortalServices
    ) async -> [SessionHandle: String] {
        guard let sso = services.sso else { return [:] }
        let offers = sso.offers(visit.member.tenant)
        guard !offers.isEmpty else { return [:] }
        var names: [SessionHandle: String] = [:]
        for session in sessions {
            let name = await sso.origin(session, visit.member.tenant)
            names[session] = offers.first { $0.name == name }?.displayName
        }
        return names
    }
}
