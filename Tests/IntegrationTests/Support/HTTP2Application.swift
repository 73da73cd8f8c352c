import Core
import EventLoop
import Foundation
import HTTPWire

/// What an application that speaks HTTP/2 answers to one request.
struct HTTP2Reply: Sendable {
    var status = 200
    var fields: [String] = []
    var body: [UInt8] = []
    /// `name: value`, each.
    var trailers: [String] = []
    /// Resets the stream with this code; what is above is not sent then, but for a body's first bytes where `body` is not
    /// empty.
    var reset: UInt32?
    /// Says with this answer that the connection ends.
    var goesAway = false
    /// Neither answers nor resets.
    var isSilent = false

    init(
        _ text: String = "ok", status: Int = 200, fields: [String] = [], trailers: [String] = [],
        reset: UInt32? = nil, goesAway: Bool = false, isSilent: Bool = false
    ) {
        self.status = status
        self.fields = fields
        body = Array(text.utf8)
        self.trailers = trailers
        self.reset = reset
        self.goesAway = goesAway
        self.isSilent = isSilent
    }
}

/// The application's end of a connection on which HTTP/2 is spoken from the first byte on.
///
/// Requests are answered when they are complete, in the order in which they end.
final class HTTP2Application {
    /// A request, its body, and its trailers as `name: value`.
    typealias Answerer = @Sendable (ReceivedRequest, _ trailers: [String]) throws -> HTTP2Reply

    private let peer: UpstreamPeer
    private let scratch = HTTP2Scratch(randomNumber: { 4 })
    private let session: HTTP2Session
    private var requests: [Int32: (request: ReceivedRequest, trailers: [String])] = [:]
    private let answer: Answerer

    /// A conversation for `RawUpstream`.
    static func conversation(
        streams: UInt32 = 100, _ answer: @escaping Answerer
    ) -> RawUpstream.Conversation {
        { peer in try HTTP2Application(peer, streams: streams, answer).serve() }
    }

    private init(_ peer: UpstreamPeer, streams: UInt32, _ answer: @escaping Answerer) throws {
        self.peer = peer
        self.answer = answer
        let settings = HTTP2Settings(
            head: HeadLimits(bytes: 65_536, fields: 200), concurrentStreams: streams, isSecure: false)
        guard let session = HTTP2Session(.server, settings, scratch: scratch, now: SystemClock.monotonicMilliseconds)
        else { throw StreamFailure.broken(ENOMEM) }
        self.session = session
    }

    private func serve() throws {
        try flush()
        while true {
            let bytes = try peer.stream.receive(65_536)
            guard !bytes.isEmpty else { return }
            let fault = session.receive(bytes.span.bytes, now: SystemClock.monotonicMilliseconds)
            for event in scratch.takeEvents() { try take(event, bytes) }
            try flush()
            if fault != nil { return }
        }
    }

    private func flush() throws {
        repeat {
            scratch.out.removeAll()
            _ = session.write(atMost: 65_536)
            try peer.stream.send(scratch.out.withBytes { bytes in (0..<bytes.byteCount).map { bytes.octet($0) } })
        } while !scratch.out.isEmpty
    }

    private func take(_ event: HTTP2Event, _ bytes: [UInt8]) throws {
        switch event {
        case .head(let stream, let text): requests[stream.id] = (try head(lines(text)), [])
        case .data(let stream, let range):
            requests[stream.id]?.request.body += bytes[range]
            session.use(range.count, of: stream)
        case .trailers(let stream, let text): requests[stream.id]?.trailers = lines(text)
        case .end(let stream):
            guard let call = requests.removeValue(forKey: stream.id) else { return }
            send(try answer(call.request, call.trailers), on: stream)
        default: return
        }
    }

    private func lines(_ range: Range<Int>) -> [String] {
        let text = scratch.heads.withBytes { bytes in
            String(decoding: range.map { bytes.octet($0) }, as: UTF8.self)
        }
        return text.components(separatedBy: "\r\n").filter { !$0.isEmpty }
    }

    private func head(_ lines: [String]) throws -> ReceivedRequest {
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { throw StreamFailure.malformed(lines[0]) }
        let fields = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return (parts[0].lowercased(), parts.count > 1 ? parts[1] : "")
        }
        return ReceivedRequest(
            method: String(words[0]), target: String(words[1]), fields: fields, connection: peer.number)
    }

    private func send(_ reply: HTTP2Reply, on stream: HTTP2Stream) {
        guard !reply.isSilent else { return }
        if reply.goesAway { session.end() }
        if let code = reply.reset, reply.body.isEmpty { return session.reset(stream, code: code) }
        let head = (["HTTP/1.1 \(reply.status) "] + reply.fields).joined(separator: "\r\n") + "\r\n\r\n"
        session.append((Array(head.utf8) + reply.body).span.bytes, to: stream)
        guard let code = reply.reset else {
            let trailers = reply.trailers.isEmpty ? "" : reply.trailers.joined(separator: "\r\n") + "\r\n\r\n"
            return session.end(stream, trailers: Array(trailers.utf8))
        }
        // What was appended is written first.
        try? flush()
        session.reset(stream, code: code)
    }
}
