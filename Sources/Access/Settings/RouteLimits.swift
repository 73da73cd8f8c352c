public import Core

/// A route's `limits`: bounds of its own in place of the installation's and the upstream's; nil leaves those.
public struct RouteLimits: Sendable, Hashable {
    /// `body`: bytes of a request's body.
    public var bodyBytes: Int?
    /// `first_byte`: from the last byte of the request to the first of the answer.
    public var firstByteTimeout: Milliseconds?
    /// `idle`: between two bytes of a body, either way.
    public var idleTimeout: Milliseconds?
    /// `body_minimum_rate`: bytes a second; a body or a reader that is slower is cut off.
    public var bodyMinimumRate: Int?

    public init(
        bodyBytes: Int? = nil, firstByteTimeout: Milliseconds? = nil, idleTimeout: Milliseconds? = nil,
        bodyMinimumRate: Int? = nil
    ) {
        self.bodyBytes = bodyBytes
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.bodyMinimumRate = bodyMinimumRate
    }
}

/// A route's `rate_limit`: a token bucket for each caller of a kind; nil limits none of them.
public struct RateLimits: Sendable, Hashable {
    public var perAddress: RateLimit?
    public var perSession: RateLimit?
    public var perTenant: RateLimit?

    public init(perAddress: RateLimit? = nil, perSession: RateLimit? = nil, perTenant: RateLimit? = nil) {
        self.perAddress = perAddress
        self.perSession = perSession
        self.perTenant = perTenant
    }
}

/// A bucket: it holds so many requests, and an empty one fills evenly in so long.
public struct RateLimit: Sendable, Hashable {
    public var requests: Int
    public var per: Milliseconds

    public init(requests: Int, per: Milliseconds) {
        self.requests = requests
        self.per = per
    }
}
