import Access
import Core
import HTTPTypes

/// `/.well-known/webauthn`: the origins that may use passkeys whose relying party id is this host (WebAuthn L3 §5.11).
///
/// It lets a tenant whose hosts have no common suffix use one passkey on all of them.
struct RelatedOriginsEndpoint: Sendable {
    private struct Answer: Encodable {
        let origins: [String]
    }

    private let origins: @Sendable (TenantID?) -> [String]?

    init(services: PortalServices) { origins = services.passkeyOrigins }

    /// Nil where there are no passkeys.
    func response(to request: PortalRequest) -> PortalResponse? {
        guard let origins = origins(request.hostTenant), !origins.isEmpty else { return nil }
        // Browsers take the body of this media type alone (§5.11.1 step 3).
        let fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        return PortalResponse(
            head: HTTPResponse(status: .ok, headerFields: fields), body: PortalJSON.encode(Answer(origins: origins)))
    }
}
