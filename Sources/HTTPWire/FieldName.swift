/// The field names that Gatehouse acts on; every other is `.other`.
public enum FieldName: UInt8, Sendable, CaseIterable, Hashable {
    case other
    /// A name that reads like one of the others to a lenient server (`x_user_id`, `Content_Length`) but is
    /// not spelled so.  Never passed on.
    case lookAlike
    /// Identity fields of Gatehouse and of every product whose names applications know.
    case identity
    /// Fields that tell a server where a request came from, or what it should be instead.
    case forwarding
    /// Fields that concern one connection only (RFC 9110 §7.6.1) and that nobody here reads.
    case hopByHop

    // Framing and routing.
    case host, contentLength, transferEncoding, connection, expect, upgrade, te, trailer, cookie
    // Read by the access decision.
    case accessControlRequestMethod
    case origin, referer, accept, acceptLanguage, contentType, secFetchSite, secFetchMode, secFetchDest, serviceWorker
    case userAgent, authorization, xForwardedFor, xForwardedProto
    case secWebSocketKey, secWebSocketVersion, secWebSocketAccept, secWebSocketProtocol, secWebSocketExtensions
    // Answers.
    case setCookie, cacheControl, cdnCacheControl, surrogateControl, altSvc, gatehouseSession
    case serviceWorkerAllowed, date, server, location, strictTransportSecurity
}
