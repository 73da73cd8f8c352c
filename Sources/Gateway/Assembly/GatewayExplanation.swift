import Access
import Core
import Foundation
import Login
import Proxy

/// What `gatehouse explain` asks, as written on the command line.
public struct ExplainRequest: Sendable {
    var host: String
    var path: String
    var method: String
    var tenant: String?
    var roles: [String]
    var factors: [String]
    var client: String
    var origin: String?
    var isInGrace: Bool

    public init(
        host: String, path: String, method: String, tenant: String?, roles: [String], factors: [String], client: String,
        origin: String? = nil, isInGrace: Bool = false
    ) {
        self.host = host
        self.path = path
        self.method = method
        self.tenant = tenant
        self.roles = roles
        self.factors = factors
        self.client = client
        self.origin = origin
        self.isInGrace = isInGrace
    }

    /// An argument that means nothing.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let description: String
    }
}

/// The answer of `gatehouse explain`.
public struct GatewayExplanation: Sendable {
    /// For people.
    public let text: String
    /// For scripts.
    public let json: String
    /// The request would be forwarded, or answered by Gatehouse.
    public let isAllowed: Bool
    /// What the decision does not rest on, though it should; nil where there is nothing of the kind.
    public private(set) var warning: String?

    /// Reads the configuration, asks the data folder for the tenants in question, and decides as the server would.
    /// - Throws: `ExplainRequest.Fault` for an argument, `GatewayServer.StartFailure` for the configuration.
    public static func explain(
        _ request: ExplainRequest, file: String, environment: [String: String]
    ) throws -> GatewayExplanation {
        let outcome = ConfigurationLoader(environment: environment, certificateCheck: nil).load(file)
        var settings: GatewaySettings
        switch outcome.settings {
        case .success(let found): settings = found
        case .failure(let faults): throw GatewayServer.StartFailure.configuration("\(faults)")
        }
        let stored = StoredTenants.ask(for: request, settings: settings, file: file, environment: environment)
        settings.access =
            settings.access.with(
                TenantFileApplication.preview(settings.tenantFiles, on: stored.found).map(settings.login.plans.limited)
            )
            .access
        let snapshot: AccessSnapshot
        do {
            snapshot = try AccessSnapshot(settings.access, generation: 1)
        } catch {
            throw GatewayServer.StartFailure.configuration("\(file): \(error)")
        }
        guard let method = Method(token: request.method) else {
            throw ExplainRequest.Fault(
                description: "--method \(request.method) is no registered method; methods are upper-case, such as GET")
        }
        guard let client = ClientAddress(request.client) else {
            throw ExplainRequest.Fault(description: "--client \(request.client) is not an address")
        }
        let explanation = Gate.explain(
            host: request.host, path: request.path, method: method, member: try member(request, settings, stored),
            client: client, origin: request.origin, snapshot: snapshot)
        let upstream = explanation.upstreamIndex.map { settings.proxy.upstreams[$0].name }
        var answer = GatewayExplanation(explanation, request, upstream: upstream)
        answer.warning = stored.obstacle.map {
            "decided on the configuration's files alone, because the data folder's tenants cannot be seen: \($0)"
        }
        return answer
    }

    private static func member(
        _ request: ExplainRequest, _ settings: GatewaySettings, _ stored: StoredTenants
    ) throws -> SupposedMember? {
        guard let name = request.tenant else {
            guard request.roles.isEmpty, request.factors.isEmpty, !request.isInGrace else {
                throw ExplainRequest.Fault(
                    description: "--role, --factor and --in-grace need --tenant: members belong to a tenant")
            }
            return nil
        }
        let known = settings.access.tenants.map(\.id.text)
        guard let tenant = TenantID(name), known.contains(name) else {
            let unseen = stored.obstacle.map { "no file in tenants_directory has it, and the data folder: \($0)" }
            let why = unseen ?? stored.missing ?? "\(ShownText.quoted(name)) is no tenant's id"
            throw ExplainRequest.Fault(description: "--tenant \(ShownText.escaped(name)): \(why)")
        }
        let roles = try request.roles.map { text in
            guard let role = RoleName(text) else {
                throw ExplainRequest.Fault(description: "--role \(text) is no role name; allowed: a-z, 0-9, _ and -")
            }
            return role
        }
        let factors = try request.factors.map { text in
            guard let factor = Factor(rawValue: text) else {
                let all = Factor.allCases.map(\.rawValue).joined(separator: ", ")
                throw ExplainRequest.Fault(description: "--factor \(text) is no factor; factors: \(all)")
            }
            return factor
        }
        return SupposedMember(tenant: tenant, roles: roles, factors: factors, isInGrace: request.isInGrace)
    }

    private init(_ explanation: Explanation, _ request: ExplainRequest, upstream: String?) {
        isAllowed = explanation.verdict != .refuse
        var lines = ["\(request.method) https://\(request.host)\(request.path)"]
        lines.append("verdict:  \(explanation.verdict.rawValue)")
        if let route = explanation.routeName { lines.append("route:    \(route)") }
        if let rule = explanation.rule { lines.append("rule:     \(rule)") }
        if let upstream { lines.append("upstream: \(upstream)") }
        if let reason = explanation.reason { lines.append("reason:   \(reason.code)") }
        if let status = explanation.status { lines.append("status:   \(status)") }
        lines.append("because:")
        lines += explanation.steps.map { "  - \($0)" }
        text = lines.joined(separator: "\n")
        let document = Document(
            verdict: explanation.verdict.rawValue, route: explanation.routeName, rule: explanation.rule,
            upstream: upstream, reason: explanation.reason?.code, status: explanation.status, steps: explanation.steps)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        json = String(decoding: (try? encoder.encode(document)) ?? Data(), as: UTF8.self)
    }

    private struct Document: Encodable {
        let verdict: String
        let route: String?
        let rule: String?
        let upstream: String?
        let reason: String?
        let status: UInt16?
        let steps: [String]
    }
}
