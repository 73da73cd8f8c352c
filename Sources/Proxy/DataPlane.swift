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
    private let workers: [Worker]
    private let listeners: [SharedListener]
    private let gatewayCount: Int
    private let running = Mutex(0)
    private let finished: EventWait
    private let servers: ServerBoard
    private let ledger: ConnectionLedger

    /// Binds every listener and makes the loops; nothing is served until `start`.
    /// - Parameters:
    ///   - locals: cleartext listeners of the process's own.
    ///   - loops: at least 1; one for each processor that the process may run on is best.
    /// - Throws: `ListenFailure` that names the listener.
    public init(
        _ configuration: DataPlaneConfiguration, locals: [LocalListener] = [], seams: DataPlaneSeams, log: LogWriter,
        loops: Int = Processors.available
    ) throws {
        var listeners: [SharedListener] = []
        for (index, listener) in configuration.settings.listeners.enumerated() {
            listeners.append(
                SharedListener(socket: try Self.listen(listener.address), purpose: .gateway(index)))
        }
        for local in locals {
            switch local.place {
            case .address(let address):
                listeners.append(SharedListener(socket: try Self.listen(address), purpose: .local(local.handler)))
            case .socket(let path):
                listeners.append(SharedListener(socket: try Self.listen(path), purpose: .control(local.handler)))
            }
        }
        let ledger = ConnectionLedger()
        self.ledger = ledger
        let servers = ServerBoard()
        let drains = DrainBoard()
        self.servers = servers
        finished = try EventWait()
        gatewayCount = configuration.settings.listeners.count
        self.listeners = listeners
        workers = try (0..<max(1, loops)).map { _ in
            try Worker(
                configuration: configuration, listeners: listeners, ledger: ledger, seams: seams, log: log,
                servers: servers, drains: drains, salt: SecureRandom.number() & 0xFFFF_FFFF_FFFF, loops: max(1, loops))
        }
    }

    /// A listener that could not be opened.
    public struct ListenFailure: Error, Sendable, Hashable {
        public let address: ListenAddress
        public let cause: SystemError
    }

    /// A unix socket that could not be made.
    public struct SocketFailure: Error, Sendable, Hashable {
        public let path: String
        public let cause: SystemError
    }

    private static func listen(_ path: String) throws(SocketFailure) -> Socket {
        do {
            return try Socket.listening(atPath: path)
        } catch {
            throw SocketFailure(path: path, cause: error)
        }
    }

    private static func listen(_ address: ListenAddress) throws -> Socket {
        do {
            return try Socket.listening(
                on: SocketAddress(high: address.address.high, low: address.address.low, port: address.port),
                isDualStack: address.isDualStack)
        } catch {
            throw ListenFailure(address: address, cause: error)
        }
    }

    /// The ports of the public listeners and of the local ones, in their order.
    public var ports: (gateway: [UInt16], local: [UInt16]) {
        let all = listeners.map(\.port)
        return (Array(all[0..<gatewayCount]), Array(all[gatewayCount...]))
    }

    /// Begins to serve, on threads of its own.
    public func start() {
        running.withLock { $0 = workers.count }
        LoopMemory.keepHeaps()
        for (index, worker) in workers.enumerated() {
            LoopThread.start(name: "gatehouse-\(index)") {
                LoopMemory.reserve()
                worker.run()
                self.running.withLock { $0 -= 1 }
                self.finished.wake()
            }
        }
    }

    /// Replaces the configuration; requests under way finish on the one they began with.  Listeners stay as
    /// they are: `configuration` must have the same ones.
    public func reconfigure(_ configuration: DataPlaneConfiguration) {
        precondition(configuration.settings.listeners.count == gatewayCount)
        for worker in workers { worker.mailbox.post(.reconfigure(configuration)) }
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

    /// Ends sessions on every loop.
    public func endSessions(_ selection: SessionSelection) {
        for worker in workers { worker.mailbox.post(.endSessions(selection)) }
    }

    /// Stops accepting, lets requests under way finish, and closes what is left when the time is over.
    public func drain(within limit: Milliseconds) {
        let until = MonotonicInstant(milliseconds: SystemClock.monotonicMilliseconds).advanced(by: limit)
        for worker in workers { worker.mailbox.post(.drain(until: until.milliseconds)) }
    }

    /// Closes everything at once.
    public func stop() {
        for worker in workers { worker.mailbox.post(.stop) }
    }

    /// Waits until every loop has ended, after `drain` or `stop`.
    public func waitUntilStopped() {
        while running.withLock({ $0 }) > 0 { finished.wait(milliseconds: 200) }
    }

    /// Open connections of public listeners, which `limits.connections` bounds.
    public var publicConnections: Int { ledger.total }

    /// The last sighting of each application server.
    public var serverSightings: [String: ServerBoard.Sighting] { servers.all }

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
