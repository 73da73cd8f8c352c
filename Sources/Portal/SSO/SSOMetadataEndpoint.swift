import Access
import Core
import HTTPTypes
import Login

/// `…/metadata`: what the provider has to know of this connection, signed.  It is public, as certificates and addresses
/// are, and depends on nobody's session.
struct SSOMetadataEndpoint: Sendable {
    /// SAML Metadata §4.1.1 and its registration.
    static let mediaType = "application/samlmetadata+xml"

    private let desk: SSODesk

    init(_ desk: SSODesk) { self.desk = desk }

    func show(_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse? {
        guard let (place, visit) = desk.enter(request, parameters) else { return nil }
        switch await desk.steps.metadata(place.connection, place.tenant) {
        case .unknown: return nil
        case .unavailable(let reason):
            return desk.refusal(visit, .ssoUnavailable, desk.note(.metadata, place, visit, reason))
        case .document(let document):
            let head = HTTPResponse(
                status: .ok,
                headerFields: [
                    .contentType: Self.mediaType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                    .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
                ])
            return PortalResponse(head: head, body: Array(document.utf8))
        }
    }
}
