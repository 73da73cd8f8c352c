import Core
import Foundation
import Testing

@testable import Gateway

/// Listeners in clear behind balancers that end TLS.
@Suite(.ownThread, .timeLimit(.minutes(3)))
struct CleartextTests {
    private struct Site {
        let gateway: RunningGateway
        let folder: GatewayFolder
        let upstream: RawUpstream
        let port: UInt16

        /// A connection of the balancer, which is 127.0.0.5, or of somebody else.
        func client(source: UInt8 = 5, header: [UInt8] = []) throws -> HTTPConnection {
            let stream = try TCPStream(port: port, source: source)
            if !header.isEmpty { try stream.send(header) }
            return HTTPConnection(stream)
        }
    }

    private static func site(_ keys: String = "", extra: String = "hsts: { max_age: 1d }") throws -> Site {
        let upstream = try RawUpstream(
            RawUpstream.answering { request in
                ["x-forwarded-proto", "x-forwarded-for", "x-user-email", "forwarded"]
                    .map { request[$0] ?? "-" }.joined(separator: "|")
            })
        let folder = try GatewayFolder(upstream: upstream)
        folder.trustedProxies = "[ \"127.0.0.5/32\" ]"
        folder.furtherListeners = [#"{ address: "127.0.0.1:0", cleartext: from_trusted_proxies\#(keys) }"#]
        folder.extra = extra
        let gateway = try RunningGateway(folder, loops: 1)
        return Site(gateway: gateway, folder: folder, upstream: upstream, port: gateway.server.listenerPorts[1])
    }

    private static let secure = ["X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"]

    @Test("who came to the balancer by https is served as by TLS: identity, scheme, origin, hsts")
    func served() throws {
        let site = try Self.site()
        let client = try site.client()
        let answer = try client.ask("/app/x", token: Member.user.token, fields: Self.secure)
        #expect(
            answer.text == "https|192.0.2.7|somebody@acme.example|for=192.0.2.7;proto=https;host=\"acme.example.org\"")
        #expect(answer["strict-transport-security"] == "max-age=86400")
        #expect(try client.ask("/.gatehouse/login", fields: Self.secure).status == 200)
        #expect(try client.ask("/app/x", fields: Self.secure).outcome == "401 login-required")
        let own = Self.secure + ["Origin: https://acme.example.org"]
        #expect(
            try client.ask("/app/x", method: "POST", token: Member.user.token, fields: own, body: "b").status == 200)
        let clear = Self.secure + ["Origin: http://acme.example.org"]
        #expect(
            try client.ask("/app/x", method: "POST", token: Member.user.token, fields: clear, body: "b").outcome
                == "403 cross-origin")
    }

    @Test("who came by http is sent to https, and to no application")
    func redirected() throws {
        let site = try Self.site()
        for fields in [
            ["X-Forwarded-Proto: http"], ["X-Forwarded-Proto: https, http"],
            ["X-Forwarded-Proto: https", "Forwarded: for=a;proto=http"],
        ] {
            let answer = try site.client().ask("/app/x?y", token: Member.user.token, fields: fields)
            #expect(answer.status == 308 && answer["location"] == "https://acme.example.org:8443/app/x?y")
            #expect(answer["strict-transport-security"] == nil)
        }
        #expect(site.upstream.connections.value == 0)
    }

    @Test("each request of a connection is judged by what is said of it")
    func eachRequest() throws {
        let site = try Self.site()
        let client = try site.client()
        #expect(try client.ask("/assets/", fields: Self.secure).status == 200)
        #expect(try client.ask("/assets/", fields: ["X-Forwarded-Proto: http"]).status == 308)
        #expect(try client.ask("/assets/", fields: Self.secure).status == 200)
        #expect(try client.ask("/assets/").outcome == "403 cleartext-refused")
    }

    @Test("whoever is no trusted proxy, or says nothing, is refused whatever they ask")
    func refused() throws {
        let site = try Self.site()
        for target in ["/assets/", "/app/x", "/.gatehouse/login"] {
            #expect(
                try site.client(source: 1).ask(target, token: Member.user.token, fields: Self.secure).outcome
                    == "403 cleartext-refused")
            #expect(try site.client().ask(target, token: Member.user.token).outcome == "403 cleartext-refused")
        }
        #expect(site.upstream.connections.value == 0)
        #expect(try becomesTrue(within: 30) { try site.gateway.refusals(.cleartextRefused) == 6 })
        #expect(try site.gateway.client().ask("/assets/").status == 200, "the listener with TLS serves everybody")
    }

    @Test("what two parsers read differently is refused first")
    func malformed() throws {
        let site = try Self.site()
        let client = try site.client()
        try client.send("GET /a/../b HTTP/1.1\r\nHost: acme.example.org\r\nX-Forwarded-Proto: https\r\n\r\n")
        #expect(try client.readAnswer().outcome == "400 path-dot-segment")
    }

    private static func proxyHeader(tls: UInt8?) -> [UInt8] {
        let part: [UInt8] = tls.map { [0x20, 0, 5, $0, 0, 0, 0, 0] } ?? []
        return [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0]
            + [UInt8(12 + part.count), 192, 0, 2, 7, 192, 0, 2, 1, 0xC0, 0, 1, 0xBB] + part
    }

    @Test("a PROXY header says it, too; then the client's own words count for nothing")
    func proxied() throws {
        let site = try Self.site(", proxy_protocol: true")
        let answer = try site.client(header: Self.proxyHeader(tls: 1)).ask("/assets/")
        #expect(answer.text.hasPrefix("https|192.0.2.7|"))
        let spoofed = ["X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.9"]
        #expect(try site.client(header: Self.proxyHeader(tls: 0)).ask("/assets/", fields: spoofed).status == 308)
        #expect(
            try site.client(header: Self.proxyHeader(tls: nil)).ask("/assets/", fields: spoofed).outcome
                == "403 cleartext-refused")
        let own = try site.client(header: Self.proxyHeader(tls: 1)).ask("/assets/", fields: spoofed)
        #expect(own.text.hasPrefix("https|192.0.2.7|"))
    }

    @Test("a balancer that is trusted no longer is refused on the connection that it has")
    func reload() throws {
        let site = try Self.site()
        let client = try site.client()
        #expect(try client.ask("/assets/", fields: Self.secure).status == 200)
        site.folder.trustedProxies = "[ \"127.0.0.6/32\" ]"
        try site.folder.write()
        #expect(site.gateway.server.reload())
        #expect(
            try becomesTrue(within: 30) {
                try site.client().ask("/assets/", fields: Self.secure).outcome == "403 cleartext-refused"
            })
        #expect(try client.ask("/assets/", fields: Self.secure).outcome == "403 cleartext-refused")
    }
}
