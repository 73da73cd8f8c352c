public import Access
public import Core
public import EventLoop
import HostCrypto
import Synchronization

/// The data plane: one event loop per processor behind shared listening sockets.
///
/// ```
/// let plane = try DataPlane(configuration, locals: [operations], seams: seams, log: log)
/// plane.start()
/// plane.reconfigure(fresh)      // no connection is dropped
/// plane.drain(within: .seconds(30))
/// ```
public final class DataPlane: Sendable {
    let workers: [Worker]
    private let listening: Mutex<Listening>
    private let running = Mutex(0)
    private let finished: EventWait
    let servers: ServerBoard
    let checker: HealthChecker
    /// Where the current configuration's servers were found last.
    let known: Mutex<[ServerName: [ServerAddress]]>
    private let ledger: ConnectionLedger
    private let routes: RouteBoard

    private struct Listening {
        var open: OpenListeners
        /// What the loops were told to do with them.
        var bound: [BoundListener]
        /// Another process has them.
        var isClosed = false
    }

    /// Binds every listener and makes the loops; nothing is served until `start`.
    /// - Parameters:
    ///   - locals: cleartext listeners of the process's own.
    ///   - inherited: sockets that another process opened; those that a listener uses are taken out.
    ///   - loops: at least 1; one for each processor that the process may run on is best.
    /// - Throws: `ListenFailure` that names the listener.
    public init(
        _ configuration: DataPlaneConfiguration, locals: [LocalListener] = [],
        inherited: inout [InheritedListener], seams: DataPlaneSeams, log: LogWriter,
        loops: Int = Processors.available
    ) throws {
        let loops = max(1, loops)
        let listeners = try OpenListeners.open(
            configuration.settings.listeners, locals, held: [], inherited: &inherited, loops: loops)
        let bound = listeners.bound(configuration)
        let ledger = ConnectionLedger()
        self.ledger = ledger
        let servers = ServerBoard()
        servers.configure(configuration.settings.upstreams)
        checker = try HealthChecker(servers)
        known = Mutex(Self.addresses(of: configuration))
        checker.take(configuration)
        let drains = DrainBoard()
        let board = LoopBoard()
        let routes = RouteBoard()
        self.servers = servers
        self.routes = routes
        finished = try EventWait()
        listening = Mutex(Listening(open: listeners, bound: bound))
        workers = try (0..<loops).map { loop in
            try Worker(
                configuration: configuration, listeners: bound, ledger: ledger, seams: seams, log: log,
                servers: servers, drains: drains, board: board, routes: routes,
                salt: SecureRandom.number() & 0xFFFF_FFFF_FFFF, loop: loop, loops: loops)
        }
    }

    /// As above, without sockets of another process.
    public convenience init(
        _ configuration: DataPlaneConfiguration, locals: [LocalListener] = [], seams: DataPlaneSeams, log: LogWriter,
        loops: Int = Processors.available
    ) throws {
        var nothing: [InheritedListener] = []
        try self.init(configuration, locals: locals, inherited: &nothing, seams: seams, log: log, loops: loops)
    }

    /// The ports of the public listeners and of the local ones, in their order.
    public var ports: (gateway: [UInt16], local: [UInt16]) {
        listening.withLock { ($0.open.gateway.map(\.port), $0.open.locals.map(\.socket.port)) }
    }

    /// Begins to serve, on threads of its own.
    public func start() {
        running.withLock { $0 = workers.count }
        LoopMemory.keepHeaps()
        checker.start()
        for (index, worker) in workers.enumerated() {
            LoopThread.start(name: "gatehouse-\(index)") {
                LoopMemory.reserve()
                worker.run()
                self.running.withLock { $0 -= 1 }
                self.finished.wake()
            }
        }
    }

    /// Opens what these listeners need beyond what is open already, and changes nothing.
    /// - Throws: `ListenFailure`, `SocketFailure`.
    public func open(_ settings: [ListenerSettings], locals: [LocalListener]) throws -> OpenListeners {
        var nothing: [InheritedListener] = []
        let held = listening.withLock(\.open.all)
        return try OpenListeners.open(settings, locals, held: held, inherited: &nothing, loops: workers.count)
    }

    /// Replaces the configuration; requests under way finish on the one they began with.
    /// - Parameter fresh: the sockets of the listeners of `configuration`; nil where they are the same ones as before.
    ///   Sockets that are not among them serve whoever waits in their queue, and are closed.
    public func reconfigure(_ configuration: DataPlaneConfiguration, listeners fresh: OpenListeners? = nil) {
        let bound = listening.withLock { listening in
            guard !listening.isClosed else { return listening.bound }
            if let fresh { listening.open = fresh }
            listening.bound = listening.open.bound(configuration)
            return listening.bound
        }
        servers.configure(configuration.settings.upstreams)
        known.withLock { known in
            known = Self.addresses(of: configuration).merging(known) { $0.isEmpty ? $1 : $0 }
                .filter { configuration.names($0.key) }
        }
        for worker in workers { worker.mailbox.post(.reconfigure(configuration, bound)) }
        checker.take(configuration)
        routes.keep(configuration.routeNames)
    }

    /// A listening socket, for a process that takes over.
    public struct OpenSocket: Sendable {
        public let place: ListenPlace
        /// The descriptor, open as long as the listener is.
        public let number: Int32
        /// A process that is neither this one nor the one that takes over has it too.
        public let isShared: Bool
    }

    /// Every listening socket.
    public var openSockets: [OpenSocket] {
        listening.withLock { listening in
            listening.open.all.map { OpenSocket(place: $0.place, number: $0.socket.number, isShared: $0.isShared) }
        }
    }

    /// Accepts no more, local listeners included, and refuses nobody: the sockets stay open for the process that takes
    /// over.  Answers end their connections from now on; idle connections stay for one more request.
    public func leaveListeners() {
        listening.withLock { for socket in $0.open.all { socket.share() } }
        for worker in workers { worker.mailbox.post(.leaveListeners) }
    }

    /// Accepts again, after `leaveListeners`: nobody took over.
    /// - Parameter passed: `openSockets` as it was before.
    public func takeListenersBack(_ passed: [OpenSocket]) {
        let bound = listening.withLock { listening in
            for (socket, before) in zip(listening.open.all, passed) {
                socket.takeBack(loops: workers.count, isShared: before.isShared)
            }
            return listening.bound
        }
        for worker in workers { worker.mailbox.post(.takeListenersBack(bound)) }
    }

    /// Closes the sockets that were left: they are another process's now.
    public func closeListeners() {
        listening.withLock { $0 = Listening(open: OpenListeners(), bound: [], isClosed: true) }
    }

    /// Puts a session into every loop's table.
    public func insert(_ entry: SessionEntry, for key: SessionKey) {
        for worker in workers { worker.mailbox.post(.insertSession(key, entry)) }
    }

    /// Gives a member's sessions another identity on every loop; streams that it no longer permits end.
    public func updateMember(_ user: UserID, of tenant: TenantID, to identity: MemberIdentity) {
        for worker in workers { worker.mailbox.post(.updateMember(user, tenant, identity)) }
    }

    /// Forgets every session on every loop, so that each is asked of the store again.
    /// - Parameter endingStreams: what runs under them ends too.
    public func forgetSessions(endingStreams: Bool) {
        for worker in workers { worker.mailbox.post(.forgetSessions(endingStreams: endingStreams)) }
    }

    /// The session has a new token: every loop forgets what it holds of it, and streams go on under the new one.
    public func renewSession(_ handle: SessionHandle, to key: SessionKey) {
        for worker in workers { worker.mailbox.post(.renewSession(handle, key)) }
    }

    /// Ends sessions on every loop.
    public func endSessions(_ selection: SessionSelection) {
        for worker in workers { worker.mailbox.post(.endSessions(selection)) }
    }

    /// Stops accepting, lets requests under way finish, and closes what is left when the time is over.
    /// - Parameter keepingIdle: connections between two requests stay for one more until the end; else they are closed
    ///   after half a second.
    public func drain(within limit: Milliseconds, keepingIdle: Bool = false) {
        let until = MonotonicInstant(milliseconds: SystemClock.monotonicMilliseconds).advanced(by: limit)
        for worker in workers { worker.mailbox.post(.drain(until: until.milliseconds, keepingIdle: keepingIdle)) }
    }

    /// Closes everything at once.
    public func stop() {
        checker.stop()
        for worker in workers { worker.mailbox.post(.stop) }
    }

    /// Waits until every loop has ended, after `drain` or `stop`.
    public func waitUntilStopped() {
        while running.withLock({ $0 }) > 0 { finished.wait(milliseconds: 200) }
        checker.stop()
    }

    /// Buckets of `rate_limit` that gave way to others before they were full.
    public var rateBucketsEvicted: UInt64 { routes.rates.evicted }

    /// Open connections of public listeners, which `limits.connections` bounds.
    public var publicConnections: Int { ledger.total }

    /// Runs `body` on each loop when its turn comes; a loop that hangs never does.
    public func onEachLoop(_ body: @escaping @Sendable (Int) -> Void) {
        for (index, worker) in workers.enumerated() { worker.mailbox.post(.run { body(index) }) }
    }

    /// How many loops run.
    public var loopCount: Int { workers.count }

    /// What each loop has counted, and what it has now.
    public var measurements: [(counters: LoopCounters, gauges: LoopGauges)] {
        workers.map { ($0.counters, $0.gauges) }
    }
}
