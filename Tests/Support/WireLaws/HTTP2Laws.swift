import Core
import HTTPWire

/// What must hold for every run of frames that a client may send behind its preface and its first settings.
public enum HTTP2Laws {
    static let limits = HeadLimits(bytes: 1024, fields: 16)

    /// A server, and what it was told.
    private final class Server {
        let scratch = HTTP2Scratch { 7 }
        let session: HTTP2Session
        /// Heads, refusals and ends in their order, and each stream's content.
        var told: [String] = []
        var content: [Int32: [UInt8]] = [:]
        var heads: [[UInt8]] = []
        var streams: [HTTP2Stream] = []

        init?() {
            let settings = HTTP2Settings(head: HTTP2Laws.limits, offersExtendedConnect: true)
            guard let session = HTTP2Session(.server, settings, scratch: scratch, now: 0) else { return nil }
            self.session = session
        }

        func receive(_ bytes: [UInt8]) {
            _ = session.receive(bytes.span.bytes, now: 0)
            let events = scratch.takeEvents()
            let texts = scratch.heads.copied()
            for event in events {
                switch event {
                case .head(let stream, let text):
                    heads.append(Array(texts[text]))
                    streams.append(stream)
                    told.append("head \(stream.id) \(texts[text])")
                case .data(let stream, let range):
                    content[stream.id, default: []] += bytes[range]
                    session.use(range.count, of: stream)
                case .trailers(let stream, let text): told.append("trailers \(stream.id) \(texts[text])")
                case .end(let stream): told.append("end \(stream.id)")
                case .refused(let stream, let reason):
                    streams.append(stream)
                    told.append("refused \(stream.id) \(reason)")
                case .closed(let stream, let code): told.append("closed \(stream.id) \(code)")
                case .goAway, .settings, .drained, .blocked: break
                }
            }
            scratch.keep(events)
        }

        /// Each stream's content is the other's.  Of one that is refused in the middle, a piece that came earlier may have
        /// been told already.
        func agrees(with other: Server) -> Bool {
            Set(content.keys).union(other.content.keys).allSatisfy { id in
                let (own, others) = (content[id, default: []], other.content[id, default: []])
                let isRefused = told.contains { $0.hasPrefix("refused \(id) ") }
                return isRefused ? own.starts(with: others) || others.starts(with: own) : own == others
            }
        }

        /// Answers whoever may be answered, and writes.
        func answer() {
            let text = Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello".utf8)
            for stream in streams {
                session.append(text.span.bytes, to: stream)
                session.end(stream)
            }
            _ = session.write(atMost: 1 << 20)
            scratch.keep(scratch.takeEvents())
        }
    }

    private static let opening = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

    /// - Throws: `LawBroken`.
    public static func check(_ bytes: [UInt8]) throws {
        guard let whole = Server(), let split = Server() else { return }
        whole.receive(opening + bytes)
        split.receive(opening)
        for byte in bytes { split.receive([byte]) }
        // 1. However the bytes arrive, the same is understood; a fault may be found earlier in a longer piece.
        guard (whole.session.fault == nil) == (split.session.fault == nil) else {
            throw LawBroken("\(String(describing: whole.session.fault)) depends on the pieces", bytes)
        }
        if whole.session.fault == nil {
            guard whole.told == split.told, whole.agrees(with: split) else {
                throw LawBroken(
                    "\(whole.told) \(whole.content) but in pieces \(split.told) \(split.content)", bytes)
            }
        }
        // 2. What is told as a head is one head to the parser, and no more.
        for text in split.heads {
            var head = RequestHead()
            switch RequestHeadParser(limits: HeadLimits(bytes: 4096, fields: 64)).parse(text.span.bytes, into: &head) {
            case .complete:
                guard head.length == text.count, head.authority == nil else {
                    throw LawBroken("more than a head", bytes)
                }
            case .refused: break
            case .incomplete: throw LawBroken("less than a head", bytes)
            }
        }
        // 3. Whatever came, answers can be written, and bytes go on being taken.
        for server in [whole, split] {
            server.answer()
            server.receive(Array(bytes.prefix(64)))
            _ = server.session.write(atMost: 1 << 20)
        }
    }
}
