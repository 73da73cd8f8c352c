import Access
import Core
import HTTPTypes

/// `/.gatehouse/jwks.json`: the public keys that assertions verify with, as a JWK Set (RFC 7517 §5).
struct KeySetEndpoint: Sendable {
    private let refusals: RefusalResponder
    private let keys: @Sendable () async -> [String]

    /// - Parameter keys: each key as a JWK in JSON, made by us.
    init(pages: PortalPages, keys: @escaping @Sendable () async -> [String]) {
        refusals = RefusalResponder(pages: pages)
        self.keys = keys
    }

    /// The set; 503 (`store-unavailable`) where there is no key, because an empty set would be kept and believed.
    func response(to request: PortalRequest) async -> PortalResponse {
        let keys = await keys()
        guard !keys.isEmpty else {
            var details = RefusalDetails()
            details.media = .data
            return refusals.response(refusing: request, for: .storeUnavailable, details: details)
        }
        let fields: HTTPFields = [
            .contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300",
            .xContentTypeOptions: "nosniff",
        ]
        return PortalResponse(
            head: HTTPResponse(status: .ok, headerFields: fields),
            body: Array("{\"keys\":[\(keys.joined(separator: ","))]}\n".utf8))
    }
}
