import Access
import Core
import EventLoop
import HTTPWire

/// A request's way to the application and back.
///
/// It begins with a `Permit`, which it swallows: nothing is forwarded without one.  A retry is an attempt
/// inside one exchange.
struct Exchange: ~Copyable {
    /// The client that asked; nil where none is served.
    private(set) var client: Handle?
    private(set) var configuration: LoopConfiguration?
    private(set) var route = 0
    private(set) var upstream = 0
    private(set) var tenant: Int?
    /// The session that the answer depends on; nil where none is asked for, or where it no longer does.
    private(set) var session: SessionReference?
    /// The session that the record names.
    private(set) var recordedSession: SessionHandle?
    private(set) var method = Method.get
    private(set) var cachePolicy = CachePolicy.privateOnly
    private(set) var requestID = RequestID(high: 0, low: 0)
    private(set) var startedAt: UInt64 = 0
    /// The client speaks HTTP/1.0: it cannot read chunks.
    private(set) var isClientOld = false
    /// The connection to the client goes on after this answer.
    private(set) var isClientPersistent = true
    /// The upstream speaks HTTP/2.
    private(set) var speaksHTTP2 = false
    /// Chunked framing goes to the upstream; HTTP/2 has frames for it.
    private(set) var sendsChunks = false

    /// What the upstream must say to a WebSocket handshake; empty where none is asked for.
    private(set) var webSocketAccept: [UInt8] = []
    /// Both ends speak WebSocket, and we carry what they say.
    private(set) var isTunnel = false

    /// The request has been handed over to its last byte.
    var isRequestComplete = false
    /// The final answer's head has gone to the client.
    var isAnswerBegun = false
    var responseBody = BodyReader(.none)
    /// The answer goes to the client in chunks.
    var answersInChunks = false
    var isUpstreamPersistent = true
    var interimAnswers = 0
    var retriesLeft = 0
    /// A person waits for a page, in this language: what goes wrong is told on one.
    var pageLanguage: PageLanguage?
    /// It is a gRPC call: what goes wrong is told in gRPC's words, and either side may be silent for as long as the
    /// upstream's `timeouts.idle` lets it.
    private(set) var isGRPC = false
    /// Connections that could not be made for it.
    var connectAttempts = 0
    /// Servers that it was sent to.
    var tried = ServerSet()
    /// The key of the client's address, where servers are chosen by it.
    var clientKey: UInt64 = 0
    var status: UInt16 = 0
    var requestBytes: UInt64 = 0
    var answerBytes: UInt64 = 0
    /// Over HTTP/2: the trailer section of the request, and of the answer, as lines with the empty one at their end;
    /// empty for none.
    var requestTrailers: [UInt8] = []
    var answerTrailers: [UInt8] = []
    /// The request as sent, for a retry; empty where there may be none.
    var sentRequest = WireBuffer()
    /// The first part of the log line.
    var logPart = WireBuffer()
    /// What the route asks for besides its access rule; nil for most.
    private(set) var rules: RouteRules?
    /// It has one of its route's places, to be given back at the end.
    private(set) var holdsPlace = false
    /// What the tightest bucket of its route's `rate_limit` said; nil where there is none.
    private(set) var rate: RateRules.Standing?
    /// The position of the request's origin in its route's `cross_origin.origins`.
    private(set) var origin: Int?
    /// It goes to where the application signs its visitors out.
    var isApplicationLogout = false
    /// The request's host, where the route translates an answer's `Location`; empty elsewhere.
    var host = WireBuffer()

    /// Most connections that are tried for it, one after the other.
    static let mostConnectAttempts = 8
    /// The trailer section of the answer, whatever brought it.
    var trailers: [UInt8] { speaksHTTP2 ? answerTrailers : responseBody.trailers }

    /// Most interim answers (1xx) before the final one.
    static let mostInterimAnswers = 8

    /// Takes a permitted request on.
    mutating func begin(
        _ permit: consuming Permit, client: Handle, configuration: LoopConfiguration, head: RequestHead,
        requestID: RequestID, now: UInt64, isDraining: Bool, webSocketAccept: [UInt8] = [], speaksHTTP2: Bool = false,
        isGRPC: Bool = false, rate: RateRules.Standing? = nil
    ) {
        self.client = client
        self.configuration = configuration
        route = permit.routeIndex
        upstream = permit.upstreamIndex
        rules = configuration.routeRules[route]
        holdsPlace = rules?.gauge != nil
        self.rate = rate
        origin = permit.originIndex
        tenant = permit.tenantIndex
        session = permit.session
        recordedSession = session?.handle
        cachePolicy = permit.cachePolicy
        method = head.method
        self.requestID = requestID
        startedAt = now
        self.webSocketAccept = webSocketAccept
        isTunnel = false
        isClientOld = head.minorVersion == 0
        isClientPersistent = head.isPersistent && !isDraining
        sendsChunks = head.framing == .chunked && !speaksHTTP2
        self.speaksHTTP2 = speaksHTTP2
        self.isGRPC = isGRPC
        requestTrailers = []
        answerTrailers = []
        isRequestComplete = head.framing == .none
        isAnswerBegun = false
        answersInChunks = false
        isUpstreamPersistent = true
        interimAnswers = 0
        connectAttempts = 0
        pageLanguage = nil
        status = 0
        requestBytes = 0
        answerBytes = 0
        retriesLeft = configuration.source.settings.upstreams[upstream].retries
    }

    /// The upstream has switched to WebSocket: from here on both directions end with the connection.
    mutating func openTunnel() {
        isTunnel = true
        status = 101
        responseBody = BodyReader(.untilClose)
        answersInChunks = false
        sendsChunks = false
        isUpstreamPersistent = false
        isRequestComplete = false
        isAnswerBegun = true
        retriesLeft = 0
        sentRequest.removeAll()
    }

    /// The rest of the answer no longer depends on the session.
    mutating func leaveSession() { session = nil }

    /// Ends it; buffers keep their memory for the next.
    mutating func end() {
        client = nil
        configuration = nil
        isTunnel = false
        if holdsPlace { rules?.gauge?.leave() }
        holdsPlace = false
        rules = nil
        sentRequest.removeAll()
        logPart.removeAll()
        host.removeAll()
    }

    /// Hands an exchange that has got no answer yet over to another connection.
    mutating func move(to other: inout Exchange) {
        other.client = client
        other.configuration = configuration
        other.route = route
        other.upstream = upstream
        other.rules = rules
        other.holdsPlace = holdsPlace
        holdsPlace = false
        other.rate = rate
        other.origin = origin
        other.isApplicationLogout = isApplicationLogout
        other.host.removeAll()
        other.host.append(moving: &host)
        other.tenant = tenant
        other.session = session
        other.recordedSession = recordedSession
        other.cachePolicy = cachePolicy
        other.method = method
        other.webSocketAccept = webSocketAccept
        other.pageLanguage = pageLanguage
        other.requestID = requestID
        other.startedAt = startedAt
        other.isClientOld = isClientOld
        other.isClientPersistent = isClientPersistent
        other.sendsChunks = sendsChunks
        other.isRequestComplete = isRequestComplete
        other.isAnswerBegun = false
        other.answersInChunks = false
        other.isUpstreamPersistent = true
        other.interimAnswers = 0
        other.status = 0
        other.speaksHTTP2 = speaksHTTP2
        other.isGRPC = isGRPC
        other.requestTrailers = requestTrailers
        other.answerTrailers = []
        other.requestBytes = requestBytes
        other.answerBytes = 0
        other.retriesLeft = retriesLeft
        other.connectAttempts = connectAttempts
        other.tried = tried
        other.clientKey = clientKey
        other.sentRequest.removeAll()
        other.sentRequest.append(moving: &sentRequest)
        other.logPart.removeAll()
        other.logPart.append(moving: &logPart)
        end()
    }
}

extension Exchange {
    /// The numbers that the record tells.
    struct Summary {
        var requestID: RequestID
        var route: Int
        var tenant: Int?
        var session: SessionHandle?
        var status: UInt16
        var requestBytes: UInt64
        var answerBytes: UInt64
        var startedAt: UInt64
    }

    var summary: Summary {
        Summary(
            requestID: requestID, route: route, tenant: tenant, session: recordedSession, status: status,
            requestBytes: requestBytes, answerBytes: answerBytes, startedAt: startedAt)
    }
}
