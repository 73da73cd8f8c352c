import Core
import Portal

/// `gatehouse tenant …`.
extension OperatorClient {
    /// What `tenant create` is told.
    public struct NewTenant: Sendable {
        let id: String
        let name: String
        let hosts: [String]
        let plan: String?
        let region: String?

        public init(id: String, name: String, hosts: [String], plan: String?, region: String?) {
            self.id = id
            self.name = name
            self.hosts = hosts
            self.plan = plan
            self.region = region
        }
    }

    /// Makes a tenant.
    public func createTenant(_ tenant: NewTenant, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        var body = RequestBody()
        body.add("id", tenant.id)
        body.add("name", tenant.name)
        if !tenant.hosts.isEmpty { body.add("hosts", tenant.hosts) }
        if let plan = tenant.plan { body.add("plan", plan) }
        if let region = tenant.region { body.add("region", region) }
        let made = try ask(
            OperatorRequest(method: .post, path: "/tenants", body: body.end()), for: TenantResource.self)
        return asJSON ? CommandOutput(CommandOutput.json(made)) : CommandOutput("\(made.id)\n")
    }

    /// Every tenant.
    public func listTenants(asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let rows = try all(OperatorRequest(method: .get, path: "/tenants"), of: TenantSummary.self)
        return CommandOutput.list(
            rows, asJSON: asJSON, noun: "tenants; `gatehouse tenant create` makes one",
            headings: ["ID", "NAME", "STATE", "PLAN", "REGION", "HOSTS"]
        ) { tenant in
            let more = tenant.hostCount > 1 ? " and \(tenant.hostCount - 1) more" : ""
            return [
                tenant.id, tenant.name, tenant.state, tenant.plan, tenant.region, (tenant.host ?? "") + more,
            ]
        }
    }

    /// One tenant with everything that is known of it.
    public func showTenant(_ id: String, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let tenant = try ask(
            OperatorRequest(method: .get, path: try Self.path(ofTenant: id)), for: TenantResource.self)
        func shown(_ key: String, _ value: String) -> String {
            guard let place = tenant.ownedByFile[key] else { return value }
            return value.isEmpty ? "(\(place))" : "\(value)  (\(place))"
        }
        func list(_ texts: [String]) -> String { texts.joined(separator: ", ") }
        return CommandOutput.resource(
            tenant, asJSON: asJSON,
            parts: [
                ("id", tenant.id), ("name", shown("name", tenant.name)), ("state", shown("suspended", tenant.state)),
                ("plan", shown("plan", tenant.plan)),
                (
                    "plan_includes",
                    tenant.plan.isEmpty
                        ? ""
                        : list(tenant.planIncludes.signIn.map { "sign in by \($0)" } + tenant.planIncludes.features)
                ),
                ("region", shown("region", tenant.region)),
                ("hosts", shown("hosts", list(tenant.hosts))),
                ("email_domains", shown("email_domains", list(tenant.emailDomains))),
                ("roles", shown("roles", list(tenant.roles))), ("mfa", shown("mfa", Self.mfa(tenant))),
                ("webauthn", shown("webauthn", Self.webauthn(tenant.webauthn))),
                ("allowed_networks", shown("allowed_networks", list(tenant.allowedNetworks))),
                ("sign_in", shown("sign_in", tenant.signIn.methods.isEmpty ? "none" : list(tenant.signIn.methods))),
                ("break_glass", list(tenant.signIn.breakGlass)),
                ("sso_domains", tenant.signIn.ssoDomains == "enforced" ? "enforced" : ""),
                ("saml", shown("saml", list(tenant.connections))),
                ("created", ShownText.time(tenant.createdAt)), ("changed", ShownText.time(tenant.changedAt)),
            ])
    }

    private static func mfa(_ tenant: TenantResource) -> String {
        guard tenant.mfaGraceSeconds > 0 else { return tenant.mfa }
        let (grace, overflow) = tenant.mfaGraceSeconds.multipliedReportingOverflow(by: 1000)
        return overflow ? tenant.mfa : "\(tenant.mfa); grace: \(QuantityText.duration(Milliseconds(grace)))"
    }

    /// What is not as it is unless given.
    private static func webauthn(_ rule: TenantResource.Passkeys) -> String {
        var parts: [String] = []
        if !rule.rpID.isEmpty { parts.append("rp_id: \(rule.rpID)") }
        if rule.attestation != "any" { parts.append("attestation: \(rule.attestation)") }
        if !rule.allow.isEmpty { parts.append("allow: \(ShownText.count(rule.allow.count, "model"))") }
        if !rule.deny.isEmpty { parts.append("deny: \(ShownText.count(rule.deny.count, "model"))") }
        return parts.joined(separator: "; ")
    }

    /// The path of a tenant; an id of another grammar never becomes one.
    static func path(ofTenant text: String) throws(OperatorFault) -> String {
        guard let id = TenantID(text) else {
            throw OperatorFault(
                .badData,
                "\(ShownText.quoted(text)) is no tenant's id; allowed: 1 to 63 of a-z, 0-9 and '-'")
        }
        return "/tenants/\(id)"
    }
}
