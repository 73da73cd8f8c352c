import Core
import Login
import Store

/// The connections of every tenant, as the tenants' files say them, and which of them are in use.
struct TenantConnections: Sendable {
    private struct Entry: Sendable {
        let settings: [ConnectionSettings]
        let isActive: Bool
        let plan: String
        let methods: [SignInMethod]?
        let emailDomains: [String]
    }

    private var entries: [TenantID: Entry] = [:]

    /// None.
    init() {}

    /// - Parameters:
    ///   - tenants: of the store.
    ///   - settings: of the files, by tenant.
    init(_ tenants: [Tenant], _ settings: [TenantID: [ConnectionSettings]]) {
        for tenant in tenants {
            guard let own = settings[tenant.id], !own.isEmpty else { continue }
            entries[tenant.id] = Entry(
                settings: own, isActive: tenant.state == .active, plan: tenant.plan, methods: tenant.signIn.methods,
                emailDomains: tenant.emailDomains)
        }
    }

    /// A tenant's connections, those that are not enabled included, in the file's order.
    func settings(of tenant: TenantID) -> [ConnectionSettings] { entries[tenant]?.settings ?? [] }

    /// Every tenant that has one, in the order of their ids.
    var tenants: [TenantID] { entries.keys.sorted { $0.text < $1.text } }

    /// Whether members sign in by a connection now: plan and rule include it, and the tenant is active.
    func mayUse(_ tenant: TenantID, plans: PlanBook) -> Bool {
        entries[tenant].map { $0.isActive && includesSAML($0, plans) } ?? false
    }

    /// The connections whose sessions may go on.  That a tenant is suspended ends none for good.
    func standing(of tenant: TenantID, plans: PlanBook) -> Set<ConnectionName> {
        guard let entry = entries[tenant], includesSAML(entry, plans) else { return [] }
        return Set(entry.settings.filter(\.isEnabled).map(\.name))
    }

    /// The e-mail domains of the connections that are in use: their own as far as they are the tenant's, or all of the
    /// tenant's.
    func emailDomains(of tenant: TenantID, plans: PlanBook) -> Set<String> {
        guard let entry = entries[tenant], includesSAML(entry, plans) else { return [] }
        let own = Set(entry.emailDomains)
        var found: Set<String> = []
        for connection in entry.settings where connection.isEnabled {
            found.formUnion(connection.emailDomains.isEmpty ? own : own.intersection(connection.emailDomains))
        }
        return found
    }

    private func includesSAML(_ entry: Entry, _ plans: PlanBook) -> Bool {
        plans.plan(entry.plan).methods.contains(.saml) && entry.methods?.contains(.saml) ?? true
    }
}

extension PlanBook {
    /// These plans, asked with what the connections of the moment are.
    func knowing(_ connections: @escaping @Sendable () -> TenantConnections) -> PlanBook {
        var book = self
        let plain = self
        book.connectionDomains = { connections().emailDomains(of: $0, plans: plain) }
        return book
    }
}
