import Core

/// The rule against requests that another site makes a signed-in browser send (security rule 12).
enum CrossOriginRule {
    /// True where the request may use its cookie session.
    ///
    /// A safe method may, but for handshakes.  An unsafe one needs `Sec-Fetch-Site: same-origin` or `none`;
    /// browsers that send no Fetch Metadata, an Origin equal to its own; a client that sends neither is no
    /// browser that another site could use.  A handshake changes protocols under the cookie with a GET, and
    /// no preflight stands before it, so it needs its own Origin wherever one is sent.
    static func admits(_ facts: RequestFacts) -> Bool {
        guard facts.isUpgrade || !facts.method.isSafe else { return true }
        if facts.isUpgrade, facts.origin == .other { return false }
        switch facts.fetchSite {
        case .sameOrigin, .none: return true
        case .absent: return facts.origin != .other
        case .sameSite, .crossSite, .unknown: return facts.isUpgrade && facts.origin == .same
        }
    }

    /// As above, on a route with `cross_origin`: an origin that it lists with credentials may use the session with the
    /// methods that it lists, handshakes included.
    static func admits(_ facts: RequestFacts, on route: CompiledRoute, from origin: Int?) -> Bool {
        admits(facts) || (origin != nil && route.originMethods.contains(facts.method))
    }
}
