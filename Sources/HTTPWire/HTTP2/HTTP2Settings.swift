/// The bounds of an HTTP/2 session, and what it tells the peer of them (RFC 9113 §6.5.2).
public struct HTTP2Settings: Sendable, Hashable {
    /// Streams that the peer may have open at once.
    public var concurrentStreams: UInt32
    /// Bytes of a body that the peer may send on one stream ahead of what was used.
    public var streamWindow: UInt32
    /// The same for all streams of the connection together.
    public var connectionWindow: Int32
    /// Head bounds, as HTTP/1.1 would write the same head.
    public var head: HeadLimits
    /// Extended CONNECT is understood (RFC 8441 §3).
    public var offersExtendedConnect: Bool

    /// Servers: every request must name the scheme https; else http, as in clear.
    public var isSecure: Bool

    /// Streams of one client connection at once.
    public static let mostStreams: UInt32 = 100
    /// Bytes; as many as may wait for a slow application.
    public static let bodyWindow: UInt32 = 256 * 1024
    /// Bytes that all streams of a connection may have waiting.
    public static let sharedWindow: Int32 = 1024 * 1024
    /// What the dynamic table of HPACK may hold, either way (RFC 7541 §4.1); the default of the standard.
    static let headerTable = 4096
    /// A head is decoded up to so many times its bound, so that it can be answered with 431; what is larger is a bomb, and
    /// its stream is reset.
    static let bombFactor = 4
    /// The same for the number of fields, cookie crumbs and those that are too many included: one byte of HPACK names an
    /// entry again, and each costs a call.
    static let fieldBombFactor = 16

    public init(
        head: HeadLimits, concurrentStreams: UInt32 = mostStreams, streamWindow: UInt32 = bodyWindow,
        connectionWindow: Int32 = sharedWindow, offersExtendedConnect: Bool = false, isSecure: Bool = true
    ) {
        self.head = head
        self.concurrentStreams = concurrentStreams
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
        self.offersExtendedConnect = offersExtendedConnect
        self.isSecure = isSecure
    }
}
