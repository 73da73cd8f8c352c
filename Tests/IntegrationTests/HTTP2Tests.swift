import Access
import Core
import Foundation
import Gateway
import HTTPWire
import HostCrypto
import Proxy
import Testing

/// HTTP/2 from clients: the same gate, rewriters, bounds and records as HTTP/1.1.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct HTTP2Tests {
    @Test("streams of one connection are answered each for itself, and the log tells the protocol")
    func together() throws {
        let upstream = try RawUpstream(RawUpstream.answering { "\($0.target) \($0["x-user-email"] ?? "nobody")" })
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try HTTP2Client(port: gateway.port)
        let streams = try (0..<20).map {
            try client.open("/assets/\($0)", token: $0 % 2 == 0 ? nil : Member.user.token)
        }
        for (index, stream) in streams.enumerated() {
            let answer = try client.answer(on: stream)
            #expect(answer.status == 200)
            #expect(answer.text == "/assets/\(index) nobody")
        }
        let answer = try client.ask("/app/x", token: Member.user.token)
        #expect(answer.text == "/app/x somebody@acme.example")
        #expect(answer.heads[0].contains("cache-control: private, no-cache\r\n"))
        #expect(!answer.heads[0].contains("connection"))
        #expect(gateway.counter(.http2Connections) == 1)
        #expect(gateway.counter(.http2Streams) == 21)
        #expect(try gateway.metric("gatehouse_http2_connections") == 1)
        gateway.server.stop(within: Milliseconds(0))
        #expect(folder.logLines.filter { $0.contains(#""protocol":"HTTP/2""#) }.count == 21)
    }

    @Test("early hints pass with their links alone, in front of the answer")
    func earlyHints() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            while try peer.readRequest() != nil {
                try peer.send(
                    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nSet-Cookie: a=b\r\nX-User-ID: 1\r\n\r\n"
                )
                try peer.answer("final")
            }
        }
        let client = try HTTP2Client(port: gateway.port)
        for _ in 0..<2 {
            let answer = try client.ask("/assets/a")
            #expect(answer.heads.count == 2 && answer.status == 200 && answer.text == "final")
            #expect(answer.heads[0].hasPrefix("HTTP/1.1 103"))
            #expect(answer.heads[0].contains("link: </a.css>; rel=preload\r\n"))
            #expect(!answer.heads[0].contains("set-cookie") && !answer.heads[0].contains("x-user-id"))
        }
    }

    @Test("refusals are the same as over HTTP/1.1")
    func refusals() throws {
        let (gateway, upstream) = try RunningGateway.before { peer in _ = try peer.readRequest() }
        let client = try HTTP2Client(port: gateway.port)
        for (target, host, status, reason) in [
            ("/app/x", "acme.example.org", 401, "login-required"), ("/app/x", "other.example.net", 421, "host-unknown"),
            ("/app/../x", "acme.example.org", 400, "path-dot-segment"),
        ] {
            let answer = try client.ask(target, host: host)
            #expect(answer.status == status)
            #expect(answer.text.contains(reason))
        }
        #expect(try client.ask("/app/x", method: "TRACE").status == 405)
        #expect(try client.ask("/app/x", fields: ["Accept: text/html"]).status == 302)
        #expect(try client.ask("/.well-known/security.txt").status == 404)
        #expect(upstream.connections.value == 0)
    }

    @Test("bodies go up and down whole through windows that are smaller, with their trailers")
    func bodies() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            while let request = try peer.readRequest() {
                let body = String(decoding: request.body, as: UTF8.self)
                try peer.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Framing: \(request["transfer-encoding"] ?? request["content-length"] ?? "none")\r\n\r\n"
                )
                try peer.send(
                    "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\nchecksum: 7\r\nx-user-id: 8\r\n\r\n")
            }
        }
        let body = String(repeating: "0123456789abcdef", count: 80_000)
        let client = try HTTP2Client(port: gateway.port)
        for isCounted in [false, true] {
            let stream = try client.open(
                "/assets/a", method: "POST", fields: isCounted ? ["Content-Length: \(body.utf8.count)"] : [],
                isWhole: false)
            try client.send(body, on: stream)
            client.session.end(stream)
            let answer = try client.answer(on: stream)
            #expect(answer.text == body)
            #expect(answer.trailers == "checksum: 7\r\n\r\n")
            #expect(answer.heads[0].contains("x-framing: \(isCounted ? "\(body.utf8.count)" : "chunked")\r\n"))
        }
    }

    @Test("a body that is shorter than was said is refused, and never whole to the application")
    func lengths() throws {
        let (gateway, upstream) = try RunningGateway.before { peer in _ = try peer.readRequest() }
        let client = try HTTP2Client(port: gateway.port)
        let stream = try client.open("/assets/a", method: "POST", fields: ["Content-Length: 10"], isWhole: false)
        try client.send("12345", on: stream)
        client.session.end(stream)
        let answer = try client.answer(on: stream)
        #expect(answer.status == 400 && answer.text.contains("length-malformed"))
        #expect(becomesTrue(within: 30) { upstream.openConnections.value == 0 })
    }

    @Test("a stream waits for its session with what came behind its head")
    func sessions() throws {
        let upstream = try RawUpstream(RawUpstream.answering { String(decoding: $0.body, as: UTF8.self) })
        let isAsked = Shared(false)
        let mayAnswer = Shared(false)
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream), members: [], loops: 1) { _, _ in
            isAsked.change { $0 = true }
            while !mayAnswer.value { await Task.yield() }
            return .found(Member.user.entry)
        }
        let client = try HTTP2Client(port: gateway.port)
        let stream = try client.open(
            "/app/a", method: "POST", token: Member.user.token, fields: ["Sec-Fetch-Site: same-origin"], isWhole: false)
        try client.send("said meanwhile", on: stream)
        client.session.end(stream)
        try client.flush()
        #expect(isAsked.waits(seconds: 30) { $0 })
        #expect(try client.ask("/assets/b").status == 200)
        mayAnswer.change { $0 = true }
        #expect(try client.answer(on: stream).text == "said meanwhile")
    }

    @Test("a stream that its client resets ends the exchange; the others go on")
    func reset() throws {
        let isSeen = Shared(false)
        let (gateway, upstream) = try RunningGateway.before { peer in
            while let request = try peer.readRequest() {
                guard request.target == "/assets/slow" else {
                    try peer.answer()
                    continue
                }
                isSeen.change { $0 = true }
                _ = try peer.readRequest()
                return
            }
        }
        let client = try HTTP2Client(port: gateway.port)
        let stream = try client.open("/assets/slow")
        try client.flush()
        #expect(isSeen.waits(seconds: 30) { $0 })
        client.session.reset(stream, code: HTTP2Code.cancel)
        #expect(try client.ask("/assets/b").text == "ok")
        #expect(becomesTrue(within: 30) { upstream.openConnections.value == 1 })
        #expect(gateway.counter(.http2Resets) == 1)
    }

    @Test("an answer that breaks off resets its stream")
    func broken() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        }
        let client = try HTTP2Client(port: gateway.port)
        let answer = try client.ask("/assets/a")
        #expect(answer.resetCode == HTTP2Code.internalError && !answer.isEnded)
    }

    @Test("who does not read one stream holds up that one alone")
    func slowReader() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            while let request = try peer.readRequest() {
                try peer.answer(String(repeating: "x", count: request.target == "/assets/large" ? 8 << 20 : 10))
            }
        }
        let client = try HTTP2Client(port: gateway.port)
        client.reads = false
        let large = try client.open("/assets/large")
        try client.run { (client.received[large.id]?.body.count ?? 0) >= 200_000 }
        for _ in 0..<5 { #expect(try client.ask("/assets/small").text.count == 10) }
        #expect(client.received[large.id]?.isEnded == false)
        client.reads = true
        client.session.use(large.unusedBytes, of: large)
        #expect(try client.answer(on: large).body.count == 8 << 20)
    }

    @Test("an answer that comes piece by piece is passed on piece by piece, its head first")
    func pieces() throws {
        let step = Shared(0)
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            try peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in 1...3 {
                guard step.waits(seconds: 30, until: { $0 >= number }) else { return }
                try peer.send("2\r\n\(number)\n\r\n")
            }
            try peer.send("0\r\n\r\n")
        }
        let client = try HTTP2Client(port: gateway.port)
        let stream = try client.open("/assets/events")
        try client.run { client.received[stream.id]?.status == 200 }
        for number in 1...3 {
            step.change { $0 = number }
            try client.run { client.received[stream.id]?.body.count == 2 * number }
        }
        #expect(try client.answer(on: stream).text == "1\n2\n3\n")
    }

    @Test("a drain says GOAWAY and finishes what is under way")
    func drain() throws {
        let mayAnswer = Shared(false)
        let isSeen = Shared(false)
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            isSeen.change { $0 = true }
            _ = mayAnswer.waits(seconds: 30) { $0 }
            try peer.answer()
        }
        let client = try HTTP2Client(port: gateway.port)
        let stream = try client.open("/assets/a")
        try client.flush()
        #expect(isSeen.waits(seconds: 30) { $0 })
        let server = gateway.server
        Thread.detachNewThread { server.stop(within: .seconds(30)) }
        try client.run { client.goAways.count == 1 }
        mayAnswer.change { $0 = true }
        #expect(try client.answer(on: stream).text == "ok")
        try client.runToEnd()
        #expect(client.goAways.allSatisfy { $0 == HTTP2Code.noError })
    }

    @Test("a flood is cut, and counted")
    func flood() throws {
        let (gateway, upstream) = try RunningGateway.before { peer in while try peer.readRequest() != nil {} }
        let client = try HTTP2Client(port: gateway.port)
        do {
            for _ in 0..<400 {
                let stream = try client.open("/assets/a")
                try client.flush()
                client.session.reset(stream, code: HTTP2Code.cancel)
                try client.flush()
            }
            try client.runToEnd()
        } catch is StreamFailure {}
        #expect(becomesTrue(within: 30) { gateway.counter(.http2Floods) == 1 })
        #expect(try gateway.refusals(.frameFlood) == 1)
        #expect(upstream.connections.value <= 200)
        #expect(try gateway.client().ask("/app/x").status == 401)
    }

    @Test("a connection without streams is told goodbye after the idle time")
    func idle() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream, limits: "idle_timeout: 1s"), loops: 1)
        let client = try HTTP2Client(port: gateway.port)
        #expect(try client.ask("/assets/a").status == 200)
        try client.runToEnd()
        #expect(client.goAways == [HTTP2Code.noError])
        #expect(try gateway.refusals(.idleTimeout) == 1)
    }

    @Test("a WebSocket opens by extended CONNECT where its route lists it, and ends with either side")
    func webSocket() throws {
        let asked = Shared<[ReceivedRequest]>([])
        let upstream = try RawUpstream { peer in
            guard let request = try peer.readRequest() else { return }
            asked.change { $0.append(request) }
            let key = Array((request["sec-websocket-key"] ?? "").utf8)
            let accept = WebSocketHandshake.accept(key.span.bytes, checksum: SHA1Checksum.bytes)
            try peer.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(String(decoding: accept, as: UTF8.self))\r\n\r\n"
            )
            while true { try peer.stream.send(peer.take(1)) }
        }
        let folder = try GatewayFolder(upstream: upstream)
        folder.routes.insert(
            #"{ name: live, match: { host: "*.example.org", path: /live/ }, access: authenticated, upstream: app, upgrades: [websocket] }"#,
            at: 0)
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try HTTP2Client(port: gateway.port)
        try client.run { client.isGreeted }
        func open(_ target: String, origin: String = "https://acme.example.org", token: String? = Member.user.token)
            throws -> HTTP2Stream
        {
            try client.open(
                target, token: token, fields: ["Sec-WebSocket-Version: 13", "Origin: \(origin)"], isWhole: false,
                isWebSocket: true)
        }
        for (target, origin, token, status) in [
            ("/live/a", "https://acme.example.org", nil, 401),
            ("/live/a", "https://evil.example", Member.user.token, 403),
            ("/app/a", "https://acme.example.org", Member.user.token, 403),
        ] {
            let refused = try open(target, origin: origin, token: token)
            #expect(try client.answer(on: refused).status == status)
        }
        #expect(asked.value.isEmpty)
        let stream = try open("/live/a")
        try client.send("hello", on: stream)
        try client.run { client.received[stream.id]?.text == "hello" }
        #expect(client.received[stream.id]?.status == 200)
        #expect(asked.value[0].method == "GET" && asked.value[0]["x-user-email"] == "somebody@acme.example")
        #expect(try gateway.metric("gatehouse_websockets") == 1)
        client.session.end(stream)
        #expect(try client.answer(on: stream).isEnded)
        #expect(try becomesTrue(within: 30) { try gateway.metric("gatehouse_websockets") == 0 })
        let second = try open("/live/b")
        try client.run { client.received[second.id]?.status == 200 }
        gateway.server.endSessions(.handle(Member.user.handle))
        #expect(try client.answer(on: second).isOver)
    }

    @Test("http2: false offers HTTP/1.1 alone")
    func switchedOff() throws {
        for (keys, agreed) in [("    http2: false", "http/1.1"), ("", "h2")] {
            let folder = try GatewayFolder(upstream: RawUpstream())
            folder.listenerKeys = keys
            let gateway = try RunningGateway(folder, loops: 1)
            let stream = try TLSStream(TCPStream(port: gateway.port), protocols: ["h2", "http/1.1"])
            #expect(stream.agreedProtocol == agreed)
        }
    }
}
