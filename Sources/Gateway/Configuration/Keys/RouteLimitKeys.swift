import Access
import Core

/// A route's `limits`.
enum RouteLimitKeys {
    static let body = OptionalKey(
        "body", ValueType<Int>.byteCount(0...(1 << 40)),
        "Body of a request; without the key limits.body of the installation.")
    static let firstByte = OptionalKey(
        "first_byte", ValueType<Milliseconds>.duration(Milliseconds(10)...(.hours(24))),
        "From the last byte of the request to the first of the answer; without the key the upstream's.")
    static let idle = OptionalKey(
        "idle", ValueType<Milliseconds>.duration(Milliseconds(10)...(.hours(24))),
        "Between two bytes of a body, either way; without the key the upstream's.")

    static let bodyMinimumRate = OptionalKey(
        "body_minimum_rate", ValueType<Int>.rate(1...(1 << 30)),
        "A body, or a reader of an answer, that is slower is cut off, after the first 5 seconds; without the key "
            + "limits.body_minimum_rate of the installation.")

    static let type = ValueType<RouteLimits>.mapping([body, firstByte, idle, bodyMinimumRate]) { section, _ in
        RouteLimits(
            bodyBytes: section[body], firstByteTimeout: section[firstByte], idleTimeout: section[idle],
            bodyMinimumRate: section[bodyMinimumRate])
    }
}

/// A route's `rate_limit`.
enum RateLimitKeys {
    static let perAddress = OptionalKey(
        "per_address", RateLimitKeys.bucketType, "Of one client address; IPv6 counts by /64.")
    static let perSession = OptionalKey(
        "per_session", RateLimitKeys.bucketType, "Of one session; requests without one have no such bucket.")
    static let perTenant = OptionalKey(
        "per_tenant", RateLimitKeys.bucketType,
        "Of one tenant, the host's or the session's; requests of none have no such bucket.")

    static let type = ValueType<RateLimits>.mapping([perAddress, perSession, perTenant]) { section, _ in
        RateLimits(
            perAddress: section[perAddress], perSession: section[perSession], perTenant: section[perTenant])
    }

    // A bucket.
    static let requests = RequiredKey(
        "requests", ValueType<Int>.integer(1...1_000_000), "Requests that pass at once, after a pause of per.")
    static let per = RequiredKey(
        "per", ValueType<Milliseconds>.duration(.seconds(1)...(.hours(24))),
        "The span in which all of them are given back, evenly.")

    static let bucketType = ValueType<RateLimit>.mapping([requests, per]) { section, _ in
        let (requests, per) = (section[requests], section[per])
        guard let requests, let per else { return nil }
        return RateLimit(requests: requests, per: per)
    }
}
