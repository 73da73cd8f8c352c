import Core
import EventLoop
import Foundation
import Proxy
import Testing

@testable import Gateway

@Suite("Several servers of one upstream", .ownThread, .timeLimit(.minutes(5)))
struct ServersTests {
    /// A gateway of one loop before these applications.
    private func gateway(
        before upstreams: [RawUpstream], keys: String, resolver: GatewayServer.ServerResolver? = nil
    ) throws -> RunningGateway {
        let folder = try GatewayFolder(upstream: upstreams[0])
        let servers = upstreams.map { "\"http://127.0.0.1:\($0.port)\"" }.joined(separator: ", ")
        folder.upstreams = ["app: { servers: [ \(servers) ], \(keys) }"]
        return try RunningGateway(folder, loops: 1, resolver: resolver)
    }

    /// Answers with its own name; health checks with the status that `health` has.
    private static func named(_ name: String, health: Shared<Int> = Shared(200)) -> RawUpstream.Conversation {
        { peer in
            while let request = try peer.readRequest() {
                let isCheck = request.target == "/healthz"
                try peer.answer(isCheck ? "" : name, status: isCheck ? "\(health.value) Checked" : "200 OK")
                if request["connection"] == "close" { return }
            }
        }
    }

    private static func serving(_ upstream: RawUpstream) -> String {
        "gatehouse_upstream_serving{upstream=\"app\",server=\"http://127.0.0.1:\(upstream.port)\"}"
    }

    @Test("a server that is down is passed over: no request fails, POST included, and it is left out")
    func passedOver() throws {
        let (down, up) = (try RawUpstream(), try RawUpstream(Self.named("up")))
        down.stopListening()
        let gateway = try gateway(before: [down, up], keys: "balance: round_robin")
        let client = try gateway.client()
        for index in 0..<20 {
            let answer = try client.ask(
                "/assets/a", method: index % 2 == 0 ? "GET" : "POST", body: index % 2 == 0 ? nil : "b")
            #expect(answer.text == "up")
        }
        #expect(gateway.counter(.upstreamConnectFailures) >= 3)
        let ejections = "gatehouse_upstream_ejections_total{upstream=\"app\",server=\"http://127.0.0.1:\(down.port)\"}"
        #expect(try becomesTrue(within: 30) { try gateway.metric(ejections) >= 1 })
        #expect(try gateway.probe("/healthz").failing == ["upstreams"])
    }

    @Test("what breaks without an answer is tried once more on another server; what may have been done is not")
    func anotherServer() throws {
        let asked = Shared([String]())
        let breaking = try RawUpstream { peer in
            if let request = try peer.readRequest() { asked.change { $0.append(request.method) } }
        }
        let up = try RawUpstream(Self.named("up"))
        let gateway = try gateway(before: [breaking, up], keys: "balance: round_robin")
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").text == "up")
        #expect(try client.ask("/assets/a", method: "POST", body: "b").outcome == "502 upstream-closed")
        #expect(asked.value == ["GET", "POST"])
        #expect(up.connections.value == 1)
        #expect(gateway.counter(.upstreamRetries) == 1)
    }

    @Test("client_address sends each client to one server")
    func clientAddress() throws {
        let upstreams = try (0..<3).map { number in try RawUpstream(Self.named("\(number)")) }
        let gateway = try gateway(before: upstreams, keys: "balance: client_address")
        var chosen: Set<String> = []
        for source in 10..<26 as Range<UInt8> {
            let client = try gateway.client(source: source)
            let texts = Set(try (0..<4).map { _ in try client.ask("/assets/a").text })
            #expect(texts.count == 1)
            chosen.formUnion(texts)
        }
        #expect(chosen.count > 1)
    }

    /// An application whose requests are held until `release`, and then answered with their bodies.
    private static func held(_ release: Shared<Bool>, _ asked: Shared<Int>) -> RawUpstream.Conversation {
        { peer in
            while let request = try peer.readRequest() {
                asked.change { $0 += 1 }
                _ = release.waits(seconds: 60) { $0 }
                try peer.answer("\(request.target) \(request.body.count)")
            }
        }
    }

    private static let waiting = "gatehouse_upstream_requests_waiting"

    @Test("with every connection taken requests wait in a row, first come, first served; a full row is a 503")
    func row() throws {
        let (release, asked) = (Shared(false), Shared(0))
        let upstream = try RawUpstream(Self.held(release, asked))
        let gateway = try gateway(
            before: [upstream], keys: "limits: { connections: 1, pending: 2 }, timeouts: { connect: 60s }")
        let clients = try (0..<4).map { _ in try gateway.client() }
        try clients[0].send(HTTPConnection.request("/assets/0"))
        #expect(asked.waits(seconds: 30) { $0 == 1 })
        let body = String(repeating: "b", count: 300_000)
        try clients[1].send(
            "POST /assets/1 HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.waiting) == 1 })
        try clients[2].send(HTTPConnection.request("/assets/2"))
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.waiting) == 2 })
        let refused = try clients[3].ask("/assets/3")
        #expect(refused.outcome == "503 upstream-overloaded")
        #expect(refused["retry-after"] != nil)
        release.change { $0 = true }
        try clients[1].send(body)
        #expect(try clients[0].readAnswer().text == "/assets/0 0")
        #expect(try clients[1].readAnswer().text == "/assets/1 300000")
        #expect(try clients[2].readAnswer().text == "/assets/2 0")
        #expect(try clients[3].ask("/assets/3").text == "/assets/3 0")
        #expect(upstream.connections.value == 1)
        #expect(gateway.counter(.upstreamWaits) == 2)
    }

    @Test("who waits too long is told so, and who leaves gives the place up")
    func impatience() throws {
        let (release, asked) = (Shared(false), Shared(0))
        let upstream = try RawUpstream(Self.held(release, asked))
        let gateway = try gateway(
            before: [upstream], keys: "limits: { connections: 1, pending: 1 }, timeouts: { connect: 300ms }")
        let first = try gateway.client()
        try first.send(HTTPConnection.request("/assets/0"))
        #expect(asked.waits(seconds: 30) { $0 == 1 })
        #expect(try gateway.client().ask("/assets/1").outcome == "503 upstream-wait-timeout")
        let leaver = try gateway.client()
        try leaver.send(HTTPConnection.request("/assets/2"))
        // Before it is read, a close would take the request along.
        #expect(becomesTrue(within: 30) { gateway.counter(.upstreamWaits) == 2 })
        leaver.close()
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.waiting) == 0 })
        release.change { $0 = true }
        #expect(try first.readAnswer().text == "/assets/0 0")
        #expect(asked.value == 1)
        #expect(try gateway.client().ask("/assets/3").text == "/assets/3 0")
    }

    @Test("a server whose health checks fail gets no requests until they pass; where all fail all are asked")
    func healthChecks() throws {
        let (health, other) = (Shared(200), Shared(200))
        let upstreams = [
            try RawUpstream(Self.named("0", health: health)), try RawUpstream(Self.named("1", health: other)),
        ]
        let gateway = try gateway(
            before: upstreams,
            keys:
                "balance: round_robin, health_check: { path: /healthz, interval: 100ms, timeout: 30s, healthy_after: 1, unhealthy_after: 2 }"
        )
        let client = try gateway.client()
        #expect(Set(try (0..<4).map { _ in try client.ask("/assets/a").text }) == ["0", "1"])
        health.change { $0 = 503 }
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.serving(upstreams[0])) == 0 })
        #expect(try gateway.probe("/healthz").checks["upstreams"]?.detail.contains("answered 503") == true)
        #expect(Set(try (0..<8).map { _ in try client.ask("/assets/a").text }) == ["1"])
        other.change { $0 = 500 }
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.serving(upstreams[1])) == 0 })
        #expect(Set(try (0..<8).map { _ in try client.ask("/assets/a").text }) == ["0", "1"])
        health.change { $0 = 204 }
        #expect(try becomesTrue(within: 30) { try gateway.metric(Self.serving(upstreams[0])) == 1 })
        #expect(Set(try (0..<8).map { _ in try client.ask("/assets/a").text }) == ["0"])
    }

    @Test("a name that has another address is followed; requests under way finish where they are")
    func relocated() throws {
        let (release, asked) = (Shared(true), Shared(0))
        let (before, after) = (try RawUpstream(Self.held(release, asked)), try RawUpstream(Self.named("after")))
        let places = Shared([before.port])
        let folder = try GatewayFolder(upstream: before)
        folder.upstreams = [#"app: { servers: [ "http://app.test" ] }"#]
        let gateway = try RunningGateway(
            folder, loops: 1,
            resolver: { _ in
                places.value.map { .network(SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: $0)) }
            })
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").text == "/assets/a 0")
        release.change { $0 = false }
        let other = try gateway.client()
        try client.send(HTTPConnection.request("/assets/b"))
        #expect(asked.waits(seconds: 30) { $0 == 2 })
        // A name without an address keeps the one that it had.
        places.change { $0 = [] }
        #expect(gateway.server.resolveOnce())
        places.change { $0 = [after.port] }
        #expect(gateway.server.resolveOnce())
        #expect(try becomesTrue(within: 30) { try other.ask("/assets/c").text == "after" })
        release.change { $0 = true }
        #expect(try client.readAnswer().text == "/assets/b 0")
        #expect(before.openConnections.waits(seconds: 30) { $0 == 0 })
        #expect(try client.ask("/assets/d").text == "after")
    }

    @Test("servers that a reload takes out lose their idle connections")
    func takenOut() throws {
        let upstreams = [try RawUpstream(Self.named("0")), try RawUpstream(Self.named("1"))]
        let folder = try GatewayFolder(upstream: upstreams[0])
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").text == "0")
        folder.upstreams = [GatewayFolder.upstream(port: upstreams[1].port)]
        try folder.write()
        #expect(gateway.server.reload())
        #expect(upstreams[0].openConnections.waits(seconds: 30) { $0 == 0 })
        #expect(try client.ask("/assets/a").text == "1")
    }
}
