import Access
import Core

/// Addresses of the portal's own pages, with what is kept from one step to the next.
enum PortalAddress {
    static let login = LoginRedirect.loginPath
    static let logout = "/.gatehouse/logout"
    static let whoAmI = "/.gatehouse/whoami"
    static let keySet = "/.gatehouse/jwks.json"
    static let root = "/.gatehouse/"
    static let changePassword = "/.well-known/change-password"
    /// Where a visitor goes who came from nowhere.
    static let home = "/"

    /// The login page.
    /// - Parameters:
    ///   - returnTo: the way back; nil for none.
    ///   - tenant: named in the address that the visitor came by; nil for none.
    ///   - language: chosen by this address; nil where it chooses none.
    ///   - isStale: true where the page should say that the last form was too old.
    static func login(
        returnTo: SafeRedirect?, tenant: TenantID? = nil, language: PageLanguage? = nil, isStale: Bool = false
    ) -> String {
        var query: [String] = []
        if let returnTo { query.append("return_to=\(encoded(returnTo.target))") }
        if let tenant { query.append("tenant=\(tenant.text)") }
        if let language { query.append("lang=\(language.rawValue)") }
        if isStale { query.append("stale=1") }
        return query.isEmpty ? login : "\(login)?\(query.joined(separator: "&"))"
    }

    /// Everything but unreserved characters and `/`, percent-encoded.
    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: bytes.append(octet)
            default: ASCII.appendPercentEncoded(octet, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
