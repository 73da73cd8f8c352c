import Core
import HTTPTypes
import Login
import Store

/// `tenants`: list, make, show, change.
extension OperatorAPI {
    var tenantEndpoints: [APIEndpoint] {
        [
            APIEndpoint(.get, "/tenants", listTenants), APIEndpoint(.post, "/tenants", createTenant),
            APIEndpoint(.get, "/tenants/{tenant}", showTenant), APIEndpoint(.patch, "/tenants/{tenant}", changeTenant),
        ]
    }

    @Sendable private func listTenants(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("after", "limit", "host")
        let (after, limit) = (try query.after { TenantID($0) }, try query.limit())
        if let host = query["host"] {
            let names = try FieldRule.hosts([host], field: "host")
            let owner = try await store.tenants.find(host: names[0])
            return APIAnswer(Page(items: owner.map { [TenantSummary($0)] } ?? [], next: nil))
        }
        let rows = try await store.tenants.list(after: after, limit: limit + 1)
        return APIAnswer(Page.cut(rows, limit: limit, id: { $0.id.text }, item: { TenantSummary($0) }))
    }

    @Sendable private func showTenant(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let id = try call.tenant
        guard let tenant = try await store.tenants.find(id) else { throw try await unknown(id) }
        return APIAnswer(
            TenantResource(
                tenant, ownership: ownership(of: tenant), plans: seams.plans(),
                connections: seams.connectionSettings(id)))
    }

    @Sendable private func createTenant(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        var fields = try call.fields("id", "name", "hosts", "email_domains", "plan", "region", "roles")
        let text = try fields.required("id")
        guard let id = TenantID(text) else {
            throw APIRefusal(
                .valueRefused, "id \(QuotedInput.show(text)) is no tenant's id; allowed: 1 to 63 of a-z, 0-9 and '-'",
                field: "id")
        }
        let name = try FieldRule.displayName(fields.required("name"), field: "name")
        let written = try keys(&fields)
        if try await store.tenants.find(id) != nil { throw APIRefusal(StoreConflict.tenantExists) }
        if let place = seams.ownership(id).sorted(by: { $0.key < $1.key }).first?.value {
            throw APIRefusal(
                .ownedByFile, "\(place) names this tenant already; it is made at the next start or reload", field: "id")
        }
        var tenant = Tenant(id: id, name: name)
        written.apply(to: &tenant)
        try Self.judge(written, tenant, seams.plans())
        let made = try await store.createTenant(
            tenant, audit: entry("tenant.created", id, [.init("by", "operator")]), at: seams.now())
        await seams.tenantsChanged()
        return APIAnswer(TenantResource(made, ownership: [:], plans: seams.plans()), status: .created)
    }

    @Sendable private func changeTenant(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let id = try call.tenant
        var fields = try call.fields("name", "hosts", "email_domains", "plan", "region", "roles")
        var written = try keys(&fields)
        if let name = try fields.text("name") { written.name = try FieldRule.displayName(name, field: "name") }
        guard let known = try await store.tenants.find(id) else { throw try await unknown(id) }
        guard !written.names.isEmpty else {
            return APIAnswer(TenantResource(known, ownership: ownership(of: known), plans: seams.plans()))
        }
        let (changes, ownership, plans) = (written, seams.ownership(id), seams.plans())
        let changed = try await store.tenants.update(
            id, audit: entry("tenant.changed", id, [.init("keys", written.names.joined(separator: " "))]),
            at: seams.now()
        ) { tenant in
            // Within the transaction: a reload may have given the file more keys meanwhile.
            let owned = Self.ownership(of: tenant, places: ownership)
            for name in changes.names {
                guard let place = owned[name] else { continue }
                throw APIRefusal(
                    .ownedByFile, "\(name) stands in \(place); change it there, or delete it there first", field: name)
            }
            changes.apply(to: &tenant)
            try Self.judge(changes, tenant, plans)
        }
        await seams.tenantsChanged()
        return APIAnswer(TenantResource(changed, ownership: self.ownership(of: changed), plans: plans))
    }

    private func ownership(of tenant: Tenant) -> [String: String] {
        Self.ownership(of: tenant, places: seams.ownership(tenant.id))
    }

    /// Every key that a file owns: by the word of the configuration as it is, or as it was when it was applied.
    private static func ownership(of tenant: Tenant, places: [String: String]) -> [String: String] {
        var owned = places
        for key in tenant.keysOwnedByFile where owned[key] == nil { owned[key] = "the tenant's file" }
        return owned
    }

    /// A plan that is none, and what the plan does not include, are refused where somebody asks for them.
    private static func judge(_ change: TenantChange, _ tenant: Tenant, _ plans: PlanBook) throws(APIRefusal) {
        if change.plan != nil, !plans.knows(tenant.plan) {
            let names = plans.plans.keys.sorted()
            throw APIRefusal(
                .valueRefused,
                "\(QuotedInput.show(tenant.plan)) is not a configured plan; plans: \(QuotedInput.list(names))",
                field: "plan", suggestion: NearestName.find(tenant.plan, among: names))
        }
        if change.roles?.isEmpty == false, !plans.plan(tenant.plan).features.contains(.ownRoles) {
            throw APIRefusal(
                .valueRefused, "the plan \(tenant.plan) does not include roles of a tenant's own", field: "roles")
        }
    }

    private func entry(_ action: String, _ tenant: TenantID, _ details: [AuditEntry.Detail]) -> AuditEntry {
        AuditEntry(action: action, actor: .operator, publicDetails: [.init("tenant", tenant.text)] + details)
    }

    /// The keys of a tenant that a request names.
    private func keys(_ fields: inout APIFields) throws(APIRefusal) -> TenantChange {
        var change = TenantChange()
        if let texts = try fields.texts("hosts", most: FieldBound.hosts) {
            let hosts = try FieldRule.hosts(texts, field: "hosts")
            let shared = seams.sharedHosts()
            for host in hosts where shared.contains(host) {
                throw APIRefusal(
                    .hostTaken,
                    "\(host) is public_url's host, portal_host or one of shared_hosts; no tenant may own it",
                    field: "hosts")
            }
            change.hosts = hosts
        }
        if let texts = try fields.texts("email_domains", most: FieldBound.emailDomains) {
            change.emailDomains = try FieldRule.emailDomains(texts, field: "email_domains")
        }
        if let text = try fields.text("plan") { change.plan = try FieldRule.label(text, field: "plan") }
        if let text = try fields.text("region") { change.region = try FieldRule.label(text, field: "region") }
        if let texts = try fields.texts("roles", most: FieldBound.ownRoles) {
            change.roles = try RoleChoice.ownRoles(texts, catalogue: seams.catalogue(), field: "roles")
        }
        return change
    }
}

/// What is to become of a tenant; nil leaves a key as it is.
private struct TenantChange: Sendable {
    var name: String?
    var hosts: [String]?
    var emailDomains: [String]?
    var plan: String?
    var region: String?
    var roles: [RoleName]?

    /// The keys, as a tenant's file spells them.
    var names: [String] {
        [
            name.map { _ in "name" }, hosts.map { _ in "hosts" }, emailDomains.map { _ in "email_domains" },
            plan.map { _ in "plan" }, region.map { _ in "region" }, roles.map { _ in "roles" },
        ].compactMap(\.self)
    }

    func apply(to tenant: inout Tenant) {
        if let name { tenant.name = name }
        if let hosts { tenant.hosts = hosts }
        if let emailDomains { tenant.emailDomains = emailDomains }
        if let plan { tenant.plan = plan }
        if let region { tenant.region = region }
        if let roles { tenant.ownRoles = roles }
    }
}
