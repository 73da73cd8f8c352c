/// What a route asks for besides who may pass: what it changes in requests and answers, and how much it lets
/// through.
///
/// The decision reads none of it but `prefixRewrite`; the data plane compiles it once for each configuration.
public struct RouteHandling: Sendable, Hashable {
    /// `request_headers`: what the application sees of a request's fields.
    public var requestFields: FieldRules
    /// `response_headers`: what the client sees of the application's fields.
    public var responseFields: FieldRules
    /// `prefix_rewrite`: stands in place of the route's path before the application sees it; begins and ends with a
    /// slash.  Nil forwards the path as it came.
    public var prefixRewrite: String?
    public var limits: RouteLimits
    /// `max_in_flight`: requests under way at once, over all loops; nil bounds them not.
    public var requestsInFlight: Int?
    public var rateLimits: RateLimits
    /// `app_session`: nil where the application keeps no session of its own.
    public var applicationSession: ApplicationSession?

    public init(
        requestFields: FieldRules = FieldRules(), responseFields: FieldRules = FieldRules(),
        prefixRewrite: String? = nil, limits: RouteLimits = RouteLimits(), requestsInFlight: Int? = nil,
        rateLimits: RateLimits = RateLimits(), applicationSession: ApplicationSession? = nil
    ) {
        self.requestFields = requestFields
        self.responseFields = responseFields
        self.prefixRewrite = prefixRewrite
        self.limits = limits
        self.requestsInFlight = requestsInFlight
        self.rateLimits = rateLimits
        self.applicationSession = applicationSession
    }

    /// True for a text that `prefixRewrite` may be.
    public static func isReplacementPath(_ text: String) -> Bool { PrefixRewrite.isAllowed(text) }
}

/// Header fields that a route sets and removes, in one direction.
public struct FieldRules: Sendable, Hashable {
    /// One field to set.
    public struct Line: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `set`: each replaces every field of its name.
    public var set: [Line]
    /// `remove`: names whose fields do not pass.
    public var remove: [String]

    public init(set: [Line] = [], remove: [String] = []) {
        self.set = set
        self.remove = remove
    }

    /// Nothing is asked for.
    public var isEmpty: Bool { remove.isEmpty && self.set.isEmpty }
}
