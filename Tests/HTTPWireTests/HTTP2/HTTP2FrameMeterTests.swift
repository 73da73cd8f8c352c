import Core
import HTTPWire
import Testing

/// Frames that carry nothing have budgets; a peer that uses one up is told, and cut.
@Suite("HTTP/2 floods")
struct HTTP2FrameMeterTests {
    struct Flood: CustomStringConvertible, Sendable {
        var description: String
        /// What comes before.
        var opening: [UInt8] = []
        /// One frame, or a few, for the n-th round.
        var frame: @Sendable (UInt32) -> [UInt8]
        /// Rounds that are allowed.
        var allowed: Int
    }

    private static let open = Frames.request(isWhole: false)

    static let floods: [Flood] = [
        Flood(
            description: "empty DATA", opening: open, frame: { _ in Frames.frame(.data, stream: 1, []) }, allowed: 100),
        Flood(
            description: "DATA that is padding alone", opening: open,
            frame: { _ in Frames.frame(.data, flags: Frames.padded, stream: 1, [2, 0, 0]) }, allowed: 100),
        Flood(
            description: "PRIORITY",
            frame: { _ in Frames.frame(.priority, stream: 3, [0, 0, 0, 0, 1]) }, allowed: 200),
        Flood(
            description: "WINDOW_UPDATE", opening: open,
            frame: { _ in Frames.frame(.windowUpdate, stream: 0, Frames.word(1)) }, allowed: 1000),
        // The greeting has one.
        Flood(description: "SETTINGS", frame: { _ in Frames.frame(.settings, []) }, allowed: 19),
        Flood(description: "PING", frame: { _ in Frames.frame(.ping, [0, 0, 0, 0, 0, 0, 0, 0]) }, allowed: 100),
        Flood(description: "frames of no known type", frame: { _ in Frames.frame(type: 0xBE, [1]) }, allowed: 200),
        Flood(
            description: "rapid reset",
            frame: { Frames.request(2 * $0 + 1) + Frames.frame(.reset, stream: 2 * $0 + 1, Frames.word(8)) },
            allowed: 100),
        Flood(
            description: "resets that are ours to send",
            frame: {
                Frames.request(2 * $0 + 1, isWhole: false)
                    + Frames.frame(.windowUpdate, stream: 2 * $0 + 1, Frames.word(0x7FFF_FFFF))
            },
            allowed: 100),
        Flood(
            description: "parts of a head", opening: Frames.frame(.headers, stream: 1, Frames.block(Frames.line)),
            frame: { _ in Frames.frame(.continuation, stream: 1, []) }, allowed: 8),
    ]

    /// Gives `rounds` of the flood; the fault, and what was written.
    private func run(_ flood: Flood, rounds: Int, stepped: Bool = false) throws -> (
        fault: HTTP2Error?, written: [UInt8]
    ) {
        let server = try HTTP2Peer.greetedServer()
        server.receive(flood.opening)
        var written: [UInt8] = []
        for round in 0..<rounds {
            // In two pieces, as reads may cut it.
            let bytes = flood.frame(UInt32(round))
            let fault = server.receive(Array(bytes.prefix(4))) ?? server.receive(Array(bytes.dropFirst(4)))
            written = server.write()
            if let fault = fault ?? server.session.fault { return (fault, written) }
            if stepped { server.now += 1000 }
        }
        return (nil, written)
    }

    @Test("a flood is cut behind its budget", arguments: floods)
    func flood(_ flood: Flood) throws {
        #expect(try run(flood, rounds: flood.allowed).fault == nil)
        let (fault, written) = try run(flood, rounds: flood.allowed + 1)
        #expect(fault == .flood)
        // GOAWAY, ENHANCE_YOUR_CALM.
        #expect(Array(written.suffix(4)) == Frames.word(HTTP2Code.enhanceYourCalm))
    }

    @Test("time refills the budgets", arguments: floods.filter { $0.allowed > 8 })
    func refill(_ flood: Flood) throws {
        #expect(try run(flood, rounds: flood.allowed + 5, stepped: true).fault == nil)
    }

    @Test(
        "heads beyond every measure, in bytes or in fields, are reset, and few of them are suffered",
        arguments: [
            (fields: 10, bytes: 3000), (fields: 400, bytes: 0),
        ])
    func bombs(fields: Int, bytes: Int) throws {
        let server = try HTTP2Peer.greetedServer()
        let value = String(repeating: "b", count: bytes)
        let bomb = Frames.block(Frames.line + (0..<fields).map { _ in ("a", value) })
        let first = Array(bomb.prefix(16_000))
        let rest = Array(bomb.dropFirst(16_000))
        var faults: [HTTP2Error] = []
        for round in 0..<6 where faults.isEmpty {
            let stream = UInt32(2 * round + 1)
            let bytes =
                Frames.frame(.headers, flags: Frames.endStream, stream: stream, first)
                + Frames.frame(.continuation, flags: Frames.endHeaders, stream: stream, rest)
            if let fault = server.receive(bytes) { faults.append(fault) }
            _ = server.write()
            #expect(faults.isEmpty == (round < 4))
        }
        #expect(faults == [.flood])
        #expect(!server.seen.contains { if case .head = $0 { true } else { false } })
    }

    @Test("traffic earns its window updates")
    func earned() throws {
        let server = try HTTP2Peer.greetedServer()
        server.receive(Frames.request())
        let stream = try #require(server.streams[1])
        server.append("HTTP/1.1 200 OK\r\n\r\n", to: stream)
        for _ in 0..<1500 {
            server.append("x", to: stream)
            _ = server.write()
            let updates = [UInt32(0), 1].flatMap { Frames.frame(.windowUpdate, stream: $0, Frames.word(1)) }
            #expect(server.receive(updates) == nil)
        }
    }

    @Test("a connection error is told and ends the connection")
    func malformed() throws {
        for bytes in [
            Frames.frame(.priority, stream: 0, [0, 0, 0, 0, 1]), Frames.frame(.data, stream: 0, [1]),
            Frames.frame(.settings, [1]), Frames.frame(.continuation, stream: 1, []),
            Frames.frame(.headers, flags: Frames.endHeaders | Frames.endStream, stream: 2, Frames.block(Frames.line)),
        ] {
            let server = try HTTP2Peer.greetedServer()
            _ = server.receive(bytes)
            let written = server.write()
            #expect(server.session.fault == .malformed)
            #expect(written.contains(Frames.Kind.goAway.rawValue))
            #expect(server.session.isOver)
        }
    }

    @Test("a frame that is longer than was told is an error of its own")
    func oversized() throws {
        for kind in [Frames.Kind.data, .headers, .continuation, .ping] {
            let server = try HTTP2Peer.greetedServer()
            #expect(server.receive(Frames.frame(kind, stream: 1, [UInt8](repeating: 0, count: 16_385))) == .oversized)
            #expect(Array(server.write().suffix(4)) == Frames.word(HTTP2Code.frameSizeError))
        }
    }

    @Test("what is no preface is refused")
    func preface() throws {
        let server = try HTTP2Peer(.server)
        #expect(server.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) == .malformed)
    }
}
