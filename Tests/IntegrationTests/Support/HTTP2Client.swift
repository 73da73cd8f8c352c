import Core
import Foundation
import HTTPWire

/// A client that speaks HTTP/2 over TLS, with the same session type in its other role.
final class HTTP2Client {
    /// What has come on a stream.
    struct Received {
        var heads: [String] = []
        var body: [UInt8] = []
        var trailers = ""
        var isEnded = false
        var resetCode: UInt32?

        /// Of the final answer.
        var status: Int { heads.last.flatMap { Int($0.split(separator: " ")[1]) } ?? 0 }
        var text: String { String(decoding: body, as: UTF8.self) }
        var isOver: Bool { isEnded || resetCode != nil }
    }

    let stream: TLSStream
    let scratch = HTTP2Scratch { 4 }
    let session: HTTP2Session
    private(set) var received: [Int32: Received] = [:]
    /// Codes of the GOAWAYs that have come.
    private(set) var goAways: [UInt32] = []
    private(set) var hasEnded = false
    /// The server has told its settings.
    private(set) var isGreeted = false
    /// DATA is used as soon as it comes.
    var reads = true

    init(port: UInt16, name: String = "acme.example.org") throws {
        stream = try TLSStream(TCPStream(port: port), name: name, protocols: ["h2", "http/1.1"])
        guard stream.agreedProtocol == "h2",
            let session = HTTP2Session(
                .client, HTTP2Settings(head: HeadLimits(bytes: 65_536, fields: 200)), scratch: scratch, now: 0)
        else { throw StreamFailure.malformed("no HTTP/2: \(stream.agreedProtocol)") }
        self.session = session
    }

    /// Opens a request with the head of HTTP/1.1.
    func open(
        _ target: String, method: String = "GET", host: String = "acme.example.org", token: String? = nil,
        fields: [String] = [], isWhole: Bool = true, isWebSocket: Bool = false
    ) throws -> HTTP2Stream {
        let head = Array(HTTPConnection.request(target, method: method, host: host, token: token, fields: fields).utf8)
        guard
            let opened = session.open(
                head.span.bytes, scheme: "https", isWhole: isWhole, isWebSocket: isWebSocket)
        else {
            throw StreamFailure.malformed("no stream")
        }
        return opened
    }

    func send(_ text: String, on stream: HTTP2Stream) throws {
        let bytes = Array(text.utf8)
        session.append(bytes.span.bytes, to: stream)
        try flush()
    }

    /// Writes what waits, as far as windows let it.
    func flush() throws {
        _ = session.write(atMost: 1 << 24)
        note([])
        let bytes = scratch.out.copied()
        scratch.out.removeAll()
        if !bytes.isEmpty { try stream.send(bytes) }
    }

    /// Goes on until `isDone`; throws where the connection ends first.
    func run(until isDone: () -> Bool) throws {
        try flush()
        while !isDone() {
            let bytes = try stream.receive(65_536)
            guard !bytes.isEmpty else {
                hasEnded = true
                throw StreamFailure.malformed("the connection ended")
            }
            _ = session.receive(bytes.span.bytes, now: 0)
            note(bytes)
            try flush()
        }
    }

    /// Waits for the end of the connection.
    func runToEnd() throws {
        do {
            try run { false }
        } catch StreamFailure.malformed(_) where hasEnded {
        } catch StreamFailure.broken {}
    }

    /// Waits for the end of an answer.
    func answer(on stream: HTTP2Stream) throws -> Received {
        let id = stream.id
        try run { received[id]?.isOver == true }
        return received[id] ?? Received()
    }

    func ask(
        _ target: String, method: String = "GET", host: String = "acme.example.org", token: String? = nil,
        fields: [String] = []
    ) throws -> Received {
        try answer(on: open(target, method: method, host: host, token: token, fields: fields))
    }

    private func note(_ bytes: [UInt8]) {
        let events = scratch.takeEvents()
        let heads = scratch.heads.copied()
        for event in events {
            switch event {
            case .head(let stream, let text):
                received[stream.id, default: Received()].heads.append(String(decoding: heads[text], as: UTF8.self))
            case .data(let stream, let range):
                received[stream.id, default: Received()].body += bytes[range]
                if reads { session.use(range.count, of: stream) }
            case .trailers(let stream, let text):
                received[stream.id, default: Received()].trailers = String(decoding: heads[text], as: UTF8.self)
            case .end(let stream): received[stream.id, default: Received()].isEnded = true
            case .closed(let stream, let code):
                if code != HTTP2Code.noError { received[stream.id, default: Received()].resetCode = code }
            case .refused(let stream, _): received[stream.id, default: Received()].resetCode = .max
            case .goAway(_, let code): goAways.append(code)
            case .settings: isGreeted = true
            case .drained, .blocked: break
            }
        }
        scratch.keep(events)
    }
}
