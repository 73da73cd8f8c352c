import EventLoop
import HTTPWire

/// One connection to an application server, and the exchange that it serves.
final class UpstreamConnection {
    enum Phase { case connecting, idle, serving, closed }

    let handle: Handle
    var transport: UpstreamTransport
    /// Position in the loop's pools.
    let pool: Int
    var phase: Phase
    /// The socket is connected; TLS may still be under way.
    var isConnected = false
    /// Nothing has come from the server yet.
    var isFresh = true
    var canRead = false
    var isPeerClosed = false
    /// The client has not taken what waits for it yet.
    var isReadPaused = false
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

    init(handle: Handle, transport: consuming UpstreamTransport, pool: Int) {
        self.handle = handle
        self.transport = transport
        self.pool = pool
        phase = .connecting
    }

    /// Bytes that wait for the connection or for its socket.
    var pendingCount: Int { unsent.count + transport.backlog.count }
}
