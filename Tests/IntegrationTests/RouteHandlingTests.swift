import Foundation
import Testing

@testable import Gateway

/// What is changed on the way, both ways: HSTS, header rules, prefixes.
@Suite(.ownThread, .timeLimit(.minutes(3)))
struct RouteHandlingTests {
    /// The application says what it was asked for and sends some headers of its own.
    private static func gateway(_ keys: String = "", extra: String = "") throws -> (RunningGateway, GatewayFolder) {
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequest() {
                let told = ([request.target] + request.fields.map { "\($0.name): \($0.value)" }).joined(separator: "\n")
                try peer.send(
                    "HTTP/1.1 302 Found\r\nServer: s\r\nLocation: /there?x\r\nStrict-Transport-Security: max-age=1\r\n"
                        + "Content-Length: \(told.utf8.count)\r\n\r\n\(told)")
            }
        }
        let folder = try GatewayFolder(upstream: upstream)
        folder.routes.insert(
            #"{ name: shop, match: { host: "*.example.org", path: /shop/ }, access: public, upstream: app\#(keys) }"#,
            at: 0)
        folder.extra = extra
        try folder.write("key", "s3cret value\n")
        return (try RunningGateway(folder, loops: 1), folder)
    }

    @Test("header rules and a prefix act on their route and on no other")
    func rules() throws {
        let (gateway, _) = try Self.gateway(
            ", prefix_rewrite: /, request_headers: { set: { X-Env: prod }, set_file: { X-Api-Key: key }, "
                + "remove: [X-Debug] }, response_headers: { set: { X-Frame-Options: DENY }, remove: [Server] }")
        let client = try gateway.client()
        let sent = ["X-Env: evil", "x_api_key: evil", "X-Debug: 1", "X-Kept: 2", "X-Forwarded-Prefix: /evil"]
        let answer = try client.ask("/shop/a?b=/shop/", fields: sent)
        #expect(answer.status == 302)
        let told = answer.text.split(separator: "\n").map(String.init)
        #expect(told[0] == "/a?b=/shop/")
        for line in ["x-env: prod", "x-api-key: s3cret value", "x-kept: 2", "x-forwarded-prefix: /shop"] {
            #expect(told.contains { $0.lowercased() == line }, "\(line)")
        }
        #expect(!answer.text.contains("evil") && !answer.text.lowercased().contains("x-debug"))
        #expect(answer["location"] == "/shop/there?x" && answer["x-frame-options"] == "DENY" && answer["server"] == nil)
        let other = try client.ask("/assets/a", fields: sent)
        #expect(
            other.text.hasPrefix("/assets/a\n") && other.text.contains("x-debug: 1") && !other.text.contains("s3cret"))
        #expect(other["location"] == "/there?x" && other["server"] == "s" && other["x-frame-options"] == nil)
        #expect(try client.ask("/shop/.gatehouse/login").outcome == "404 page-missing")
    }

    @Test("a trailer is under the rules of a header")
    func trailers() throws {
        let (gateway, _) = try Self.gateway(", request_headers: { remove: [X-Debug] }")
        let client = try gateway.client()
        try client.send(
            "POST /shop/ HTTP/1.1\r\nHost: acme.example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "0\r\nX-Debug: 1\r\nX-Sum: 2\r\n\r\n")
        #expect(try client.readAnswer().status == 302)
    }

    @Test("hsts is on every answer over TLS: the application's, a refusal's, the portal's")
    func strictTransport() throws {
        let (gateway, _) = try Self.gateway(extra: "hsts: { max_age: 1d, include_subdomains: true }")
        let client = try gateway.client()
        for target in ["/shop/", "/nothing", "/.gatehouse/login", "/.gatehouse/nothing", "/a/../b"] {
            let answer = try client.ask(target)
            #expect(answer["strict-transport-security"] == "max-age=86400; includeSubDomains", "\(target)")
        }
        let malformed = try gateway.client()
        try malformed.send("NONSENSE\r\n\r\n")
        #expect(try malformed.readAnswer()["strict-transport-security"] == "max-age=86400; includeSubDomains")
    }

    @Test("without hsts the application's own passes, and Gatehouse says nothing")
    func noStrictTransport() throws {
        let (gateway, _) = try Self.gateway()
        let client = try gateway.client()
        #expect(try client.ask("/shop/")["strict-transport-security"] == "max-age=1")
        #expect(try client.ask("/nothing")["strict-transport-security"] == nil)
    }

    @Test("hsts is not said in clear (RFC 6797 §7.2)")
    func clear() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        folder.furtherListeners = [#"{ address: "127.0.0.1:0", redirect_to: https }"#]
        folder.extra = "hsts: {}"
        let gateway = try RunningGateway(folder, loops: 1)
        let answer = try HTTPConnection(TCPStream(port: gateway.server.listenerPorts[1])).ask("/a")
        #expect(answer.status == 308 && answer["strict-transport-security"] == nil)
        #expect(try gateway.client().ask("/assets/a")["strict-transport-security"] == "max-age=31536000")
    }

    @Test("a reload changes the rules for the next request")
    func reload() throws {
        let (gateway, folder) = try Self.gateway()
        let client = try gateway.client()
        #expect(try client.ask("/shop/a")["location"] == "/there?x")
        folder.routes[0] =
            #"{ name: shop, match: { host: "*.example.org", path: /shop/ }, access: public, upstream: app, prefix_rewrite: /v1/ }"#
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try becomesTrue { try client.ask("/shop/a").text.hasPrefix("/v1/a\n") })
    }
}
