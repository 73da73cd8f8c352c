import Core
import HTTPWire
import Testing

@Suite("WebSocket handshake")
struct WebSocketHandshakeTests {
    /// The sample of RFC 6455 §1.3, as SHA-1 of the key with its suffix gives it.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let checksum: [UInt8] = [
        0xB3, 0x7A, 0x4F, 0x2C, 0xC0, 0x62, 0x4F, 0x16, 0x90, 0xF6, 0x46, 0x06, 0xCF, 0x38, 0x59, 0x45, 0xB2, 0xBE,
        0xC4, 0xEA,
    ]

    private func asked(
        _ upgrade: String = "websocket", connection: String = "Upgrade", version: String = "HTTP/1.1"
    ) throws -> WebSocketHandshake.Request {
        let bytes = Array(
            """
            GET /x \(version)\r
            Host: a.example\r
            Connection: \(connection)\r
            Upgrade: \(upgrade)\r
            Sec-WebSocket-Key: \(Self.key)\r
            Sec-WebSocket-Version: 13\r
            \r

            """.utf8)
        var head = RequestHead()
        let parser = RequestHeadParser(limits: HeadLimits(bytes: 4096, fields: 20))
        try #require(parser.parse(bytes.span.bytes, into: &head) == .complete)
        return WebSocketHandshake.asked(head, bytes.span.bytes)
    }

    @Test("it is asked for by name, whatever its case and wherever it stands")
    func names() throws {
        for upgrade in ["websocket", "WebSocket", "h2c, websocket", "websocket , x"] {
            let request = try asked(upgrade)
            #expect(request != .none && request != .malformed, "\(upgrade)")
        }
        for upgrade in ["h2c", "websockets", "websocket/13", "x-websocket"] { #expect(try asked(upgrade) == .none) }
    }

    @Test("without Connection: upgrade, and in HTTP/1.0, it is none (RFC 9110 §7.8)")
    func nominated() throws {
        #expect(try asked(connection: "keep-alive") == .none)
        #expect(try asked(version: "HTTP/1.0") == .none)
    }

    @Test("the accepted key is the standard's sample")
    func accept() {
        let key = Array(Self.key.utf8)
        let accept = WebSocketHandshake.accept(key.span.bytes) { octets in
            #expect(String(decoding: octets, as: UTF8.self) == Self.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            return Self.checksum
        }
        #expect(String(decoding: accept, as: UTF8.self) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
