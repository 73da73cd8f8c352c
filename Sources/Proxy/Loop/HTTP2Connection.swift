import Core
import EventLoop
import HTTPWire

/// What a client's connection has besides when it speaks HTTP/2.  Its streams are `ClientConnection`s of their own, without
/// a socket, so that a request meets the same gate, rewriters, timers and records in both protocols.
final class HTTP2Connection {
    /// What the connection's own deadline is for.
    enum Wait {
        /// The rest of a head.
        case head
        /// A request.
        case idle
        /// Its streams, which have deadlines of their own.
        case streams
        /// The moment to say which stream was the last.
        case lastStream
    }

    let session: HTTP2Session
    var wait: Wait?
    /// It is on the loop's list of those that have something to write.
    var isListed = false

    init(_ session: HTTP2Session) { self.session = session }
}

/// Of a stream: where it belongs, and what HTTP/1.1 would tell by other means.
final class StreamLink {
    let stream: HTTP2Stream
    let connection: Handle
    let session: HTTP2Session
    /// Everything that came in front of the end has been handed on.
    var isInputEnded = false
    /// The trailer section that has come, and the one that will be sent; empty for none.
    var requestTrailers: [UInt8] = []
    var answerTrailers: [UInt8] = []

    init(_ stream: HTTP2Stream, connection: Handle, session: HTTP2Session) {
        self.stream = stream
        self.connection = connection
        self.session = session
    }
}

extension HTTP2Stream {
    /// The stream's own `ClientConnection`; nil where it has none, or none any more.
    var handle: Handle? {
        get { token == 0 ? nil : Handle(index: UInt32(token >> 32), generation: UInt32(truncatingIfNeeded: token)) }
        set { token = newValue.map { UInt64($0.index) << 32 | UInt64($0.generation) } ?? 0 }
    }
}
