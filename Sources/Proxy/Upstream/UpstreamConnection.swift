import EventLoop
import HTTPWire

/// One connection to an application server, and the exchange that it serves.
final class UpstreamConnection {
    enum Phase {
        /// A place in the row for a connection.
        case waiting
        case connecting, idle, serving, closed
    }

    let handle: Handle
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

    /// Bytes that wait for the connection or for its socket.
    var pendingCount: Int { unsent.count + transport.backlog.count }
}
