import Core
import HTTPWire

/// What an event told, with its text.
enum HTTP2Seen: Equatable, CustomStringConvertible {
    case head(Int32, String)
    case data(Int32, String)
    case trailers(Int32, String)
    case end(Int32)
    case refused(Int32, ReasonCode)
    case drained(Int32)
    case blocked(Int32)
    case closed(Int32, UInt32)
    case goAway(Int32, UInt32)
    case settings

    var description: String {
        switch self {
        case .head(let id, let text): "head \(id) \(text)"
        case .data(let id, let text): "data \(id) \(text.count) bytes"
        case .trailers(let id, let text): "trailers \(id) \(text)"
        case .end(let id): "end \(id)"
        case .refused(let id, let reason): "refused \(id) \(reason.code)"
        case .drained(let id): "drained \(id)"
        case .blocked(let id): "blocked \(id)"
        case .closed(let id, let code): "closed \(id) \(code)"
        case .goAway(let last, let code): "goaway \(last) \(code)"
        case .settings: "settings"
        }
    }
}

/// One end of a connection in memory, and what it has seen.
final class HTTP2Peer {
    let scratch = HTTP2Scratch { 0x0123_4567_89AB_CDEF }
    let session: HTTP2Session
    var seen: [HTTP2Seen] = []
    var streams: [Int32: HTTP2Stream] = [:]
    var now: UInt64 = 1000
    /// DATA is used as soon as it has come.
    var usesAtOnce = true

    static let limits = HeadLimits(bytes: 4096, fields: 20)

    init(_ role: HTTP2Session.Role, settings: HTTP2Settings? = nil) throws {
        struct OutOfMemory: Error {}
        let settings = settings ?? HTTP2Settings(head: Self.limits, offersExtendedConnect: role == .server)
        guard let session = HTTP2Session(role, settings, scratch: scratch, now: 1000) else { throw OutOfMemory() }
        self.session = session
    }

    /// A server that a client's preface and settings have reached.
    static func greetedServer(settings: HTTP2Settings? = nil) throws -> HTTP2Peer {
        let server = try HTTP2Peer(.server, settings: settings)
        _ = server.receive(Frames.preface + Frames.frame(.settings, []))
        _ = server.write()
        server.seen = []
        return server
    }

    @discardableResult
    func receive(_ bytes: [UInt8]) -> HTTP2Error? {
        let fault = session.receive(bytes.span.bytes, now: now)
        note(bytes)
        return fault
    }

    /// Everything that waits, as far as windows let it.
    func write(atMost bound: Int = 1 << 20) -> [UInt8] {
        _ = session.write(atMost: bound)
        let bytes = scratch.out.copied()
        scratch.out.removeAll()
        note([])
        return bytes
    }

    private func note(_ bytes: [UInt8]) {
        let events = scratch.takeEvents()
        let heads = scratch.heads.copied()
        for event in events {
            switch event {
            case .head(let stream, let text):
                streams[stream.id] = stream
                seen.append(.head(stream.id, String(decoding: heads[text], as: UTF8.self)))
            case .data(let stream, let range):
                seen.append(.data(stream.id, String(decoding: bytes[range], as: UTF8.self)))
                if usesAtOnce { session.use(range.count, of: stream) }
            case .trailers(let stream, let text):
                seen.append(.trailers(stream.id, String(decoding: heads[text], as: UTF8.self)))
            case .end(let stream): seen.append(.end(stream.id))
            case .refused(let stream, let reason):
                streams[stream.id] = stream
                seen.append(.refused(stream.id, reason))
            case .drained(let stream): seen.append(.drained(stream.id))
            case .blocked(let stream): seen.append(.blocked(stream.id))
            case .closed(let stream, let code): seen.append(.closed(stream.id, code))
            case .goAway(let last, let code): seen.append(.goAway(last, code))
            case .settings: seen.append(.settings)
            }
        }
        scratch.keep(events)
    }

    func open(_ head: String, isWhole: Bool = true) -> HTTP2Stream? {
        let bytes = Array(head.utf8)
        return session.open(bytes.span.bytes, scheme: "https", isWhole: isWhole)
    }

    func append(_ text: String, to stream: HTTP2Stream) {
        let bytes = Array(text.utf8)
        session.append(bytes.span.bytes, to: stream)
    }

    /// Carries bytes to and fro until both are silent.
    static func settle(_ client: HTTP2Peer, _ server: HTTP2Peer) {
        while true {
            let up = client.write()
            if !up.isEmpty { server.receive(up) }
            let down = server.write()
            if !down.isEmpty { client.receive(down) }
            if up.isEmpty, down.isEmpty { return }
        }
    }
}

/// Frames by hand, for what no library would send.
enum Frames {
    enum Kind: UInt8 {
        case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8

    static func frame(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8]) -> [UInt8] {
        frame(type: kind.rawValue, flags: flags, stream: stream, payload)
    }

    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags] + word(stream)
            + payload
    }

    static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }

    /// Literal fields that leave the table alone (RFC 7541 §6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [UInt8(0)] + text($0.0) + text($0.1) }
    }

    private static func text(_ text: String) -> [UInt8] {
        let octets = Array(text.utf8)
        guard octets.count >= 127 else { return [UInt8(octets.count)] + octets }
        var (rest, prefix) = (octets.count - 127, [UInt8(127)])
        while rest >= 128 {
            prefix.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return prefix + [UInt8(rest)] + octets
    }

    static let line = [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")]

    /// A request's HEADERS; whole unless a body follows.
    static func request(
        _ stream: UInt32 = 1, _ fields: [(String, String)] = line, more: [(String, String)] = [], isWhole: Bool = true
    ) -> [UInt8] {
        frame(.headers, flags: endHeaders | (isWhole ? endStream : 0), stream: stream, block(fields + more))
    }
}
