import EventLoop
import HTTPWire

/// One connection to an application server, and the exchange that it serves; over HTTP/2 either the connection, which
/// carries many exchanges, or one of the streams, each with its exchange.
final class UpstreamConnection {
    enum Phase {
        /// A place in the row for a connection.
        case waiting
        case connecting, idle, serving, closed
    }

    let handle: Handle
    /// Nothing but a stand-in for a stream, and for whoever waits.
    var transport: UpstreamTransport
    /// Position in the loop's pools; -1 while it waits.
    let pool: Int
    /// Position in the loop's groups.
    let group: Int
    /// Where the server was reached; nil while it waits.
    let address: ServerAddress?
    var phase: Phase
    /// The socket is connected; TLS may still be under way.
    var isConnected = false
    /// Nothing has come from the server yet.
    var isFresh = true
    var canRead = false
    var isPeerClosed = false
    /// The client has not taken what waits for it yet.
    var isReadPaused = false
    /// Its server is not where it was, or is not named any more: it ends with its exchange.
    var isRetired = false
    /// It has carried credentials that bind the connection itself (NTLM, Negotiate): it is nobody else's.
    var isBoundToClient = false
    /// The last answer had no body by rule; an application that sends one all the same must not answer the next
    /// request with it.
    var endedWithoutBody = false

    /// What waits for the connection to open.
    var unsent = WireBuffer()
    /// Bytes of an unfinished head.
    var input = WireBuffer()

    var deadline: UInt64 = .max
    var timerDue: UInt64 = .max

    var exchange = Exchange()

    // Of a stream.

    /// The connection that it is a stream of, until it has left it.
    var carrier: UpstreamConnection?
    /// Nil until its head is under way.
    var stream: HTTP2Stream?

    // Of a connection that carries streams.

    var isCarrier = false
    /// Nil until it is open.
    var http2: HTTP2Session?
    /// Streams that wait for it to open.
    var waiting: [Handle] = []
    /// Streams of ours, those that wait included.
    var carried = 0
    /// It stands among the loop's `readyCarriers`.
    var needsFlush = false

    init(
        handle: Handle, transport: consuming UpstreamTransport, pool: Int, group: Int, address: ServerAddress
    ) {
        self.handle = handle
        self.transport = transport
        self.pool = pool
        self.group = group
        self.address = address
        phase = .connecting
    }

    /// One that is not there yet: a place in the group's row.
    init(waiting handle: Handle, group: Int) {
        self.handle = handle
        transport = UpstreamTransport(.absent)
        pool = -1
        self.group = group
        address = nil
        phase = .waiting
    }

    /// A stream of `carrier`.
    init(handle: Handle, carrier: UpstreamConnection) {
        self.handle = handle
        self.carrier = carrier
        transport = UpstreamTransport(.absent)
        pool = carrier.pool
        group = carrier.group
        address = carrier.address
        phase = .connecting
    }

    /// Bytes that wait for the connection or for its socket.
    var pendingCount: Int { unsent.count + (stream?.unsent ?? backlogCount) }

    /// Bytes that wait for the socket.
    var backlogCount: Int { transport.backlog.count }

    /// One more stream may be opened on it, now or when it is open.
    var takesStream: Bool {
        guard !isRetired, carried < Int(HTTP2Settings.mostStreams) else { return false }
        return phase == .connecting || phase == .serving && http2?.mayOpen == true
    }

    var isTLS: Bool { transport.isTLS }

    /// What the handshake agreed on; "" where nothing was.
    var chosenProtocol: String { transport.chosenProtocol }
}
