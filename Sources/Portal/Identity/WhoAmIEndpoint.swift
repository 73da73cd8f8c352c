import Access
import Core
import HTTPTypes

/// `/.gatehouse/whoami`: the session's identity, for applications' own scripts.
struct WhoAmIEndpoint: Sendable {
    private let refusals: RefusalResponder

    init(pages: PortalPages) { refusals = RefusalResponder(pages: pages) }

    /// The answer's shape; `tenant` and `user` are ids, `roles` and `factors` in the order of the identity headers.
    private struct Identity: Encodable {
        var tenant: String
        var user: String
        var email: String
        var roles: [String]
        var factors: [String]
    }

    /// The identity in JSON; 401 (`login-required`) without a session, always as a problem: no page is asked for here.
    func response(to request: PortalRequest) -> PortalResponse {
        var details = RefusalDetails()
        details.media = .data
        guard case .member(let member) = request.caller else {
            details.loginURL = request.head.authority.map { "https://\($0)\(PortalAddress.login)" }
            return refusals.response(
                refusing: request, for: .loginRequired, fields: [.wwwAuthenticate: "Bearer"], details: details)
        }
        guard !request.isTenantSuspended else {
            return refusals.response(refusing: request, for: .tenantSuspended, details: details)
        }
        let identity = Identity(
            tenant: member.tenant.text, user: member.user.description, email: member.email,
            roles: member.roles.map(\.text), factors: member.assurance.factors.map(\.rawValue))
        let fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .crossOriginResourcePolicy: "same-origin",
        ]
        return PortalResponse(
            head: HTTPResponse(status: .ok, headerFields: fields), body: PortalJSON.encode(identity))
    }
}
