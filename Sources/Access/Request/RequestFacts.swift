public import Core

/// Everything about a request that an access decision may depend on, and nothing else.  Admission fills
/// it from the one parsed head (security rule 1); one value serves a loop, request after request.
public struct RequestFacts: Sendable {
    public var method: Method
    public var host: CanonicalHost
    public var path: CanonicalPath
    /// Where the request comes from, after the rules about trusted proxies (security rule 4).
    public var client: ClientAddress
    /// The hash of the session cookie's token; nil where no cookie of ours came, or one that is no token.
    public var sessionKey: SessionKey?
    /// The session cookie came more than once: all of them count as none.
    public var isSessionCookieRepeated: Bool
    public var fetchSite: FetchSite
    public var fetchMode: FetchMode
    public var fetchDestination: FetchDestination
    public var origin: OriginRelation
    /// The value of an `Origin` that is `.other`, as it came; empty where there is none, where there were several, and for
    /// one that is longer than any that a route could list.
    public var foreignOrigin: [UInt8]
    /// `Access-Control-Request-Method` was sent.
    public var namesRequestMethod: Bool
    /// `Accept` names `text/html`.
    public var acceptsHTML: Bool
    /// The request asks to switch protocols, whichever.
    public var isUpgrade: Bool
    /// It is a WebSocket handshake (RFC 6455).
    public var asksForWebSocket: Bool
    /// `Service-Worker: script` was sent.
    public var isServiceWorkerScript: Bool

    /// It is a gRPC call: `POST` with gRPC's media type.
    public var isGRPC: Bool

    /// Facts about nothing yet.
    public init() {
        method = .get
        host = CanonicalHost()
        path = CanonicalPath()
        client = ClientAddress(high: 0, low: 0)
        sessionKey = nil
        isSessionCookieRepeated = false
        fetchSite = .absent
        fetchMode = .absent
        fetchDestination = .absent
        origin = .absent
        foreignOrigin = []
        namesRequestMethod = false
        acceptsHTML = false
        isUpgrade = false
        asksForWebSocket = false
        isServiceWorkerScript = false
        isGRPC = false
    }

    /// Bytes of the longest origin: a scheme, a name of 253 bytes, a port.
    public static let longestOrigin = 280

    /// Forgets what fields said.  `method`, `host`, `path` and `client` stay until they are read anew, which
    /// every admitted request does.
    public mutating func reset() {
        sessionKey = nil
        isSessionCookieRepeated = false
        fetchSite = .absent
        fetchMode = .absent
        fetchDestination = .absent
        origin = .absent
        if !foreignOrigin.isEmpty { foreignOrigin.removeAll(keepingCapacity: true) }
        namesRequestMethod = false
        acceptsHTML = false
        isUpgrade = false
        asksForWebSocket = false
        isServiceWorkerScript = false
        isGRPC = false
    }

    /// A browser asks before it lets a script of another origin call (Fetch §4.8).
    public var isPreflight: Bool { namesRequestMethod && method == .options && origin == .other }

    /// True where the browser sent Fetch Metadata.
    public var hasFetchMetadata: Bool { fetchSite != .absent || fetchMode != .absent || fetchDestination != .absent }

    /// A person is waiting for a page in a tab of their own.
    public var isPageLoad: Bool {
        guard !isUpgrade else { return false }
        return hasFetchMetadata ? fetchMode == .navigate && fetchDestination == .document : acceptsHTML
    }

    /// A page inside another page: a redirect to login would show a form in somebody's frame.
    public var isFrameLoad: Bool { !isUpgrade && fetchMode == .navigate && fetchDestination == .frame }
}
