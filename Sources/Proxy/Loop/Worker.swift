import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// What other threads ask of a loop.
enum WorkerMessage: Sendable {
    /// With everything that is listened on from now.
    case reconfigure(DataPlaneConfiguration, [BoundListener])
    /// A connection that another loop has accepted for this one.
    case arrived(ArrivedConnection)
    /// A session was looked up for a request that waits.
    case sessionLoaded(SessionKey, SessionLookup)
    /// The portal has answered.
    case portalAnswered(PortalResponse, client: Handle)
    /// A session goes into the table, or replaces the one there.
    case insertSession(SessionKey, SessionEntry)
    /// Sessions end: live exchanges included.
    case endSessions(SessionSelection)
    /// A member has other roles, another name or address.
    case updateMember(UserID, TenantID, MemberIdentity)
    /// A session's token is another one.
    case renewSession(SessionHandle, SessionKey)
    /// Every session is asked of the store again; with streams, if that is meant.
    case forgetSessions(endingStreams: Bool)
    /// Another process is to accept from now on.
    case leaveListeners
    /// It does not.
    case takeListenersBack([BoundListener])
    case drain(until: UInt64, keepingIdle: Bool)
    /// A server of an upstream stands otherwise now.
    case standing(ServerName, ServerStanding)
    /// Names of servers have other addresses now.
    case serverAddresses([ServerName: [ServerAddress]])
    /// Runs on the loop: a sign of life.
    case run(@Sendable () -> Void)
    case stop
}

/// One event loop of the data plane: its connections, its copy of the configuration, its sessions, and the
/// scratch memory that every request of the loop shares.
///
/// Everything here runs on one thread; other threads reach it by `mailbox` and read its counters.  The parts
/// of a request's way are in the extensions: accept, client, request, upstream, answer, portal, timers.
// `@unchecked`: made on one thread, handed to the loop's thread once, and touched by no other afterwards,
// but for the constants that are Sendable themselves.
final class Worker: @unchecked Sendable {
    /// The kinds of poll tokens; 0 is the poller's own.
    enum Kind {
        static let listener: UInt8 = 1
        static let client: UInt8 = 2
        static let upstream: UInt8 = 3
    }

    /// Bytes asked of a socket at once.
    static let receiveSize = 64 * 1024
    /// Bytes that may wait for a slow reader before the other side is paused.
    static let pendingBound = 256 * 1024
    /// Memory that a scratch buffer keeps between events.
    static let keptScratch = 1 << 20
    /// Receives of one connection in one turn.
    static let receivesPerTurn = 4
    /// Connections accepted in one turn, so that a flood of them does not starve the others.
    static let acceptsPerTurn = 64

    let mailbox: Mailbox<WorkerMessage>
    let counters = LoopCounters()
    let gauges = LoopGauges()

    let poller: Poller
    var listeners = Slab<BoundListener>()
    let ledger: ConnectionLedger
    /// Connections of this loop to local listeners, which a flood on the public ones must not shut out.
    let localLedger: ConnectionLedger
    let seams: DataPlaneSeams
    let log: LogWriter
    let servers: ServerBoard
    let drains: DrainBoard
    let board: LoopBoard
    /// This loop's place on the board.
    let seat: Int
    let routes: RouteBoard
    let ring = LogRing()
    var spare = SpareDescriptor()

    var configuration: LoopConfiguration
    var sessions: SessionTable
    var clients = Slab<ClientConnection>()
    var upstreams = Slab<UpstreamConnection>()
    var pools: [UpstreamPool] = []
    var groups: [UpstreamGroup] = []
    /// Groups with a row in which somebody may be served.
    var freedGroups: [Int] = []
    /// Places in the rows of all groups.
    var waiting = 0
    /// Which of the loops this is, of how many.
    let loop: Int
    let loops: Int
    var random: LoopRandom
    var timers = TimerQueue()
    var requestIDs: RequestIDSource

    /// One reading of the clocks serves a turn.
    var now: UInt64 = 0
    var wall: Int64 = 0
    var isStopping = false
    var drainDeadline: UInt64?
    /// Nothing is accepted, because another process is to.
    var isLeaving = false
    private var isDrained = false
    /// When listeners are watched again, after no descriptor was left; nil where they are.
    var acceptsAgainAt: UInt64?
    /// Connections whose waiting input should be looked at before the next wait.
    var ready: [Handle] = []
    /// Upstream connections that have more to read than a turn allows, or that broke while they were written to.
    var readyUpstreams: [Handle] = []
    /// HTTP/2 connections that have something to write at the end of the turn, and those of the turn before.
    var writing: [Handle] = []
    var writingNow: [Handle] = []
    var http2Connections = 0
    var http2Streams = 0
    /// Connections of HTTP/2 to applications that have something to say at the end of the turn.
    var readyCarriers: [Handle] = []
    /// Streams whose connection took no more of them: nothing of theirs was sent, and they go elsewhere at the end of the
    /// turn.
    var withdrawnStreams: [Handle] = []
    /// Streams on such connections.
    var carriedStreams = 0
    /// Requests that wait for a session, by its key: one look-up serves them all.
    var waitingForSession: [SessionKey: SessionWait] = [:]
    /// WebSockets under way.
    var tunnels = 0
    /// Counts what has changed in the table by order: an answer of the store that is older than a change says
    /// nothing.
    var sessionChanges: UInt64 = 0
    /// Session loads under way for each client's network.
    var loadsPerNetwork: [ClientAddress: Int] = [:]
    /// Until when the store is not asked about a tenant whose data could not be read.
    var storePauses: [TenantID?: UInt64] = [:]
    /// When streams are held against the ends of their sessions next.
    var streamsDue: UInt64 = 0
    /// When the store is told of uses next.
    var usesDue: UInt64 = 0
    var assertions = AssertionCache()
    var logTime = LogTime()

    // Scratch: used within one event, empty between events.
    let tlsScratch = TLSScratch()
    let upstreamScratch = UpstreamTransport.Scratch()
    let http2Scratch = HTTP2Scratch { SecureRandom.number() }
    /// Frames of one connection, while its streams use what stands in them.
    var frames = WireBuffer()
    let upstreamHTTP2: HTTP2Scratch
    var ciphertext = WireBuffer()
    var plaintext = WireBuffer()
    var received = WireBuffer()
    var clientOut = WireBuffer()
    var cleartextOut = WireBuffer()
    var upstreamOut = WireBuffer()
    var hostOut = WireBuffer()
    var logLine = WireBuffer()
    var octets: [UInt8] = []
    var requestHead = RequestHead()
    var responseHead = ResponseHead()
    var facts = RequestFacts()
    var findings = Admission.Findings()
    /// The upstream connection that `upstreamOut` is meant for.
    var upstreamOutOwner: UpstreamConnection?

    init(
        configuration: DataPlaneConfiguration, listeners: [BoundListener], ledger: ConnectionLedger,
        seams: DataPlaneSeams, log: LogWriter,
        servers: ServerBoard, drains: DrainBoard, board: LoopBoard, routes: RouteBoard, salt: UInt64, loop: Int,
        loops: Int
    ) throws(SystemError) {
        poller = try Poller()
        mailbox = Mailbox(waker: poller.waker)
        self.configuration = LoopConfiguration(configuration, routes: routes)
        self.ledger = ledger
        self.seams = seams
        self.log = log
        self.servers = servers
        self.drains = drains
        self.routes = routes
        drains.join(mailbox)
        self.board = board
        seat = board.join(mailbox)
        servers.join(mailbox)
        self.loop = loop
        self.loops = loops
        random = LoopRandom(seed: salt)
        localLedger = ConnectionLedger()
        sessions = SessionTable(bound: max(1, configuration.settings.limits.cachedSessions / loops))
        requestIDs = RequestIDSource(salt: salt)
        // A client of HTTP/2 asks for no WebSocket, and so needs no key for one.
        upstreamHTTP2 = HTTP2Scratch(randomNumber: { 0 })
        log.add(ring)
        for listener in listeners { try watch(listener) }
        attachPools()
    }

    /// Runs until stopped.
    func run() {
        readClocks()
        while !isStopping {
            let timeout = waitTime()
            let count = poller.wait(milliseconds: timeout)
            counters.add(.pollWaits)
            readClocks()
            for index in 0..<count { handle(poller.event(at: index)) }
            fireTimers()
            acceptAgain()
            processReady()
            serveRows()
            flushCarriers()
            flushConnections()
            tellUses()
            endOverdueStreams()
            publishGauges()
            guard let drainDeadline else { continue }
            if now >= drainDeadline { break }
            if !isDrained, hasDrained {
                isDrained = true
                drains.noteDrained()
            }
        }
        for handle in clients.handles {
            guard let client = clients[handle] else { continue }
            if client.phase == .multiplexing { endHTTP2(client) }
            // A tunnel has no end that could be cut off: both of its ends are told.
            if client.isTunnelled {
                client.tls?.close()
                send(client)
            }
            close(client, reason: nil)
        }
        let uses = sessions.takeUses()
        if !uses.isEmpty { seams.noteUses(uses) }
    }

    private func readClocks() {
        now = SystemClock.monotonicMilliseconds
        wall = SystemClock.wallMilliseconds
    }

    private func waitTime() -> Int32? {
        guard ready.isEmpty, readyUpstreams.isEmpty, freedGroups.isEmpty, writing.isEmpty, readyCarriers.isEmpty else {
            return 0
        }
        var due = timers.earliest ?? .max
        if let drainDeadline { due = min(due, drainDeadline) }
        if let acceptsAgainAt { due = min(due, acceptsAgainAt) }
        if sessions.hasUntoldUses { due = min(due, usesDue) }
        guard due != .max else { return nil }
        return due <= now ? 0 : Int32(clamping: due - now)
    }

    private func handle(_ event: PollEvent) {
        switch event.token.kind {
        case Kind.client:
            guard let client = clients[event.token.handle] else { return }
            clientEvent(client, event)
        case Kind.upstream:
            guard let upstream = upstreams[event.token.handle] else { return }
            upstreamEvent(upstream, event)
        case Kind.listener:
            guard let listener = listeners[event.token.handle] else { return }
            accept(listener)
        default:
            poller.acknowledgeWakeup()
            for message in mailbox.takeAll() { handle(message) }
        }
    }

    private func handle(_ message: WorkerMessage) {
        counters.add(.mailboxMessages)
        switch message {
        case .reconfigure(let fresh, let bound):
            configuration = LoopConfiguration(fresh, routes: routes)
            take(bound)
            assertions.removeAll()
            attachPools()
            judgeTunnels()
        case .arrived(let connection):
            arrived(connection)
        case .sessionLoaded(let key, let found):
            sessionLoaded(key, found)
        case .portalAnswered(let response, let handle):
            guard let client = clients[handle], client.phase == .awaitingPortal else { return }
            answerFromPortal(client, response)
        case .insertSession(let key, let entry):
            sessionChanges += 1
            sessions.insert(entry, for: key)
        case .endSessions(let selection):
            sessionChanges += 1
            endSessions(selection)
        case .updateMember(let user, let tenant, let identity):
            sessionChanges += 1
            updateMember(user, tenant, identity)
        case .renewSession(let handle, let key):
            sessionChanges += 1
            renewSession(handle, key)
        case .forgetSessions(let endingStreams):
            sessionChanges += 1
            forgetSessions(endingStreams: endingStreams)
        case .leaveListeners:
            leaveListeners()
        case .takeListenersBack(let bound):
            isLeaving = false
            take(bound)
        case .drain(let until, let keepingIdle):
            beginDrain(until: until, keepingIdle: keepingIdle)
        case .standing(let name, let standing):
            takeStanding(standing, of: name)
        case .serverAddresses(let found):
            takeAddresses(found)
        case .run(let body):
            body()
        case .stop:
            isStopping = true
        }
    }

    /// Looks at input that was left over when its turn came to an end.
    ///
    /// One round only: whoever is not done then waits for the next turn, so that a busy connection cannot keep
    /// the others, the timers and the probes from theirs.
    private func processReady() {
        let upstreamRound = readyUpstreams
        readyUpstreams.removeAll(keepingCapacity: true)
        for handle in upstreamRound {
            guard let upstream = upstreams[handle], upstream.phase != .closed else { continue }
            receive(upstream)
        }
        let round = ready
        ready.removeAll(keepingCapacity: true)
        for handle in round {
            guard let client = clients[handle], client.phase != .closed else { continue }
            // What another connection left in the scratch is not this one's.
            plaintext.removeAll()
            process(client)
            if client.phase != .closed { receive(client) }
        }
    }

    private func publishGauges() {
        gauges.set(.clientConnections, clients.count - http2Streams)
        gauges.set(.http2Connections, http2Connections)
        gauges.set(.http2Streams, http2Streams)
        gauges.set(.upstreamConnections, upstreams.count - waiting - carriedStreams)
        gauges.set(.upstreamRequestsWaiting, waiting)
        gauges.set(.upstreamStreams, carriedStreams)
        gauges.set(.upstreamConnectionsIdle, pools.reduce(0) { $0 + $1.idle.count })
        gauges.set(.sessionsCached, sessions.count)
        gauges.set(.sessionEvictions, Int(clamping: sessions.evictions))
        gauges.set(.generation, Int(clamping: configuration.source.generation))
        gauges.set(.timers, timers.count)
        gauges.set(.webSockets, tunnels)
    }
}
