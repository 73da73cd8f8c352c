import HTTPWire
import Testing

@testable import Proxy

@Suite("A route's path in the application's view")
struct PrefixRewritingTests {
    private func target(_ path: String, _ replacement: String, _ asked: String) throws -> String {
        let request = ReadRequest([], line: "GET \(asked) HTTP/1.1")
        try #require(request.outcome == .complete)
        var out = WireBuffer()
        PrefixRewriting(path: path, replacement: replacement)
            .writeTarget(request.head, request.bytes.span.bytes, into: &out)
        return out.text
    }

    private func location(_ path: String, _ replacement: String, _ value: String) -> String {
        let octets = Array(value.utf8)
        var host = WireBuffer()
        var out = WireBuffer()
        host.append("app.example.org:8443")
        PrefixRewriting(path: path, replacement: replacement)
            .writeLocation(octets.span.bytes, host: host, into: &out)
        return out.text
    }

    @Test(
        "the matched segments are replaced, the rest stays byte by byte",
        arguments: [
            ("/shop/", "/", "/shop/a/b?c=/shop/", "/a/b?c=/shop/"), ("/shop/", "/", "/shop/", "/"),
            ("/shop/", "/", "/shop", "/"), ("/shop/", "/", "/shop?q", "/?q"), ("/shop/", "/", "/SHOP/%61b", "/%61b"),
            ("/shop/", "/", "/%73hop/a", "/a"), ("/shop/", "/v1/", "/shop/a", "/v1/a"),
            ("/shop/", "/v1/", "/shop", "/v1"), ("/shop/", "/v1/", "/shop?q", "/v1?q"),
            ("/a/b/", "/c/d/e/", "/a/b/f%2Fg;h/", "/c/d/e/f%2Fg;h/"), ("/", "/v1/", "/a?b", "/v1/a?b"),
            ("/", "/v1/", "/", "/v1/"), ("/", "/v1/", "https://app.example.org", "/v1/"),
            ("/", "/v1/", "https://app.example.org?q", "/v1/?q"),
            ("/shop/", "/", "https://app.example.org/shop/a?b", "/a?b"), ("/caf\u{e9}/", "/", "/caf%C3%A9/x", "/x"),
        ])
    func targets(_ path: String, _ replacement: String, _ asked: String, _ expected: String) throws {
        #expect(try target(path, replacement, asked) == expected)
    }

    @Test("the application is told what it does not see")
    func forwardedPrefix() {
        func line(_ path: String) -> String {
            String(decoding: PrefixRewriting(path: path, replacement: "/").forwardedLine, as: UTF8.self)
        }
        #expect(line("/shop/") == "X-Forwarded-Prefix: /shop\r\n")
        #expect(line("/a/caf\u{e9}/") == "X-Forwarded-Prefix: /a/caf%C3%A9\r\n")
        #expect(line("/") == "")
    }

    @Test(
        "a Location of the application's is one of the client's",
        arguments: [
            ("/shop/", "/", "/a?b#c", "/shop/a?b#c"), ("/shop/", "/", "/", "/shop/"),
            ("/shop/", "/", "https://app.example.org:8443/a", "https://app.example.org:8443/shop/a"),
            ("/shop/", "/", "HTTPS://APP.example.org:8443/", "HTTPS://APP.example.org:8443/shop/"),
            ("/shop/", "/v1/", "/v1/a", "/shop/a"), ("/shop/", "/v1/", "/v1", "/shop"),
            ("/shop/", "/v1/", "/v1?a", "/shop?a"), ("/", "/v1/", "/v1/a", "/v1/a"),
        ])
    func locations(_ path: String, _ replacement: String, _ value: String, _ expected: String) {
        #expect(location(path, replacement, value) == expected)
    }

    @Test(
        "a Location that is none of the replaced folder stays",
        arguments: [
            ("/", "/shop/a"), ("/", "/shop"), ("/", "a"), ("/", "?a"), ("/", ""), ("/", "//evil.example/a"),
            ("/", "/\\evil.example/a"), ("/", "https://evil.example/a"), ("/", "https://app.example.org:8443.evil/a"),
            ("/", "https://app.example.org/a"), ("/", "http://app.example.org:8443/a"),
            ("/", "https://app.example.org:8443"), ("/v1/", "/v2/a"), ("/v1/", "/v1x/a"), ("/v1/", "/"),
        ])
    func untouched(_ replacement: String, _ value: String) {
        #expect(location("/shop/", replacement, value) == value)
    }
}
