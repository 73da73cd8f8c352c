public import Access
public import Core
import EventLoop
import Foundation
import HTTPTypes
import HostCrypto
import Login
import Portal
public import Proxy
import Store
import Synchronization

/// A running gateway: the data plane, its operations listener, its log, and what happens to them over time.
///
/// ```
/// let server = try GatewayServer.start(file: "config/gatehouse.yaml", environment: ProcessEnvironment.ofThisProcess)
/// server.serveUntilStopped()
/// ```
public final class GatewayServer: Sendable {
    /// Why a gateway does not start; each says where, what, and how to mend it.
    public enum StartFailure: Error, Sendable, CustomStringConvertible {
        /// Exit code 78.
        case configuration(String)
        /// What is stored is damaged, somebody else's or of a newer version.  Exit code 65.
        case data(String)
        /// Something that the configuration names is not to be had: a port, a log file.  Exit code 69.
        case unavailable(String)

        public var description: String {
            switch self {
            case .configuration(let text), .data(let text), .unavailable(let text): text
            }
        }
    }

    /// Loads sessions that no loop holds; tests and benchmarks put their own here.
    public typealias SessionLoader = @Sendable (_ key: SessionKey, _ tenant: TenantID?) async -> SessionLookup

    struct State {
        /// As the files say.
        var settings: GatewaySettings
        /// With the tenants of the store.
        var access: AccessSettings
        var generation: UInt64 = 1
        var reloadsRefused: UInt64 = 0
        var lastReloadFault: String?
        var certificates: [DataPlaneAssembly.LoadedCertificate]
        var certificateFault: String?
        var watch: FileWatch
        var metadataWatch: FileWatch
        var isStarted = false
        var isDraining = false
        var hasWarnedOfForwarding = false
        var upgradesFailed: UInt64 = 0
        var hasEnded = false
    }

    let file: String
    let environment: [String: String]
    let plane: DataPlane
    let pages: PortalPages
    let tickets: TicketKeys
    let writer: LogWriter
    let state: Mutex<State>
    /// Held while files are read and the configuration is replaced, so that two ways of doing so cannot cross.
    let changing = Mutex(())
    let watchPause: EventWait
    let resolvePause: EventWait
    let resolver: ServerResolver
    let startedAt: Int64
    let reference: OperationsReference
    /// The process's own listeners: operations and control socket.
    let localListeners: @Sendable (GatewaySettings) -> [LocalListener]
    let data: GatewayData
    let errands: StoreErrands
    /// Between the loops and the portal.
    let gate: PortalGate
    /// How far an upgrade is.
    let control: UpgradeControl
    let notifier: ServiceNotifier
    /// Loops that have had a turn since systemd was told of life; all of them at first.
    let signs: Mutex<Set<Int>>
    /// What runs once a second; ended with the server.
    let jobs = Mutex<Task<Void, Never>?>(nil)
    /// What connections need done; ended with the server.
    let connectionJobs = Mutex<Task<Void, Never>?>(nil)
    /// What sends mails; ended with the server.
    let mails = Mutex<Task<Void, Never>?>(nil)
    /// Where the process's own events are logged.
    public let log: ServerLog

    init(
        file: String, environment: [String: String], plane: DataPlane, pages: PortalPages, tickets: TicketKeys,
        writer: LogWriter, log: ServerLog, settings: GatewaySettings, access: AccessSettings,
        certificates: [DataPlaneAssembly.LoadedCertificate], reference: OperationsReference,
        localListeners: @escaping @Sendable (GatewaySettings) -> [LocalListener], watchPause: EventWait,
        resolvePause: EventWait, resolver: @escaping ServerResolver, data: GatewayData, errands: StoreErrands,
        gate: PortalGate, control: UpgradeControl
    ) {
        self.file = file
        self.environment = environment
        self.plane = plane
        self.pages = pages
        self.tickets = tickets
        self.writer = writer
        self.log = log
        self.reference = reference
        self.localListeners = localListeners
        self.watchPause = watchPause
        self.resolvePause = resolvePause
        self.resolver = resolver
        self.data = data
        self.errands = errands
        self.gate = gate
        self.control = control
        notifier = ServiceNotifier(environment: environment)
        signs = Mutex(Set(0..<plane.loopCount))
        startedAt = SystemClock.wallMilliseconds / 1000
        state = Mutex(
            State(
                settings: settings, access: access, certificates: certificates,
                watch: FileWatch(Self.certificateFiles(settings)),
                metadataWatch: FileWatch(Self.metadataFiles(settings))))
    }

    /// The ports of the public listeners, as bound.
    public var listenerPorts: [UInt16] { plane.ports.gateway }
    /// The port of the operations listener, as bound.
    public var operationsPort: UInt16 { plane.ports.local.first ?? 0 }

    var operationsAddress: String {
        let address = state.withLock { $0.settings.operations.address.address }
        return ListenAddress(address: address, port: operationsPort).description
    }

    /// Puts a session into every loop's table.
    public func insert(_ entry: SessionEntry, for key: SessionKey) { plane.insert(entry, for: key) }

    /// Ends sessions on every loop; the next request of each asks the store.
    public func endSessions(_ selection: SessionSelection) { plane.endSessions(selection) }

    /// What the loops have counted.
    public var measurements: [(counters: LoopCounters, gauges: LoopGauges)] { plane.measurements }

    /// Serves until SIGTERM or SIGINT, reloads on SIGHUP, and hands over to a new process on SIGUSR2; blocks.
    /// `SignalSource.block` must have been called before any thread was started.
    /// - Parameter program: what SIGUSR2 starts; nil ignores it.
    public func serveUntilStopped(program: ProgramImage? = nil) {
        guard let signals = try? SignalSource() else { return stop() }
        while true {
            switch signals.next() {
            case .stop:
                if control.stop() { return }
                announceEnd(until: signals)
                return stop()
            case .reload where control.phase != .none:
                log.warning("reload-refused", "an upgrade is under way: the new process reads the files")
            case .reload:
                notifier.reloading()
                reload()
                notifier.ready(statusText)
            case .reopenLogs: reopenLogs()
            case .upgrade:
                if let program { beginUpgrade(to: program) }
            case nil: continue
            }
        }
    }

    /// What the end may take besides the drain: writing what is in memory.
    private static let endAllowance = Milliseconds.seconds(15)

    /// For `systemctl status`.
    var statusText: String {
        let (settings, generation, fault) = state.withLock { ($0.settings, $0.generation, $0.lastReloadFault) }
        let words = "Serving \(listenerAddresses.joined(separator: " ")): \(settings.summary), generation \(generation)"
        return fault == nil ? words : "\(words); the last reload was refused"
    }

    /// Readiness is red while everything goes on, for `drain.delay`, so that balancers send new traffic elsewhere before
    /// it would be refused.  Another SIGTERM ends the wait.
    private func announceEnd(until signals: borrowing SignalSource) {
        let settings = state.withLock { state in
            state.isDraining = true
            return state.settings.drain
        }
        let delay = settings.delay
        notifier.stopping(within: Milliseconds(delay.count + settings.timeout.count + Self.endAllowance.count))
        guard delay.count > 0 else { return }
        log.info("leaving", "not ready any more; new connections are served for \(delay.count / 1000) s yet")
        let end = SystemClock.monotonicMilliseconds &+ delay.count
        while case let now = SystemClock.monotonicMilliseconds, now < end {
            switch signals.next(within: Int32(clamping: end - now)) {
            case .stop: return
            case .reopenLogs: reopenLogs()
            case .reload, .upgrade, nil: continue
            }
        }
    }

    /// Stops accepting, lets requests under way finish, and ends.
    /// - Parameter limit: how long they may take; `drain.timeout` unless given.
    public func stop(within limit: Milliseconds? = nil) {
        let timeout = state.withLock { state in
            state.isDraining = true
            return state.settings.drain.timeout
        }
        let limit = limit ?? timeout
        log.info("draining", "no new connections; requests under way may take \(limit.count / 1000) s")
        plane.drain(within: limit)
        plane.waitUntilStopped()
        // Whoever looks for a server here shall not find the trace of one; while the lock is held it is ours.
        try? FileManager.default.removeItem(atPath: state.withLock { $0.settings.store.controlSocket })
        closeStore()
        end()
    }

    /// The loops have ended and the store is closed.
    func end() {
        data.notices.detach()
        reference.clear()
        state.withLock { $0.hasEnded = true }
        resolvePause.wake()
        log.info("stopped", "all connections are closed")
        writer.stop()
    }

    /// Has what runs once a second end.
    func endJobs() -> Task<Void, Never>? {
        let job = jobs.withLock { job in
            defer { job = nil }
            return job
        }
        job?.cancel()
        for task in [connectionJobs.withLock({ $0 }), mails.withLock({ $0 })] { task?.cancel() }
        connectionJobs.withLock { $0 = nil }
        mails.withLock { $0 = nil }
        return job
    }

    /// Writes what is only in memory and gives the data folder free.
    private func closeStore() {
        let job = endJobs()
        let (data, errands) = (data, errands)
        do {
            try Awaiting.result {
                await job?.value
                await data.passwordFlows.settle()
                await errands.settle()
                try await data.throttle.flush()
                await data.postman.settle(within: MailRoom.endAllowance)
                try await data.store.close()
            }
        } catch {
            log.error("store-not-written", "what was only in memory could not be written: \(error)")
        }
    }
}
