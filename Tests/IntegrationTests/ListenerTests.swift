import Access
import Core
import Foundation
import Proxy
import Testing

@testable import Gateway

/// Listeners that do not serve browsers directly: the way to https, and PROXY headers of balancers.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct ListenerTests {
    private static func gateway(
        _ listener: String, trusted: String = "[ \"127.0.0.5/32\" ]", limits: String = ""
    ) throws -> Site {
        let upstream = try RawUpstream(RawUpstream.answering { $0["x-forwarded-for"] ?? "-" })
        let folder = try GatewayFolder(upstream: upstream, limits: limits)
        folder.trustedProxies = trusted
        folder.furtherListeners = [listener]
        let gateway = try RunningGateway(folder, loops: 1)
        return Site(gateway: gateway, folder: folder, upstream: upstream, port: gateway.server.listenerPorts[1])
    }

    /// A gateway with a second listener, and that one's port.
    private struct Site {
        let gateway: RunningGateway
        let folder: GatewayFolder
        let upstream: RawUpstream
        let port: UInt16
    }

    // MARK: redirect_to: https

    private static let redirecting = #"{ address: "127.0.0.1:0", redirect_to: https }"#

    @Test("connections that stay are spread over the loops evenly, whichever of them is woken")
    func spread() throws {
        let upstream = try RawUpstream(RawUpstream.answering { $0.target })
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream), loops: 2)
        var clients: [HTTPConnection] = []
        for index in 0..<12 {
            let client = try gateway.client()
            #expect(try client.ask("/assets/\(index)").text == "/assets/\(index)")
            clients.append(client)
        }
        #expect(gateway.server.measurements.map { $0.counters.value(.connectionsAccepted) } == [6, 6])
        #expect(clients.count == 12)
    }

    @Test("a request in clear is sent to public_url's port on its own host, and to no application")
    func redirect() throws {
        let site = try Self.gateway(Self.redirecting)
        let client = HTTPConnection(try TCPStream(port: site.port))
        for (method, target, host) in [
            ("GET", "/app/x?a=b&c=%2F", "acme.example.org"), ("HEAD", "/", "globex.example.org:8080"),
            ("POST", "/admin/", "ACME.example.org"), ("GET", "/.gatehouse/login", "app.example.org"),
        ] {
            let answer = try client.ask(
                target, method: method, host: host, token: Member.admin.token, body: method == "POST" ? "x" : nil)
            let name = host.lowercased().split(separator: ":")[0]
            #expect(answer.status == 308)
            #expect(answer["location"] == "https://\(name):8443\(target)")
            #expect(answer["content-length"] == "0" && answer["set-cookie"] == nil)
        }
        #expect(site.upstream.connections.value == 0)
        #expect(becomesTrue { site.folder.logLines.contains { $0.contains("\"status\":308") } })
        #expect(try site.gateway.client().ask("/assets/x").status == 200)
    }

    @Test("a host that is nobody's is sent nowhere, and what two parsers read differently is refused")
    func redirectRefused() throws {
        let site = try Self.gateway(Self.redirecting)
        for (request, outcome) in [
            (HTTPConnection.request("/x", host: "evil.example"), "421 host-unknown"),
            (HTTPConnection.request("/a/../b"), "400 path-dot-segment"),
            ("GET / HTTP/1.1\r\nHost: acme.example.org\r\nHost: evil.example\r\n\r\n", "400 host-repeated"),
            ("GET https://evil.example/ HTTP/1.1\r\nHost: acme.example.org\r\n\r\n", "400 host-mismatch"),
        ] {
            let client = HTTPConnection(try TCPStream(port: site.port))
            try client.send(request)
            let found = try client.readAnswer().outcome
            #expect(found == outcome)
        }
        #expect(site.upstream.connections.value == 0)
    }

    @Test("a large body in clear is not read: the answer comes, and the connection closes")
    func redirectBody() throws {
        let site = try Self.gateway(Self.redirecting)
        let client = HTTPConnection(try TCPStream(port: site.port))
        try client.send("PUT /app/x HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: 10000000\r\n\r\nabc")
        let answer = try client.readAnswer()
        #expect(answer.status == 308 && answer["connection"] == "close")
    }

    @Test("a listener that a reload makes one of clear text serves nobody in clear")
    func redirectAfterReload() throws {
        let site = try Self.gateway(Self.redirecting)
        let old = HTTPConnection(try TCPStream(port: site.port))
        #expect(try old.ask("/assets/x").status == 308)
        site.folder.furtherListeners = [
            #"{ address: "127.0.0.1:0", tls: { certificates: [ { chain_file: tls/chain.pem, key_file: tls/key.pem } ] } }"#
        ]
        try site.folder.write()
        #expect(site.gateway.server.reload())
        #expect(try becomesTrue { try HTTPConnection(TLSStream(port: site.port)).ask("/assets/x").status == 200 })
        #expect(try old.ask("/assets/x").status == 308)
        #expect(site.upstream.connections.value == 1)
    }

    // MARK: proxy_protocol: true

    private static let proxied =
        #"{ address: "127.0.0.1:0", proxy_protocol: true, tls: { certificates: [ { chain_file: tls/chain.pem, key_file: tls/key.pem } ] } }"#

    /// A connection of the balancer, which is 127.0.0.5, after it has sent these bytes.
    private static func balancer(_ port: UInt16, _ header: [UInt8]) throws -> TCPStream {
        let plain = try TCPStream(port: port, source: 5)
        try plain.send(header)
        return plain
    }

    private static let line = Array("PROXY TCP4 192.0.2.7 192.0.2.1 49152 443\r\n".utf8)
    private static let binary: [UInt8] =
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12]
        + [192, 0, 2, 7, 192, 0, 2, 1, 0xC0, 0, 1, 0xBB]

    @Test("the client is whom the header names: to the application, the log and the limits", arguments: [line, binary])
    func proxied(header: [UInt8]) throws {
        let site = try Self.gateway(Self.proxied, limits: "connections_per_address: 2")
        let clients = try (0..<2).map { _ in
            try HTTPConnection(TLSStream(Self.balancer(site.port, header)))
        }
        for client in clients {
            let answer = try client.ask("/assets/x", fields: ["X-Forwarded-For: 203.0.113.9"])
            #expect(answer.text == "192.0.2.7")
        }
        #expect(throws: (any Error).self) { try TLSStream(Self.balancer(site.port, header)) }
        #expect(try site.gateway.refusals(.tooManyConnectionsFromAddress) == 1)
        for client in clients { client.stream.close() }
        #expect(
            becomesTrue {
                (try? HTTPConnection(TLSStream(Self.balancer(site.port, header))).ask("/assets/x").text) == "192.0.2.7"
            })
        #expect(becomesTrue { site.folder.logLines.contains { $0.contains("\"client\":\"192.0.2.7\"") } })
    }

    @Test("a header that comes byte by byte is the same")
    func dripped() throws {
        let site = try Self.gateway(Self.proxied)
        let plain = try TCPStream(port: site.port, source: 5)
        for byte in Self.line { try plain.send([byte]) }
        #expect(try HTTPConnection(TLSStream(plain)).ask("/assets/x").text == "192.0.2.7")
    }

    @Test("the balancer that speaks for itself is itself")
    func local() throws {
        let site = try Self.gateway(Self.proxied)
        let stream = try TLSStream(Self.balancer(site.port, Array("PROXY UNKNOWN\r\n".utf8)))
        let client = HTTPConnection(stream)
        #expect(try client.ask("/assets/x").text == "127.0.0.5")
        // Whoever is behind it may not name themselves.
        #expect(try client.ask("/assets/x", fields: ["X-Forwarded-For: 203.0.113.9"]).text == "127.0.0.5")
    }

    @Test("who is no trusted proxy is refused at once, with a header and without")
    func untrusted() throws {
        let site = try Self.gateway(Self.proxied)
        for source: UInt8 in [1, 6] {
            let plain = try TCPStream(port: site.port, source: source)
            try? plain.send(Self.line)
            #expect(((try? plain.receive(1)) ?? []).isEmpty)
        }
        #expect(try site.gateway.refusals(.proxyHeaderUntrusted) == 2)
    }

    @Test("a balancer without a header, or with a broken one, is refused")
    func headerless() throws {
        let site = try Self.gateway(Self.proxied)
        for bytes in [Array("\u{16}\u{3}\u{1}".utf8), Array("PROXY TCP4 a b c d\r\n".utf8)] {
            #expect(try Self.balancer(site.port, bytes).receive(1).isEmpty)
        }
        #expect(try site.gateway.refusals(.proxyHeaderMalformed) == 2)
    }

    @Test("on a listener that has none, a header is no TLS")
    func unasked() throws {
        let site = try Self.gateway(Self.proxied)
        let plain = try Self.balancer(site.gateway.port, Self.line)
        #expect(throws: (any Error).self) { try TLSStream(plain) }
    }
}
