import Core
import Portal

/// `gatehouse saml …`, as far as it asks the API.
extension OperatorClient {
    /// A fetch within a test takes so long at most, redirects included, and the answer comes after it.
    private static let testMilliseconds: Int64 = 60_000

    /// The connections of a tenant, those that are not in use included.
    public func listConnections(of tenant: String, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: tenant) + "/connections"
        let rows = try ask(OperatorRequest(method: .get, path: path), for: Page<ConnectionResource>.self).items
        return CommandOutput.list(
            rows, asJSON: asJSON, noun: "connections in tenant \(tenant); its file names them under `saml`",
            headings: ["NAME", "STATE", "PROVIDER", "METADATA", "METADATA ENDS", "CERTIFICATE ENDS", "FAULT"]
        ) { connection in
            let end = connection.certificates.filter { $0.use == "provider" }.map(\.notAfter).max() ?? ""
            return [
                connection.name, connection.state, connection.providerEntityID ?? "", connection.metadata,
                ShownText.time(connection.validUntil ?? ""), ShownText.time(end), connection.fault ?? "",
            ]
        }
    }

    /// How our own metadata is printed.
    public enum MetadataForm: Sendable, Hashable {
        /// XML, for a file or for the provider.
        case document
        /// The values to enter by hand.
        case addresses
        case json
    }

    /// Our metadata at a connection, which its provider has to know.
    public func showMetadata(
        of connection: String, in tenant: String, as form: MetadataForm
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofConnection: connection, in: tenant) + "/metadata"
        let shown = try ask(OperatorRequest(method: .get, path: path), for: ConnectionMetadataResource.self)
        switch form {
        case .document: return CommandOutput(shown.document + "\n")
        case .addresses, .json:
            return CommandOutput.resource(
                shown, asJSON: form == .json,
                parts: [
                    ("entity_id", shown.addresses.entityID), ("acs", shown.addresses.acs),
                    ("slo", shown.addresses.slo), ("metadata", shown.addresses.metadata),
                    ("login", shown.addresses.login),
                ])
        }
    }

    /// Looks at a connection as a sign-in would; metadata is fetched anew.  Ends with bad data where something fails.
    public func testConnection(
        _ connection: String, of tenant: String, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        var request = OperatorRequest(
            method: .post, path: try Self.path(ofConnection: connection, in: tenant) + "/test")
        request.timeoutMilliseconds = Self.testMilliseconds
        let findings = try ask(request, for: Page<TestFindingResource>.self).items
        let verdict: OperatorFault.Kind? = findings.contains { $0.outcome == "fail" } ? .badData : nil
        guard !asJSON else { return CommandOutput(CommandOutput.json(findings), verdict: verdict) }
        let width = findings.map(\.name.count).max() ?? 0
        let lines = findings.map { finding in
            let name = finding.name + String(repeating: " ", count: width - finding.name.count)
            return "\(finding.outcome)  \(ShownText.clean(name))  \(ShownText.clean(finding.words))\n"
        }
        return CommandOutput(lines.joined(), verdict: verdict)
    }

    /// Which traces are meant.
    public struct TraceChoice: Sendable, Hashable {
        let connection: String?
        let requestID: String?
        let limit: Int?

        /// - Parameter limit: 1…200, the newest first; nil for 20, or all of one request.
        public init(connection: String?, requestID: String?, limit: Int?) {
            self.connection = connection
            self.requestID = requestID
            self.limit = limit
        }
    }

    /// What has become of messages of providers, the newest first.
    public func listTraces(
        of tenant: String, _ choice: TraceChoice, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        var request = OperatorRequest(method: .get, path: try Self.path(ofTenant: tenant) + "/sso-traces")
        if let connection = choice.connection { request.query.append(("connection", connection)) }
        if let id = choice.requestID { request.query.append(("request", id)) }
        request.query.append(("limit", "\(choice.limit ?? (choice.requestID == nil ? 20 : 200))"))
        let traces = try ask(request, for: Page<TraceResource>.self).items
        guard !asJSON else { return CommandOutput(CommandOutput.json(traces)) }
        guard !traces.isEmpty else {
            return CommandOutput(
                "", note: "no traces; they are kept for 14 days, and begin with a sign-in by a connection\n")
        }
        return CommandOutput(traces.map(Self.shown).joined(separator: "\n"))
    }

    private static func shown(_ trace: TraceResource) -> String {
        let reason = trace.reason.map { " (\($0))" } ?? ""
        var lines = [
            "\(ShownText.time(trace.at))  \(trace.kind) at \(trace.connection): \(trace.verdict)\(reason)  request "
                + trace.requestID
        ]
        if !trace.isBound { lines.append("  not verified as the provider's, or not for the first time") }
        lines += trace.summary.map { "  \($0.name): \($0.value)" }
        lines += trace.steps.map { "  \($0.outcome): \($0.words)" }
        return lines.map { ShownText.clean($0) + "\n" }.joined()
    }

    /// A step of putting another key of ours in the place of the one in use.
    public enum RollOverStep: String, Sendable, Hashable, CaseIterable {
        case begin, finish, cancel

        fileprivate var words: String {
            switch self {
            case .begin:
                "the next key stands in the metadata beside the one in use; give the provider the metadata, then finish"
            case .finish: "the next key is in use; the former one opens assertions for 30 days more"
            case .cancel: "the next key is forgotten; the one in use stays"
            }
        }
    }

    /// Does a step of a roll-over.
    public func rollOverKey(
        of connection: String, in tenant: String, step: RollOverStep, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        var body = RequestBody()
        body.add("step", step.rawValue)
        let done = try ask(
            OperatorRequest(
                method: .post, path: try Self.path(ofConnection: connection, in: tenant) + "/key-roll-over",
                body: body.end()), for: KeyRollOverResource.self)
        return asJSON ? CommandOutput(CommandOutput.json(done)) : CommandOutput("\(done.connection): \(step.words)\n")
    }

    /// Takes away whom a provider says a user is; every session of the user ends.
    /// - Parameter connection: nil for all.
    public func unlink(
        _ name: String, of tenant: String, connection: String?, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        var request = OperatorRequest(method: .delete, path: try Self.path(of: user, in: tenant) + "/links")
        if let connection { request.query = [("connection", connection)] }
        let count = try ask(request, for: CountResource.self)
        guard !asJSON else { return CommandOutput(CommandOutput.json(count)) }
        return CommandOutput("\(ShownText.count(count.count, "link")) removed\n")
    }

    /// The path of a connection; a name of another grammar never becomes one.
    private static func path(ofConnection text: String, in tenant: String) throws(OperatorFault) -> String {
        guard let name = ConnectionName(text) else {
            throw OperatorFault(
                .badData,
                "\(ShownText.quoted(text)) is no connection's name; allowed: 1 to 63 of a-z, 0-9 and '-'")
        }
        return try path(ofTenant: tenant) + "/connections/\(name)"
    }
}
