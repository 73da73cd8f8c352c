import Access
import Core
import HTTPTypes
import Login
import Store

/// `tenants/{tenant}/connections`: what they are and how they fare, our metadata, a test, a roll-over of our key; traces of
/// sign-ins, and whose accounts are connected.
///
/// How a connection is set up stands in the tenant's file alone.
extension OperatorAPI {
    var connectionEndpoints: [APIEndpoint] {
        let connection = "/tenants/{tenant}/connections/{connection}"
        return [
            APIEndpoint(.get, "/tenants/{tenant}/connections", listConnections),
            APIEndpoint(.get, connection + "/metadata", showMetadata),
            APIEndpoint(.post, connection + "/test", testConnection),
            APIEndpoint(.post, connection + "/key-roll-over", rollOverKey),
            APIEndpoint(.get, "/tenants/{tenant}/sso-traces", listTraces),
            APIEndpoint(.delete, "/tenants/{tenant}/users/{user}/links", removeLinks),
        ]
    }

    @Sendable private func listConnections(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let tenant = try await store(of: call.tenant).tenant
        let used = Set(seams.connections?.settings(of: tenant).map(\.name) ?? [])
        let statuses = await seams.connections?.status().filter { $0.tenant == tenant } ?? []
        let items = seams.connectionSettings(tenant).map { settings in
            ConnectionResource(
                settings, isInUse: used.contains(settings.name),
                addresses: seams.connections?.addresses(of: settings.name, of: tenant),
                status: statuses.first { $0.name == settings.name })
        }
        return APIAnswer(Page(items: items, next: nil))
    }

    @Sendable private func showMetadata(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (connections, name, tenant) = try await connection(call)
        do {
            guard let addresses = connections.addresses(of: name, of: tenant),
                let document = try await connections.ownMetadata(of: name, of: tenant)
            else { throw unused(name, of: tenant) }
            return APIAnswer(ConnectionMetadataResource(addresses: .init(addresses), document: document))
        } catch let fault as ConnectionFault {
            throw APIRefusal(.storeUnavailable, "\(fault)")
        }
    }

    @Sendable private func testConnection(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (connections, name, tenant) = try await connection(call)
        let findings = await connections.test(name, of: tenant)
        return APIAnswer(Page(items: findings.map(TestFindingResource.init), next: nil))
    }

    @Sendable private func rollOverKey(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (connections, name, tenant) = try await connection(call)
        var fields = try call.fields("step")
        let word = try fields.required("step")
        guard let step = KeyRollOver(rawValue: word) else {
            throw APIRefusal(
                .valueRefused, "step \(QuotedInput.show(word)) is none; allowed: begin, finish, cancel", field: "step")
        }
        switch try await connections.rollOver(step, name, of: tenant, by: .operator) {
        case .done: return APIAnswer(KeyRollOverResource(connection: name.text, step: word))
        case .alreadyBegun:
            throw APIRefusal(
                .keyRollOver, "a roll-over of connection \(name) has begun already; finish or cancel it", field: "step")
        case .nothingBegun:
            throw APIRefusal(.keyRollOver, "no roll-over of connection \(name) has begun", field: "step")
        case .unknown: throw unused(name, of: tenant)
        }
    }

    @Sendable private func listTraces(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("connection", "request", "limit")
        let tenant = try await store(of: call.tenant)
        // A connection that is gone has traces all the same.
        let connection = try query["connection"].map { text throws(APIRefusal) in try Self.connectionName(text) }
        let traces = try await tenant.ssoTraces.list(
            connection: connection, requestID: query["request"], limit: try query.limit(FieldBound.traces))
        return APIAnswer(Page(items: traces.map(TraceResource.init), next: nil))
    }

    /// Whoever was connected by mistake, or has another account at the provider now, can be connected anew.
    ///
    /// Every session of the user ends, and what was proved before a session began is worth nothing any more: whoever came
    /// by the link may be somebody else.  That is done whatever the number of links, so that a request that broke off
    /// between both is made whole by another one.
    @Sendable private func removeLinks(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("connection")
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        let connection = try query["connection"].map { text throws(APIRefusal) in try Self.connectionName(text) }
        guard try await tenant.users.find(id) != nil else { throw unknown(id, of: tenant.tenant) }
        let details = connection.map { [AuditEntry.Detail("connection", $0.text)] } ?? []
        let count = try await tenant.connections.removeLink(
            of: id, at: connection,
            audit: AuditEntry(action: "account.unlinked", actor: .operator, subject: id, publicDetails: details),
            at: seams.now())
        try await naming(id, of: tenant.tenant) {
            try await tenant.users.update(
                id, endingSessions: true,
                audit: AuditEntry(
                    action: "sessions.revoked", actor: .operator, subject: id,
                    publicDetails: [.init("by", "unlink")]), at: seams.now()
            ) { _ in }
        }
        seams.notify(.ended(.user(id, of: tenant.tenant)))
        return APIAnswer(CountResource(count: count))
    }

    /// The connection in the path; one that the tenant's file does not name is refused with the nearest name.
    private func connection(_ call: APICall) async throws -> (SSOConnections, ConnectionName, TenantID) {
        let tenant = try await store(of: call.tenant).tenant
        let text = call.parameters["connection"] ?? ""
        let name = try Self.connectionName(text)
        let names = seams.connectionSettings(tenant).map(\.name)
        guard let connections = seams.connections, names.contains(name) else {
            throw APIRefusal(
                .connectionUnknown, "tenant \(tenant) has no connection \(QuotedInput.show(text))", field: "connection",
                suggestion: NearestName.find(text, among: names.map(\.text)))
        }
        return (connections, name, tenant)
    }

    private func unused(_ name: ConnectionName, of tenant: TenantID) -> APIRefusal {
        APIRefusal(
            .connectionUnused,
            "connection \(name) is not in use: look at its `enabled`, and at the plan, sign_in, hosts and state of tenant "
                + "\(tenant)", field: "connection")
    }

    private static func connectionName(_ text: String) throws(APIRefusal) -> ConnectionName {
        guard let name = ConnectionName(text) else {
            throw APIRefusal(
                .inputMalformed,
                "\(QuotedInput.show(text)) is no connection's name; allowed: 1 to 63 of a-z, 0-9 and '-'",
                field: "connection")
        }
        return name
    }
}
