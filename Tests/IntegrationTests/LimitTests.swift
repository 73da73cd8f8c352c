import Core
import Foundation
import Proxy
import Testing

/// Security rule 30: every bound is felt, is counted under its reason, and leaves the others alone.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct LimitTests {
    private static func gateway(_ limits: String, upstreamKeys: String = "") throws -> (RunningGateway, RawUpstream) {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream, upstreamKeys: upstreamKeys, limits: limits)
        return (try RunningGateway(folder), upstream)
    }

    @Test("a connection beyond limits.connections is closed at once, and one that ends makes room")
    func connections() throws {
        let (gateway, _) = try Self.gateway("connections: 3")
        var clients = try (0..<3).map { _ in try gateway.client() }
        for client in clients { #expect(try client.ask("/assets/a.css").status == 200) }
        #expect(throws: StreamFailure.self) { try gateway.client() }
        #expect(try becomesTrue { try gateway.refusals(.tooManyConnections) == 1 })
        #expect(try gateway.metric("gatehouse_connections_refused_total") == 1)
        clients.removeLast().close()
        #expect(becomesTrue { (try? gateway.client().ask("/assets/a.css").status) == 200 })
        #expect(try clients[0].ask("/assets/a.css").status == 200)
    }

    @Test("a connection beyond limits.connections_per_address is closed at once, and another address gets in")
    func connectionsPerAddress() throws {
        let (gateway, _) = try Self.gateway("connections_per_address: 2")
        let clients = try (0..<2).map { _ in try gateway.client(source: 7) }
        for client in clients { #expect(try client.ask("/assets/a.css").status == 200) }
        #expect(throws: StreamFailure.self) { try gateway.client(source: 7) }
        #expect(try gateway.client(source: 8).ask("/assets/a.css").status == 200)
        #expect(try becomesTrue { try gateway.refusals(.tooManyConnectionsFromAddress) == 1 })
    }

    @Test("a trusted proxy has no limit of its own")
    func trustedProxy() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream, limits: "connections_per_address: 2")
        folder.trustedProxies = "[ 127.0.0.7/32 ]"
        let gateway = try RunningGateway(folder)
        let clients = try (0..<6).map { _ in try gateway.client(source: 7) }
        for client in clients { #expect(try client.ask("/assets/a.css").status == 200) }
        #expect(try becomesTrue { try gateway.refusals(.tooManyConnectionsFromAddress) == 0 })
    }

    @Test("a client that says nothing after connecting is cut after handshake_timeout")
    func silentConnection() throws {
        let (gateway, _) = try Self.gateway("handshake_timeout: 300ms")
        let silent = MessageReader(try TCPStream(port: gateway.port))
        #expect(try silent.ends())
        #expect(try becomesTrue { try gateway.refusals(.handshakeTimeout) == 1 })
        #expect(try gateway.metric("gatehouse_tls_handshakes_failed_total") == 1)
        #expect(try gateway.client().ask("/assets/a.css").status == 200)
    }

    @Test("a client that stops within the handshake is cut after handshake_timeout")
    func silentHandshake() throws {
        let (gateway, _) = try Self.gateway("handshake_timeout: 300ms")
        let silent = MessageReader(try TCPStream(port: gateway.port))
        // The first bytes of a client hello of 512 bytes.
        try silent.stream.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
        #expect(try silent.ends())
        #expect(try becomesTrue { try gateway.refusals(.handshakeTimeout) == 1 })
    }

    @Test("a head that does not come to its end is answered 408 after header_timeout, however it drips")
    func slowHead() throws {
        let (gateway, _) = try Self.gateway("header_timeout: 400ms")
        let client = try gateway.client()
        try client.send("GET /assets/a.css HTTP/1.1\r\nHost: acme.example.org\r\n")
        #expect(try client.readAnswer().outcome == "408 header-timeout")
        #expect(try client.ends())
        #expect(try becomesTrue { try gateway.refusals(.headerTimeout) == 1 })
        // Each byte is in time for the one before, the head as a whole is not.
        let dripping = try gateway.client()
        let began = ContinuousClock.now
        try dripping.send("GET /assets/a.css HTTP/1.1\r\nX-Drip: ")
        repeat {
            try dripping.send("x")
        } while try dripping.stream.staysSilent(milliseconds: 20)
            && began.duration(to: .now) < .seconds(10)
        #expect(began.duration(to: .now) < .seconds(5))
        #expect(try becomesTrue { try gateway.refusals(.headerTimeout) == 2 })
    }

    @Test("a kept connection that asks nothing is closed after idle_timeout")
    func idle() throws {
        let (gateway, _) = try Self.gateway("idle_timeout: 300ms")
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").status == 200)
        #expect(try client.ends())
        #expect(try becomesTrue { try gateway.refusals(.idleTimeout) == 1 })
    }

    @Test("a body that stops coming is answered 408, on its way to an application and to a page of ours")
    func slowBody() throws {
        let (gateway, upstream) = try Self.gateway("body_minimum_rate: 10KiB/s")
        let outcomes = try inParallel(2) { index in
            let client = try gateway.client()
            let target = index == 0 ? "/assets/upload" : "/.gatehouse/login"
            try client.send(
                "POST \(target) HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: 1000\r\n\r\nsome of it")
            return "\(try client.readAnswer().outcome), ends: \(try client.ends())"
        }
        #expect(outcomes == ["408 body-too-slow, ends: true", "408 body-too-slow, ends: true"])
        #expect(try becomesTrue { try gateway.refusals(.bodyTooSlow) == 2 })
        #expect(upstream.openConnections.waits { $0 == 0 }, "half a request leaves no connection behind")
    }

    @Test("a reader that takes nothing of a large answer is cut, and so is what the application still sends")
    func slowReader() throws {
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            let block = [UInt8](repeating: 0x61, count: 1 << 20)
            try peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(64 << 20)\r\n\r\n")
            for _ in 0..<64 { try peer.stream.send(block) }
        }
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let reader = HTTPConnection(try TLSStream(port: gateway.port, receiveBuffer: 4096))
        try reader.send(HTTPConnection.request("/assets/large"))
        #expect(try becomesTrue(within: 20) { try gateway.refusals(.readTooSlow) == 1 })
        #expect(upstream.openConnections.waits { $0 == 0 })
        #expect(throws: StreamFailure.self) { try reader.readAnswer() }
    }

    @Test("a body beyond limits.body is answered 413, whether it says its length or not")
    func bodySize() throws {
        let (gateway, upstream) = try Self.gateway("body: 64KiB")
        let fits = try gateway.client().ask("/assets/u", method: "POST", body: String(repeating: "b", count: 65_536))
        #expect(fits.outcome == "200")
        let announced = try gateway.client()
        try announced.send("POST /assets/u HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: 65537\r\n\r\n")
        #expect(try announced.readAnswer().outcome == "413 body-too-large")
        #expect(try announced.ends())
        #expect(upstream.connections.value == 1, "what cannot fit asks the application nothing")
        let chunked = try gateway.client()
        try chunked.send("POST /assets/u HTTP/1.1\r\nHost: acme.example.org\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<17 { try chunked.send("1000\r\n\(String(repeating: "b", count: 4096))\r\n") }
        #expect(try chunked.readAnswer().outcome == "413 body-too-large")
        #expect(try becomesTrue { try gateway.refusals(.bodyTooLarge) == 2 })
    }

    @Test("a body beyond limits.portal_body is answered 413 by our own pages alone")
    func portalBody() throws {
        let (gateway, _) = try Self.gateway("portal_body: 2KiB")
        let small = String(repeating: "b", count: 2048)
        #expect(try gateway.client().ask("/.gatehouse/nowhere", method: "POST", body: small).status != 413)
        let announced = try gateway.client()
        #expect(
            try announced.ask("/.gatehouse/nowhere", method: "POST", body: small + "b").outcome
                == "413 body-too-large")
        let chunked = try gateway.client()
        try chunked.send("POST /.gatehouse/n HTTP/1.1\r\nHost: acme.example.org\r\nTransfer-Encoding: chunked\r\n\r\n")
        try chunked.send("800\r\n\(small)\r\n1\r\nb\r\n0\r\n\r\n")
        #expect(try chunked.readAnswer().outcome == "413 body-too-large")
        #expect(try gateway.client().ask("/assets/u", method: "POST", body: small + "b").outcome == "200")
        #expect(try becomesTrue { try gateway.refusals(.bodyTooLarge) == 2 })
    }

    @Test("a head beyond limits.header_bytes or limits.headers is answered 431")
    func headSize() throws {
        let (gateway, _) = try Self.gateway("header_bytes: 2KiB, headers: 10")
        let long = try gateway.client()
        #expect(
            try long.ask("/assets/a", fields: ["X-Long: " + String(repeating: "l", count: 2048)]).outcome
                == "431 header-too-large")
        #expect(try long.ends())
        let many = try gateway.client()
        #expect(try many.ask("/assets/a", fields: (0..<10).map { "X-\($0): v" }).outcome == "431 headers-too-many")
        #expect(try many.ends())
        #expect(try gateway.client().ask("/assets/a", fields: (0..<9).map { "X-\($0): v" }).outcome == "200")
        #expect(try becomesTrue { try gateway.refusals(.headerTooLarge) == 1 })
        #expect(try becomesTrue { try gateway.refusals(.headersTooMany) == 1 })
    }

    @Test("out of descriptors, open connections go on and new ones come in when there are some again")
    func descriptors() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try ChildGateway(folder, openFiles: 64)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").status == 200)
        let operations = HTTPConnection(try TCPStream(port: gateway.operationsPort))
        #expect(try operations.ask("/readyz").status == 200)
        let flood = try (0..<120).map { _ in try TCPStream(port: gateway.port) }
        #expect(
            try becomesTrue {
                let page = try operations.ask("/metrics").text
                return page.contains(try Regex(#"gatehouse_accepts_exhausted_total [1-9]"#))
            })
        #expect(try client.ask("/assets/a.css").status == 200)
        for stream in flood { stream.close() }
        #expect(becomesTrue { (try? gateway.client().ask("/assets/a.css").status) == 200 })
        #expect(try gateway.isRunning)
    }
}
