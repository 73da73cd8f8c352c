import Access
import Core
import HTTPTypes

/// A request as the echo application saw it, in the shape in which it is told back.
struct EchoedRequest: Sendable, Hashable, Encodable {
    let method: String
    /// Path and query, as they came.
    let target: String
    /// Each field's values in the order of arrival, under its name in lower case; `host` among them.
    let headers: [String: [String]]
    /// Length of the body in bytes.
    let bodyBytes: Int
    /// The body itself, where it is UTF-8 text of at most `shownBodyBytes`.
    let body: String?
    /// The address of the peer: the gateway's, not the visitor's.
    let peer: String

    /// Longer bodies are counted, not told back.
    static let shownBodyBytes = 4096

    enum CodingKeys: String, CodingKey {
        case method, target, headers, body, peer
        case bodyBytes = "body_bytes"
    }

    init(_ request: PortalRequest) {
        method = request.head.method.rawValue
        target = request.head.path ?? ""
        var headers: [String: [String]] = [:]
        for field in request.head.headerFields {
            headers[field.name.canonicalName, default: []].append(field.value)
        }
        if headers["host"] == nil, let authority = request.head.authority { headers["host"] = [authority] }
        self.headers = headers
        bodyBytes = request.body.count
        body = request.body.count > Self.shownBodyBytes ? nil : String(validating: request.body, as: UTF8.self)
        peer = request.client.description
    }
}
