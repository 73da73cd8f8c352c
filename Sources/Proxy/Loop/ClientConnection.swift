import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// One client's connection: what it may do next, and what waits for it.
///
/// Small on purpose: an idle one holds a socket, a TLS session and these few words.  The state of a request
/// under way is kept with the upstream connection that serves it.
final class ClientConnection {
    enum Phase {
        /// A balancer has to say first whose connection it is.
        case awaitingProxyHeader
        /// TLS is being negotiated.
        case handshaking
        /// It speaks HTTP/2: what is asked and answered is its streams'.
        case multiplexing
        /// Between requests, or within a head.
        case awaitingHead
        /// A head waits in `input` for its session to be loaded.
        case awaitingSession
        /// An exchange with an upstream is under way.
        case forwarding
        /// The body of a request to the portal is gathered.
        case gatheringBody
        /// The portal thinks.
        case awaitingPortal
        /// The answer is sent; the rest of a refused request's body is read and dropped.
        case discardingBody
        /// The answer is sent and the connection will close; what still comes is dropped.
        case lingering
        case closed
    }

    let handle: Handle
    /// None for a stream, which has its connection's.
    let socket: Socket
    /// What there is besides where it speaks HTTP/2.
    var http2: HTTP2Connection?
    /// Where this is a stream of an HTTP/2 connection.
    let stream: StreamLink?
    /// Nil on a cleartext listener, from which nothing is forwarded.
    var tls: TLSSession?
    /// What is done with connections of its listener, as it was when this one came.
    let role: ListenerRole
    /// The other end of the socket, or whom its PROXY header names.
    private(set) var peer: ClientAddress
    /// `peer` as text, for header and log.
    private(set) var peerText: [UInt8]

    /// Its PROXY header named nobody: whoever is behind the balancer may not say who they are.
    var hidesItsClient = false

    var phase: Phase
    /// An edge told of bytes that have not been read yet.
    var canRead = false
    /// The peer has closed its side.
    var isPeerClosed = false
    /// Nothing is read until the other side has taken what waits.
    var isReadPaused = false
    /// The answer under way says `Connection: close`.
    var closesAfterAnswer = false
    /// The end of the answer is on its way; the connection closes when `pending` is sent.
    var closesWhenSent = false
    /// It speaks WebSocket with its upstream: neither side owes the other a byte.
    var isTunnelled = false
    /// What its WebSocket was opened on.
    var tunnelGround: TunnelGround?
    /// Our side is shut; the time that the peer has left runs.
    var isLingering = false

    /// Plaintext that could not be used yet.
    var input = WireBuffer()
    /// Bytes that the socket did not take.
    var pending = WireBuffer()
    /// Bytes of an unfinished head that were looked at already.
    var headBytesSeen = 0

    /// The upstream connection of the exchange under way.
    var upstream: Handle?
    var requestBody = BodyReader(.none)
    var bodyBytesLeft = 0
    var portal: PortalCallState?
    /// The session that the head in `input` waits for.
    var awaitedSession: SessionKey?

    /// When something must have happened, in monotonic milliseconds; `.max` for never.
    var deadline: UInt64 = .max
    /// When the timer queue will ask; `.max` for never.
    var timerDue: UInt64 = .max
    /// Bytes of body received and of answer sent since the last look at their rate.
    var receivedSinceCheck = 0
    var sentSinceCheck = 0

    init(
        handle: Handle, socket: consuming Socket, tls: consuming TLSSession?, role: ListenerRole, peer: ClientAddress
    ) {
        self.handle = handle
        self.socket = socket
        phase = tls == nil ? .awaitingHead : .handshaking
        self.tls = tls
        self.role = role
        self.peer = peer
        peerText = Array(peer.description.utf8)
        stream = nil
    }

    /// A stream of a connection that speaks HTTP/2: one request of that client.
    init(handle: Handle, stream: StreamLink?, of connection: ClientConnection) {
        self.handle = handle
        socket = .absent
        phase = .awaitingHead
        role = connection.role
        peer = connection.peer
        peerText = connection.peerText
        hidesItsClient = connection.hidesItsClient
        self.stream = stream
    }

    /// What is said is encrypted.
    var isSecure: Bool { tls != nil || stream != nil }

    /// Bytes that wait for the client to take them.
    var unsent: Int { stream?.stream.unsent ?? pending.count }

    /// How a body that is framed so in the head comes in: a stream's frames have an end of their own.
    func body(_ framing: BodyFraming) -> BodyReader {
        BodyReader(stream != nil && framing == .chunked ? .untilClose : framing)
    }

    /// A balancer has said whose connection it is.
    func isFrom(_ client: ClientAddress) {
        peer = client
        peerText = Array(client.description.utf8)
    }
}

/// A request on its way through the portal.
final class PortalCallState {
    let request: PortalRequest
    let method: Method
    let requestID: RequestID
    let handler: PortalHandler
    let startedAt: UInt64
    var body: [UInt8] = []
    var logPart: [UInt8]

    init(
        request: PortalRequest, method: Method, requestID: RequestID, handler: @escaping PortalHandler,
        startedAt: UInt64, logPart: [UInt8]
    ) {
        self.request = request
        self.method = method
        self.requestID = requestID
        self.handler = handler
        self.startedAt = startedAt
        self.logPart = logPart
    }
}
