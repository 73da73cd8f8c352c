import Access
import Core
import Proxy

@testable import Gateway

extension KeyArrival {
    private static func line(_ name: String, _ value: String) -> FieldRules.Line { .init(name: name, value: value) }

    /// What is changed on the way.
    static let frontRows: [KeyArrival] = [
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
    ]
}
