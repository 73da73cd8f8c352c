import Access
import Core
import Proxy

@testable import Gateway

extension KeyArrival {
    private static func line(_ name: String, _ value: String) -> FieldRules.Line { .init(name: name, value: value) }

    /// What is changed on the way.
    static let frontRows: [KeyArrival] =
        [
            top("hsts.max_age", "hsts: { max_age: 2d }") { $0.proxy.strictTransport?.maximumAge == .hours(48) },
            top("hsts.include_subdomains", "hsts: { include_subdomains: true }") {
                $0.proxy.strictTransport?.includesSubdomains == true
            },
            top("hsts.preload", "hsts: { include_subdomains: true, preload: true }") {
                $0.proxy.strictTransport?.isPreloadable == true
            },
            route("request_headers.set", "request_headers: { set: { X-Env: prod, x-other: \"\" } }") {
                $0.handling.requestFields.set == [line("X-Env", "prod"), line("x-other", "")]
            },
            route("request_headers.set_file", "request_headers: { set_file: { X-Api-Key: secret } }") {
                $0.handling.requestFields.set == [line("X-Api-Key", "0123456789abcdef0123456789abcdef")]
            },
            route("request_headers.remove", "request_headers: { remove: [X-Debug] }") {
                $0.handling.requestFields.remove == ["X-Debug"]
            },
            route("response_headers.set", "response_headers: { set: { X-Frame-Options: DENY } }") {
                $0.handling.responseFields.set == [line("X-Frame-Options", "DENY")]
            },
            route("response_headers.remove", "response_headers: { remove: [Server] }") {
                $0.handling.responseFields.remove == ["Server"]
            },
            route("prefix_rewrite", match: "host: \"*\", path: /shop/", "prefix_rewrite: /v1/") {
                $0.handling.prefixRewrite == "/v1/"
            },
            route("limits.body", "limits: { body: 2MiB }") { $0.handling.limits.bodyBytes == 2_097_152 },
            route("limits.first_byte", "limits: { first_byte: 5m }") {
                $0.handling.limits.firstByteTimeout == .minutes(5)
            },
            route("limits.idle", "limits: { idle: 500ms }") { $0.handling.limits.idleTimeout == Milliseconds(500) },
            route("limits.body_minimum_rate", "limits: { body_minimum_rate: 1KiB/s }") {
                $0.handling.limits.bodyMinimumRate == 1024
            },
            route("max_in_flight", "max_in_flight: 7") { $0.handling.requestsInFlight == 7 },
        ] + rateRows + originRows

    private static func origin(
        _ key: String, _ text: String = "", _ holds: @escaping @Sendable (CrossOriginSettings) -> Bool
    ) -> KeyArrival {
        route("cross_origin.\(key)", "cross_origin: { origins: [https://a.example]\(text.isEmpty ? "" : ", ")\(text) }")
        {
            $0.crossOrigin.map(holds) ?? false
        }
    }

    private static let originRows: [KeyArrival] = [
        origin("origins") { $0.origins == ["https://a.example"] },
        origin("methods", "methods: [PUT]") { $0.methods == MethodSet([.put]) },
        origin("headers", "headers: [X-Csrf]") { $0.headers == ["X-Csrf"] },
        origin("exposed_headers", "exposed_headers: [X-Total]") { $0.exposedHeaders == ["X-Total"] },
        origin("credentials", "credentials: true") { $0.allowsCredentials },
        origin("max_age", "max_age: 1h") { $0.maximumAge == .hours(1) },
    ]

    private static func rate(_ kind: String, _ holds: @escaping @Sendable (RateLimits) -> RateLimit?) -> [KeyArrival] {
        [
            route("rate_limit.\(kind).requests", "rate_limit: { \(kind): { requests: 7, per: 1m } }") {
                holds($0.handling.rateLimits)?.requests == 7
            },
            route("rate_limit.\(kind).per", "rate_limit: { \(kind): { requests: 7, per: 2m } }") {
                holds($0.handling.rateLimits)?.per == .minutes(2)
            },
        ]
    }

    private static let rateRows =
        rate("per_address") { $0.perAddress } + rate("per_session") { $0.perSession }
        + rate("per_tenant") { $0.perTenant }
}
