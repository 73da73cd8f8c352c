import Access
import Core
import Login

/// What tenants may not share, and what a tenant's file may name.
struct TenantChecks {
    let reader: ConfigurationReader

    /// The settings of every tenant; hosts are claimed from `hosts`.  `catalogue` and `plans` are nil where
    /// they were refused themselves.
    func settings(
        for tenants: [TenantFile], catalogue: [RoleName]?, plans: PlanBook?, hosts: inout HostOwnership
    ) -> [TenantSettings] {
        var ids: [TenantID: Located<TenantID>] = [:]
        var domains: [String: (owner: TenantID, position: SourcePosition)] = [:]
        for tenant in tenants {
            if let earlier = ids[tenant.id.value] {
                reader.report(
                    tenant.id, "\"\(tenant.id.value)\" is the id of another tenant already (\(earlier.position))",
                    allowed: "each id once")
            } else {
                ids[tenant.id.value] = tenant.id
            }
            for host in tenant.hosts { hosts.claim(host.value, for: "a host of tenant \(tenant.id.value)", at: host) }
            for domain in tenant.emailDomains {
                if let earlier = domains[domain.value] {
                    reader.report(
                        domain,
                        "\(ShownText.quoted(domain.value)) is a domain of tenant \(earlier.owner) already "
                            + "(\(earlier.position))",
                        allowed: "an e-mail domain belongs to one tenant", remedy: "keep it in one place")
                } else {
                    domains[domain.value] = (tenant.id.value, domain.position)
                }
            }
            judgeRoles(of: tenant, catalogue: catalogue)
            if let plans { PlanChecks(reader: reader).judge(tenant, plans) }
        }
        return tenants.map(\.settings)
    }

    private func judgeRoles(of tenant: TenantFile, catalogue: [RoleName]?) {
        guard let catalogue else { return }
        for role in tenant.roles where catalogue.contains(role.value) {
            reader.report(
                role, "\"\(role.value)\" is in the operator's catalogue",
                allowed: "a tenant's own roles have other names",
                remedy: "delete it: every tenant has the catalogue's roles")
        }
        let known = catalogue + tenant.roles.map(\.value)
        for role in tenant.secondFactor.roles where !known.contains(role.value) {
            let names = known.map(\.text)
            reader.report(
                role, "\"\(role.value)\" is neither a role of the catalogue nor one of this tenant's",
                allowed: "roles: \(ShownText.list(names))",
                remedy: Spelling.suggestion(for: role.value.text, among: names))
        }
    }
}
