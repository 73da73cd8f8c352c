import Core
import HTTPWire
import Testing

/// The rules of RFC 9113 §8 for heads and bodies of requests.
@Suite("HTTP/2 requests")
struct HTTP2RequestTests {
    struct Case: CustomStringConvertible, Sendable {
        var description: String
        var fields: [(String, String)]
        var reason: ReasonCode?
        var isWhole = true
    }

    private static func with(_ name: String, _ value: String?) -> [(String, String)] {
        Frames.line.compactMap { $0.0 == name ? value.map { (name, $0) } : $0 }
    }

    static let cases: [Case] = [
        Case(description: "the plain one", fields: Frames.line),
        Case(description: "no method", fields: with(":method", nil), reason: .requestLineMalformed),
        Case(description: "an empty method", fields: with(":method", ""), reason: .requestLineMalformed),
        Case(description: "a method with a blank", fields: with(":method", "GET /x"), reason: .requestLineMalformed),
        Case(description: "no scheme", fields: with(":scheme", nil), reason: .requestLineMalformed),
        Case(description: "another scheme", fields: with(":scheme", "http"), reason: .targetScheme),
        Case(description: "no path", fields: with(":path", nil), reason: .requestLineMalformed),
        Case(description: "an empty path", fields: with(":path", ""), reason: .targetMalformed),
        Case(description: "a path in absolute form", fields: with(":path", "https://b/"), reason: .targetMalformed),
        Case(description: "a path with a blank", fields: with(":path", "/a HTTP/1.1"), reason: .targetMalformed),
        Case(description: "no authority and no Host", fields: with(":authority", nil), reason: .hostMissing),
        Case(
            description: "Host instead of the authority",
            fields: with(":authority", nil) + [("host", "a.example")]),
        Case(description: "Host as the authority", fields: Frames.line + [("host", "A.example")]),
        Case(
            description: "Host unlike the authority", fields: Frames.line + [("host", "b.example")],
            reason: .hostMismatch),
        Case(
            description: "two Hosts", fields: Frames.line + [("host", "a.example"), ("host", "a.example")],
            reason: .hostRepeated),
        Case(description: "an authority with a blank", fields: with(":authority", "a b"), reason: .hostMalformed),
        Case(
            description: "a pseudo-field twice", fields: Frames.line + [(":path", "/b")], reason: .requestLineMalformed),
        Case(
            description: "an unknown pseudo-field", fields: Frames.line + [(":x", "y")], reason: .requestLineMalformed),
        Case(
            description: "an answer's pseudo-field", fields: Frames.line + [(":status", "200")],
            reason: .requestLineMalformed),
        Case(
            description: "a pseudo-field behind a field", fields: [("a", "b")] + Frames.line, reason: .headerMalformed),
        Case(description: "capitals in a name", fields: Frames.line + [("X-a", "b")], reason: .headerMalformed),
        Case(description: "a blank in a name", fields: Frames.line + [("x a", "b")], reason: .headerMalformed),
        Case(description: "a colon in a name", fields: Frames.line + [("x:a", "b")], reason: .headerMalformed),
        Case(description: "an empty name", fields: Frames.line + [("", "b")], reason: .headerMalformed),
        Case(
            description: "a line end in a value", fields: Frames.line + [("a", "b\r\nc: d")], reason: .headerMalformed),
        Case(description: "NUL in a value", fields: Frames.line + [("a", "b\0c")], reason: .headerMalformed),
        Case(description: "a blank before a value", fields: Frames.line + [("a", " b")], reason: .headerMalformed),
        Case(description: "a tab behind a value", fields: Frames.line + [("a", "b\t")], reason: .headerMalformed),
        Case(description: "a blank within a value", fields: Frames.line + [("a", "b c")]),
        Case(description: "Connection", fields: Frames.line + [("connection", "close")], reason: .headerMalformed),
        Case(description: "Keep-Alive", fields: Frames.line + [("keep-alive", "1")], reason: .headerMalformed),
        Case(
            description: "Proxy-Connection", fields: Frames.line + [("proxy-connection", "x")], reason: .headerMalformed
        ),
        Case(
            description: "Transfer-Encoding", fields: Frames.line + [("transfer-encoding", "chunked")],
            reason: .headerMalformed),
        Case(description: "Upgrade", fields: Frames.line + [("upgrade", "h2c")], reason: .headerMalformed),
        Case(
            description: "Proxy-Authorization, which is only left out",
            fields: Frames.line + [("proxy-authorization", "x")]),
        Case(description: "HTTP2-Settings, which is only left out", fields: Frames.line + [("http2-settings", "x")]),
        Case(description: "TE: trailers", fields: Frames.line + [("te", "trailers")]),
        Case(description: "another TE", fields: Frames.line + [("te", "gzip")], reason: .headerMalformed),
        Case(
            description: "a length without a body", fields: Frames.line + [("content-length", "3")],
            reason: .lengthMalformed),
        Case(description: "a length of none", fields: Frames.line + [("content-length", "0")]),
        Case(
            description: "CONNECT", fields: [(":method", "CONNECT"), (":authority", "a.example:443")],
            reason: .methodRefused, isWhole: false),
        Case(
            description: "a protocol without CONNECT", fields: Frames.line + [(":protocol", "websocket")],
            reason: .requestLineMalformed),
        Case(
            description: "an unknown protocol",
            fields: with(":method", "CONNECT") + [(":protocol", "connect-udp")], reason: .methodUnsupported,
            isWhole: false),
        Case(
            description: "a WebSocket that is over at once",
            fields: with(":method", "CONNECT") + [(":protocol", "websocket")], reason: .upgradeMalformed),
        Case(
            description: "a field too many",
            fields: Frames.line + (0...HTTP2Peer.limits.fields).map { ("x-\($0)", "y") }, reason: .headersTooMany),
        Case(
            description: "a byte too many", fields: Frames.line + [("a", String(repeating: "b", count: 4096))],
            reason: .headerTooLarge),
        Case(
            description: "many crumbs, which are one field",
            fields: Frames.line + (0..<100).map { ("cookie", "c\($0)=d") }),
    ]

    @Test("a head is taken or refused by its first fault", arguments: cases)
    func head(_ example: Case) throws {
        let server = try HTTP2Peer.greetedServer()
        #expect(server.receive(Frames.request(1, example.fields, isWhole: example.isWhole)) == nil)
        switch example.reason {
        case let reason?: #expect(server.seen == [.refused(1, reason)])
        case nil:
            guard case .head(1, let text) = server.seen.first else {
                Issue.record("\(server.seen)")
                return
            }
            var head = RequestHead()
            let parser = RequestHeadParser(limits: HTTP2Peer.limits)
            let bytes = Array(text.utf8)
            #expect(parser.parse(bytes.span.bytes, into: &head) == .complete)
            #expect(head.length == bytes.count)
        }
    }

    @Test("crumbs of cookies are joined")
    func cookies() throws {
        let server = try HTTP2Peer.greetedServer()
        server.receive(Frames.request(more: [("cookie", "a=b"), ("x", "y"), ("cookie", "c=d")]))
        #expect(server.seen.first == .head(1, "GET / HTTP/1.1\r\nhost: a.example\r\nx: y\r\ncookie: a=b; c=d\r\n\r\n"))
    }

    @Test("an extended CONNECT is a WebSocket's handshake, and is granted with 200")
    func webSocket() throws {
        let server = try HTTP2Peer.greetedServer()
        let fields = [(":method", "CONNECT"), (":protocol", "websocket")] + Frames.line.dropFirst()
        server.receive(Frames.request(1, fields, more: [("sec-websocket-version", "13")], isWhole: false))
        guard case .head(1, let text) = server.seen.first else {
            Issue.record("\(server.seen)")
            return
        }
        var head = RequestHead()
        let bytes = Array(text.utf8)
        #expect(RequestHeadParser(limits: HTTP2Peer.limits).parse(bytes.span.bytes, into: &head) == .complete)
        guard case .asked = WebSocketHandshake.asked(head, bytes.span.bytes) else {
            Issue.record("no handshake: \(text)")
            return
        }
        let stream = try #require(server.streams[1])
        #expect(stream.isWebSocket)
        server.append(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n"
                + "Sec-WebSocket-Protocol: chat\r\n\r\nhi", to: stream)
        let client = try HTTP2Peer(.client)
        _ = client.open(HTTP2SessionTests.post, isWhole: false)
        _ = client.write()
        client.receive(Frames.frame(.settings, []) + server.write())
        #expect(
            client.seen == [
                .settings, .head(1, "HTTP/1.1 200 \r\nsec-websocket-protocol: chat\r\n\r\n"), .data(1, "hi"),
            ])
    }

    @Test("a body is as long as was said, or its stream is refused", arguments: ["ab", "abc", "abcd"])
    func length(_ body: String) throws {
        let server = try HTTP2Peer.greetedServer()
        let bytes = Array(body.utf8)
        server.receive(Frames.request(more: [("content-length", "3")], isWhole: false))
        server.receive(Frames.frame(.data, flags: Frames.endStream, stream: 1, bytes))
        let isRight = bytes.count == 3
        #expect(server.seen.contains(.end(1)) == (isRight || bytes.count > 3))
        #expect(server.seen.contains(.refused(1, .lengthMalformed)) == !isRight)
    }

    @Test("trailers are fields alone, and the last of their stream")
    func trailers() throws {
        let block = Frames.block([("a", "b")])
        for (bytes, isRefused) in [
            (Frames.frame(.headers, flags: Frames.endHeaders | Frames.endStream, stream: 1, block), false),
            (Frames.frame(.headers, flags: Frames.endHeaders, stream: 1, block), true),
            (
                Frames.frame(
                    .headers, flags: Frames.endHeaders | Frames.endStream, stream: 1, Frames.block([(":path", "/")])),
                true
            ),
            (
                Frames.frame(
                    .headers, flags: Frames.endHeaders | Frames.endStream, stream: 1,
                    Frames.block([("connection", "a")])), true
            ),
        ] {
            let server = try HTTP2Peer.greetedServer()
            server.receive(Frames.request(isWhole: false))
            server.receive(bytes)
            #expect(server.seen.contains(.refused(1, .headerMalformed)) == isRefused)
            #expect(server.seen.contains(.trailers(1, "a: b\r\n\r\n")) == !isRefused)
        }
    }

    @Test("a refused stream is answered, and closed as malformed")
    func refusal() throws {
        let server = try HTTP2Peer.greetedServer()
        server.receive(Frames.request(more: [("connection", "close")]))
        let stream = try #require(server.streams[1])
        server.append("HTTP/1.1 400 Bad Request\r\n\r\n", to: stream)
        server.session.end(stream)
        let bytes = server.write()
        #expect(Array(bytes.suffix(13)) == Frames.frame(.reset, stream: 1, Frames.word(HTTP2Code.protocolError)))
    }
}
