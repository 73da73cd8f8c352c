import Access
import Core
import HTTPTypes

@testable import Portal

/// A request as the data plane hands it over; each test says only what matters to it.
func request(
    _ method: HTTPRequest.Method = .get, _ path: String, accept: String? = nil, fields: HTTPFields = [:],
    host: String = "app.example.org", body: [UInt8] = []
) -> PortalRequest {
    var fields = fields
    if let accept { fields[.accept] = accept }
    return PortalRequest(
        head: HTTPRequest(method: method, scheme: "https", authority: host, path: path, headerFields: fields),
        body: body, client: ClientAddress(ipv4: 0xC000_0201), requestID: "request-7")
}

/// Pages whose digest is 32 bytes of 0xAB: what the pages do with a digest does not depend on how it is
/// made, and no crypto library is needed.
func pages() throws -> PortalPages { try madeOnce.get() }

private let madeOnce = Result { try PortalPages { _ in [UInt8](repeating: 0xAB, count: 32) } }

/// What browsers send for a page load.
let browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

/// The first page load of a visitor from Germany.
let germanBrowser: HTTPFields = [.accept: browserAccept, .acceptLanguage: "de-DE,de;q=0.9,en;q=0.8"]

extension PortalResponse {
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension ByteTemplate {
    /// The page as a loop would send it.
    func filled(requestID: String = "request-7", host: String = "app.example.org") -> String {
        pieces.map { piece in
            switch piece {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .slot(.requestID): requestID
            case .slot(.host): host
            }
        }.joined()
    }
}

extension String {
    /// What stands between the first `start` and the next `end`; nil where either is missing.
    func between(_ start: String, _ end: String) -> String? {
        guard let opening = firstRange(of: start), let closing = self[opening.upperBound...].firstRange(of: end) else {
            return nil
        }
        return String(self[opening.upperBound..<closing.lowerBound])
    }
}
