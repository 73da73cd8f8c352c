/// One request and its answer on an HTTP/2 connection.
///
/// What is to be sent is appended as HTTP/1.1 writes it, head first; the session turns the head into a header list and
/// the rest into DATA when it is flushed, as far as the peer's windows let it.  Used by one thread.
public final class HTTP2Stream {
    /// As the peer knows it; 0 until a client's request is under way.
    public internal(set) var id: Int32
    /// Whatever the owner of the session finds its own things by; 0 until it is set.
    public var token: UInt64 = 0
    /// Nothing more is received or sent.
    public internal(set) var isClosed = false
    /// The peer has sent its last byte.
    public internal(set) var isInputEnded = false
    /// An extended CONNECT for a WebSocket (RFC 8441 §4).
    public internal(set) var isWebSocket = false
    /// The code that closes the stream when the peer has not ended it by then.
    public var closingCode = HTTP2Code.noError

    /// Heads and body that wait to be sent.
    var output = WireBuffer()
    /// The final head was handed to the library; all of `output` is content.
    var isHeadSent = false
    public internal(set) var isOutputEnded = false
    /// Trailer lines, `name: value` each, ended by CRLF and the empty line.
    var trailers = WireBuffer()
    /// The library asked for content when there was none.
    var isDeferred = false
    /// The last of the content is on its way.
    var isLastTaken = false
    /// The library wants the reset, in `write`.
    var resetCode: UInt32?
    var isListed = false
    /// It was told of as blocked.
    var isBlocked = false
    var index = 0

    /// `content-length` of the peer's head, and what has come of it (RFC 9113 §8.1.1).
    var announced: UInt64?
    var received: UInt64 = 0
    /// Clients: the final answer's head has come.
    var hasAnswer = false
    /// Bytes of DATA that the owner has not used yet.
    var unused = 0
    /// Bytes of content sent since the owner last asked.
    var sentSinceTaken = 0

    init(id: Int32) { self.id = id }

    /// Bytes that wait to be sent.
    public var unsent: Int { output.count }

    /// Bytes of DATA that were received and not used yet.
    public var unusedBytes: Int { unused }

    /// Bytes of content sent since the last call, for rates.
    public func takeSent() -> Int {
        defer { sentSinceTaken = 0 }
        return sentSinceTaken
    }
}
