import Access
import HTTPTypes

/// What Fetch Metadata and Origin say about a request to the portal's pages (security rules 11 and 12).
///
/// The data plane judges requests to applications in the same way; the portal's pages stand under these rules with a
/// session and without.
enum FetchRules {
    /// True where an HTML page of ours may be shown: as a document of its own, never in a frame, and never to a script.
    /// Clients that send no `Sec-Fetch-Dest` have no frames that another site could use, or obey `frame-ancestors`.
    static func admitsDocument(_ fields: HTTPFields) -> Bool {
        let destinations = fields[values: .secFetchDest]
        return destinations.isEmpty || destinations == ["document"]
    }

    /// True where a request that changes something comes from a page of ours or from nobody's: `Sec-Fetch-Site` is
    /// `same-origin` or `none`; where none is sent, `Origin` is our own; where neither is, the client is no browser.
    /// - Parameter hidesOrigin: the page has `Referrer-Policy: no-referrer`, which makes older browsers send `null` as the
    ///   origin of its form (Fetch §3.2); then the form's token alone tells where it comes from.
    static func admitsChange(_ head: HTTPRequest, hidesOrigin: Bool = false) -> Bool {
        let sites = head.headerFields[values: .secFetchSite]
        guard sites.isEmpty else { return sites == ["same-origin"] || sites == ["none"] }
        let origins = head.headerFields[values: .origin]
        guard let origin = origins.first else { return true }
        if hidesOrigin, origins == ["null"] { return true }
        return origins.count == 1 && isOwn(origin, authority: head.authority ?? "")
    }

    /// True where a page of this site leads here, not a link of anybody's: `Sec-Fetch-Site` is `same-origin` or
    /// `same-site`.  Clients that send none are believed.
    static func comesFromOwnSite(_ fields: HTTPFields) -> Bool {
        let sites = fields[values: .secFetchSite]
        return sites.isEmpty || sites == ["same-origin"] || sites == ["same-site"]
    }

    /// True where `origin` is https and names the host and port that were asked.  The request's own scheme does not
    /// count: behind a balancer that ends TLS it is another than the browser's, which is https, or our cookies were
    /// not there.
    private static func isOwn(_ origin: String, authority: String) -> Bool {
        let scheme = "https://"
        let origin = origin.lowercased()
        guard origin.hasPrefix(scheme), !authority.isEmpty else { return false }
        return withoutDefaultPort(String(origin.dropFirst(scheme.count))) == withoutDefaultPort(authority.lowercased())
    }

    private static func withoutDefaultPort(_ authority: String) -> String {
        authority.hasSuffix(":443") ? String(authority.dropLast(4)) : authority
    }
}
