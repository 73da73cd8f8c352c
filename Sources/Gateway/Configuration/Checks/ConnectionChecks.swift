import Access
import Core
import Login
import Store

/// What a tenant's connections name must exist and be the tenant's, and no two may claim the same.
struct ConnectionChecks {
    let reader: ConfigurationReader
    let metadata: MetadataChecks
    /// Empty where there is none.
    let portalHost: Located<String>
    /// Nil where it was refused itself.
    let catalogue: [RoleName]?
    /// Nil where one was refused itself.
    let plans: PlanBook?

    /// The settings of a tenant's connections; reports what does not fit.
    func settings(for tenant: TenantFile) -> [ConnectionSettings] {
        judgeNames(of: tenant)
        judgeWays(of: tenant)
        let enabled = tenant.connections.filter(\.isEnabled)
        judgePlaces(of: tenant, enabled)
        claimed(by: enabled, \.emailDomains, what: "an e-mail domain")
        claimed(by: enabled, \.hosts, what: "a host")
        for connection in tenant.connections {
            judgeRoles(of: connection, of: tenant)
            if connection.idpInitiated.value == .accept {
                reader.warn(
                    connection.idpInitiated,
                    "whoever gets a browser to send an answer of this provider signs it in; restart asks the provider anew "
                        + "and takes part in no such trick")
            }
        }
        return tenant.connections.compactMap { connection in
            metadata.source(of: connection).map(connection.settings)
        }
    }

    /// Each name once, and each entity ID of ours.
    private func judgeNames(of tenant: TenantFile) {
        var names: [ConnectionName: Located<ConnectionName>] = [:]
        var identities: [String: Located<String>] = [:]
        for connection in tenant.connections {
            if let earlier = names[connection.name.value] {
                reader.report(
                    connection.name,
                    "\"\(connection.name.value)\" is the name of another connection already (\(earlier.position))",
                    allowed: "each name once")
            } else {
                names[connection.name.value] = connection.name
            }
            let identity = connection.entityID
            guard !identity.value.isEmpty else { continue }
            if let earlier = identities[identity.value] {
                reader.report(
                    identity,
                    "\(ShownText.quoted(identity.value)) is what another connection is called already "
                        + "(\(earlier.position))",
                    allowed: "each entity ID once in a tenant",
                    remedy: "take the key out: then the address of its metadata is its entity ID")
            } else {
                identities[identity.value] = identity
            }
        }
    }

    /// Plan and `sign_in` include it.
    private func judgeWays(of tenant: TenantFile) {
        guard let first = tenant.connections.first else {
            guard let methods = tenant.signIn?.methods, let saml = methods.first(where: { $0.value == .saml }),
                !tenant.isFaulty("saml", reader)
            else { return }
            reader.warn(saml, "the tenant has no connection, so that nobody signs in so; write one under saml")
            return
        }
        if let plans, plans.knows(tenant.plan.value), case let plan = plans.plan(tenant.plan.value),
            !plan.methods.contains(.saml)
        {
            let methods = plan.methods.map(\.rawValue)
            return reader.report(
                first.place, "the plan \(plan.name) does not include saml",
                allowed: "included: \(methods.isEmpty ? "none" : ShownText.list(methods))",
                remedy: "delete saml, or give the tenant another plan")
        }
        guard let signIn = tenant.signIn else { return }
        if signIn.ssoDomains == .enforced, signIn.breakGlass.isEmpty, !tenant.isFaulty("sign_in", reader) {
            reader.warn(
                signIn.place,
                "members in domains of connections sign in by them alone, and nobody else can let them in on the day on which a "
                    + "provider fails; name an account in break_glass")
        }
        guard let methods = signIn.methods, !methods.contains(where: { $0.value == .saml }),
            let open = tenant.connections.first(where: \.isEnabled), !tenant.isFaulty("sign_in", reader)
        else { return }
        reader.report(
            open.place, "sign_in.methods (\(signIn.place.position)) leaves saml out, so that nobody signs in here",
            allowed: "allowed: saml in sign_in.methods, or enabled: false", remedy: "add saml to sign_in.methods")
    }

    /// There is a host for its addresses, there are domains that vouch for its members, and both are the tenant's.
    private func judgePlaces(of tenant: TenantFile, _ enabled: [ConnectionEntry]) {
        guard let first = enabled.first else { return }
        if !tenant.isFaulty("hosts", reader) {
            if tenant.hosts.isEmpty, portalHost.value.isEmpty {
                reader.report(
                    first.place, "the tenant's file names no host, and there is no portal_host to sign in at",
                    allowed: "allowed: saml beside hosts, or with portal_host in gatehouse.yaml",
                    remedy: "write hosts into this file")
            }
            for host in enabled.flatMap(\.hosts) { judge(host, among: tenant.hosts, "a host", key: "hosts") }
        }
        guard !tenant.isFaulty("email_domains", reader) else { return }
        if tenant.emailDomains.isEmpty {
            reader.report(
                first.place,
                "the tenant's file names no e-mail domain, so that no address that a provider tells counts",
                allowed: "allowed: saml beside email_domains", remedy: "write email_domains into this file")
        }
        for connection in enabled where enabled.count > 1 && connection.emailDomains.isEmpty {
            reader.report(
                connection.place,
                "it names no email_domains, so that its provider would vouch for everybody, members of other connections too",
                allowed: "allowed: email_domains at each connection, where more than one is in use",
                remedy: "write email_domains, or enabled: false")
        }
        for domain in enabled.flatMap(\.emailDomains) {
            judge(domain, among: tenant.emailDomains, "an e-mail domain", key: "email_domains")
        }
    }

    private func judge(_ place: Located<String>, among own: [Located<String>], _ noun: String, key: String) {
        guard !own.isEmpty, !own.contains(where: { $0.value == place.value }) else { return }
        let names = own.map(\.value)
        reader.report(
            place, "\(ShownText.quoted(place.value)) is not \(noun) of this tenant",
            allowed: "\(key): \(ShownText.list(names))", remedy: Spelling.suggestion(for: place.value, among: names))
    }

    private func claimed(
        by connections: [ConnectionEntry], _ claims: KeyPath<ConnectionEntry, [Located<String>]>, what: String
    ) {
        var owners: [String: (name: ConnectionName, position: SourcePosition)] = [:]
        for connection in connections {
            for claim in connection[keyPath: claims] {
                if let earlier = owners[claim.value] {
                    reader.report(
                        claim,
                        "\(ShownText.quoted(claim.value)) leads to connection \(earlier.name) already "
                            + "(\(earlier.position))",
                        allowed: "\(what) leads to one connection", remedy: "keep it in one place")
                } else {
                    owners[claim.value] = (connection.name.value, claim.position)
                }
            }
        }
    }

    private func judgeRoles(of connection: ConnectionEntry, of tenant: TenantFile) {
        if let first = connection.roleMapping.first?.roles.first, connection.attributes.roles == nil,
            connection.roleMapping.contains(where: { $0.pattern != "*" })
        {
            reader.report(
                first, "no attribute is named whose values would be looked up here",
                allowed: "allowed: role_mapping beside attributes.roles, or with \"*\" alone",
                remedy: "write attributes: { roles: … }, as the provider calls its groups")
        }
        guard let catalogue, !tenant.isFaulty("roles", reader) else { return }
        let known = catalogue + tenant.roles.map(\.value)
        for role in connection.roleMapping.flatMap(\.roles) where !known.contains(role.value) {
            let names = known.map(\.text)
            reader.report(
                role, "\"\(role.value)\" is neither a role of the catalogue nor one of this tenant's",
                allowed: "roles: \(ShownText.list(names))",
                remedy: Spelling.suggestion(for: role.value.text, among: names))
        }
    }
}

extension TenantFile {
    /// True where a key of this file was refused itself: what seems to be missing may have been meant.
    fileprivate func isFaulty(_ key: String, _ reader: ConfigurationReader) -> Bool {
        reader.faults.contains { fault in
            fault.position.file == id.position.file
                && (fault.path == key || fault.path.hasPrefix(key + ".")
                    || fault.path.hasPrefix(key + "["))
        }
    }
}
