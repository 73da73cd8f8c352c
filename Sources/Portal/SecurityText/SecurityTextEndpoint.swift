public import Access
public import Core
import FoundationEssentials
import HTTPTypes

/// `/.well-known/security.txt`: whom to tell about a vulnerability (RFC 9116).
public struct SecurityTextEndpoint: Sendable {
    /// Where RFC 9116 §3 wants it.
    public static let path = "/.well-known/security.txt"
    /// How long an answer counts as fresh; RFC 9116 §2.5.5 advises less than a year.
    static let validityDays: Int64 = 180

    private let contact: String
    private let canonical: String
    private let now: @Sendable () -> WallTime

    /// Nil where `contact` is no `https:`, `mailto:` or `tel:` URI of 1 to 1024 visible ASCII characters
    /// (RFC 9116 §2.5.3), so that it cannot carry a line of its own into the file.
    ///
    /// - Parameters:
    ///   - contact: where reports go.
    ///   - publicURL: `public_url`, with or without a slash at its end.
    ///   - now: the clock; `Expires` lies 180 days ahead of it, at midnight UTC.
    public init?(contact: String, publicURL: String, now: @escaping @Sendable () -> WallTime) {
        let scheme = contact.prefix { $0 != ":" }.lowercased()
        guard ["https", "mailto", "tel"].contains(scheme), contact.utf8.count <= 1024,
            contact.utf8.count > scheme.utf8.count + 1, contact.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.contact = contact
        canonical = (publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL) + Self.path
        self.now = now
    }

    /// The file, as `text/plain; charset=utf-8` (RFC 9116 §3).
    public func response() -> PortalResponse {
        let day: Int64 = 86_400
        let midnight = (now().milliseconds / 1000 / day + Self.validityDays) * day
        let expires = Date(timeIntervalSince1970: Double(midnight)).formatted(.iso8601)
        let text = """
            Contact: \(contact)
            Expires: \(expires)
            Preferred-Languages: en, de
            Canonical: \(canonical)

            """
        let fields: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "max-age=86400", .xContentTypeOptions: "nosniff",
        ]
        return PortalResponse(head: HTTPResponse(status: .ok, headerFields: fields), body: Array(text.utf8))
    }
}
