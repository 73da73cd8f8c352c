import Access

/// The keys of a route that say what is changed on the way, as written.
struct RouteHandlingEntry: Sendable {
    let requestFields: FieldRuleEntry?
    let responseFields: FieldRuleEntry?
    let prefixRewrite: Located<String>?
    let limits: RouteLimits
    let maxInFlight: Int?
    let rateLimits: RateLimits
    let crossOrigin: CrossOriginSettings?
    let applicationSession: ApplicationSessionEntry?

    static let requestHeadersKey = OptionalKey(
        "request_headers", FieldRuleEntry.requestType,
        "Headers that are set and removed before the application sees a request.")
    static let responseHeadersKey = OptionalKey(
        "response_headers", FieldRuleEntry.responseType,
        "Headers that are set and removed before the client sees the application's answer.")
    static let prefixRewriteKey = OptionalKey(
        "prefix_rewrite", ValueType<String>.replacementPath.located,
        "Stands in place of match.path for the application; / strips it.  Location is translated back.")

    static let limitsKey = DefaultedKey(
        "limits", RouteLimitKeys.type, default: "{}", "Bounds of this route in place of the installation's.")
    static let maxInFlightKey = OptionalKey(
        "max_in_flight", ValueType<Int>.integer(1...1_000_000),
        "Requests under way at once, others get 503; an eighth of the places is kept for members.")
    static let rateLimitKey = DefaultedKey(
        "rate_limit", RateLimitKeys.type, default: "{}",
        "How many requests pass in a while, for each caller of a kind; others get 429 with Retry-After.")

    static let crossOriginKey = OptionalKey(
        "cross_origin", CrossOriginEntry.type,
        "Other origins whose scripts may call (CORS); Gatehouse answers their preflights.")

    static let applicationSessionKey = OptionalKey(
        "app_session", ApplicationSessionEntry.type,
        "The application's own session: where it keeps it, and where it ends it.")

    static let keys: [any ConfigurationKey] = [
        requestHeadersKey, responseHeadersKey, prefixRewriteKey, limitsKey, maxInFlightKey, rateLimitKey,
        crossOriginKey, applicationSessionKey,
    ]

    init(_ section: ConfigurationSection) {
        requestFields = section[Self.requestHeadersKey]
        responseFields = section[Self.responseHeadersKey]
        prefixRewrite = section[Self.prefixRewriteKey]
        limits = section[Self.limitsKey]
        maxInFlight = section[Self.maxInFlightKey]
        rateLimits = section[Self.rateLimitKey]
        crossOrigin = section[Self.crossOriginKey]
        applicationSession = section[Self.applicationSessionKey]
    }
}

extension ValueType where Value == String {
    /// A folder of the application's that stands in place of a route's path.
    static var replacementPath: ValueType {
        let shape = ScalarShape(
            noun: "a path in place of another",
            allowed: "/ or whole segments of letters, digits, -, ., _ and ~ with a / at either end, such as /v1/",
            json: .object([("type", .string("string")), ("pattern", .string("^/([A-Za-z0-9._~-]+/)*$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard RouteHandling.isReplacementPath(text) else {
                let ended = "/" + text.split(separator: "/").joined(separator: "/") + "/"
                let isMeant = ended != text && RouteHandling.isReplacementPath(ended)
                throw ScalarProblem(
                    RouteHandling.isReplacementPath("/a" + text)
                        ? "\(shown) is a path of Gatehouse's own" : "\(shown) is not a path in place of another",
                    remedy: isMeant ? "did you mean \(ShownText.quoted(ended))?" : nil)
            }
            return text
        }
    }
}
