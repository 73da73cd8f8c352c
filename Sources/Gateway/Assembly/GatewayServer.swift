public import Access
public import Core
public import EventLoop
import Foundation
import HTTPTypes
import HostCrypto
import Portal
public import Proxy
import Synchronization

/// A running gateway: the data plane, its operations listener, its log, and what happens to them over time.
///
/// ```
/// let server = try GatewayServer.start(file: "config/gatehouse.yaml", environment: ProcessEnvironment.ofThisProcess)
/// server.serveUntilStopped()
/// ```
public final class GatewayServer: Sendable {
    /// How long requests under way may take when the process is asked to stop.
    public static let drainLimit = Milliseconds.seconds(25)

    /// Why a gateway does not start; each says where, what, and how to mend it.
    public enum StartFailure: Error, Sendable, CustomStringConvertible {
        /// Exit code 78.
        case configuration(String)
        /// Something that the configuration names is not to be had: a port, a log file.  Exit code 69.
        case unavailable(String)

        public var description: String {
            switch self {
            case .configuration(let text), .unavailable(let text): text
            }
        }
    }

    /// Loads sessions that no loop holds; tests and benchmarks put their own here.
    public typealias SessionLoader = @Sendable (SessionKey) async -> SessionEntry?

    private struct State {
        var settings: GatewaySettings
        var generation: UInt64 = 1
        var reloadsRefused: UInt64 = 0
        var lastReloadFault: String?
        var certificates: [DataPlaneAssembly.LoadedCertificate]
        var certificateFault: String?
        var watch: FileWatch
        var isStarted = false
        var isDraining = false
    }

    private let file: String
    private let environment: [String: String]
    private let plane: DataPlane
    private let pages: PortalPages
    private let tickets: TicketKeys
    private let writer: LogWriter
    private let state: Mutex<State>
    private let startedAt: Int64
    private let reference: OperationsReference
    /// Where the process's own events are logged.
    public let log: ServerLog

    private init(
        file: String, environment: [String: String], plane: DataPlane, pages: PortalPages, tickets: TicketKeys,
        writer: LogWriter, log: ServerLog, settings: GatewaySettings,
        certificates: [DataPlaneAssembly.LoadedCertificate], reference: OperationsReference
    ) {
        self.file = file
        self.environment = environment
        self.plane = plane
        self.pages = pages
        self.tickets = tickets
        self.writer = writer
        self.log = log
        self.reference = reference
        startedAt = SystemClock.wallMilliseconds / 1000
        state = Mutex(
            State(
                settings: settings, certificates: certificates, watch: FileWatch(Self.certificateFiles(settings))))
    }

    /// Reads the configuration, binds the listeners and begins to serve.
    /// - Parameters:
    ///   - loadSession: where sessions come from.
    ///   - loops: one for each processor unless given.
    public static func start(
        file: String, environment: [String: String],
        loadSession: @escaping SessionLoader = { _ in nil }, loops: Int = Processors.available
    ) throws -> GatewayServer {
        let (settings, warnings) = try load(file, environment)
        _ = OpenFiles.raiseLimit()
        let writer: LogWriter
        do {
            writer = try LogWriter(path: settings.telemetry.log.file ?? "")
        } catch {
            throw StartFailure.unavailable(
                "telemetry.log.file: \(error); check that the folder exists and that this user may write there")
        }
        let log = ServerLog(settings: settings.telemetry.log) { writer.write(line: $0) }
        let now = SystemClock.monotonicMilliseconds
        let tickets = TicketKeys(now: now)
        let pages = try PortalPages(sha256: SHA256Digest.bytes)
        let assembly = DataPlaneAssembly(settings: settings, pages: pages, tickets: tickets)
        let assembled: (DataPlaneConfiguration, certificates: [DataPlaneAssembly.LoadedCertificate])
        do {
            assembled = try assembly.configuration(generation: 1)
        } catch {
            throw StartFailure.configuration("\(file): \(error)")
        }
        let reference = OperationsReference()
        let portal = PortalRouter.standard(pages: pages, securityText: nil)
        let seams = DataPlaneSeams(portal: portal.handler, loadSession: loadSession)
        let plane: DataPlane
        do {
            plane = try DataPlane(
                assembled.0,
                locals: [LocalListener(address: settings.operations.address) { await reference.answer($0) }],
                seams: seams, log: writer, loops: loops)
        } catch let failure as DataPlane.ListenFailure {
            throw StartFailure.unavailable(words(for: failure))
        }
        let server = GatewayServer(
            file: file, environment: environment, plane: plane, pages: pages, tickets: tickets, writer: writer,
            log: log,
            settings: settings, certificates: assembled.certificates, reference: reference)
        reference.set(server.operationsHandler)
        writer.start()
        for warning in warnings { log.warning("configuration", "\(warning)") }
        server.noteUnresolved(assembled.0)
        plane.start()
        server.state.withLock { $0.isStarted = true }
        LoopThread.start(name: "gatehouse-watch") { [weak server] in
            while let server, server.watchOnce() {}
        }
        let ports = plane.ports
        log.info(
            "started", "serving \(settings.summary)",
            [
                "listeners": zip(settings.proxy.listeners, ports.gateway).map { listener, port in
                    ListenAddress(address: listener.address.address, port: port).description
                }.joined(separator: " "),
                "operations": server.operationsAddress, "loops": "\(plane.loopCount)",
                "version": GatehouseVersion.text,
            ])
        return server
    }

    private static func load(
        _ file: String, _ environment: [String: String]
    ) throws(StartFailure) -> (GatewaySettings, [ConfigurationWarning]) {
        let outcome = ConfigurationLoader(environment: environment, certificateCheck: CertificateInspection.check)
            .load(file)
        switch outcome.settings {
        case .success(let settings): return (settings, outcome.warnings)
        case .failure(let faults): throw .configuration("\(faults)")
        }
    }

    private static func words(for failure: DataPlane.ListenFailure) -> String {
        let mend =
            if failure.cause.isAddressInUse {
                "another process listens there: find it with `ss -ltnp 'sport = :\(failure.address.port)'`, stop it, or choose another port"
            } else if failure.cause.isPermissionDenied {
                "ports below 1024 need CAP_NET_BIND_SERVICE: `setcap cap_net_bind_service=+ep` on the binary, or AmbientCapabilities in systemd"
            } else if failure.cause.isAddressUnavailable {
                "no interface of this machine has that address: see `ip address`"
            } else {
                "check the address"
            }
        return "cannot listen on \(failure.address): \(failure.cause.words); \(mend)"
    }

    private static func certificateFiles(_ settings: GatewaySettings) -> [String] {
        settings.proxy.listeners.flatMap { $0.tls.certificates.flatMap { [$0.chainFile, $0.keyFile] } }
    }

    private func noteUnresolved(_ configuration: DataPlaneConfiguration) {
        for (upstream, servers) in zip(configuration.settings.upstreams, configuration.upstreamAddresses) {
            for (server, addresses) in zip(upstream.servers, servers) where addresses.isEmpty {
                log.warning(
                    "upstream-unresolved",
                    "the name of \(server) has no address; its requests are answered 502 until a reload finds one",
                    ["upstream": upstream.name])
            }
        }
    }

    // MARK: - Addresses

    /// The ports of the public listeners, as bound.
    public var listenerPorts: [UInt16] { plane.ports.gateway }
    /// The port of the operations listener, as bound.
    public var operationsPort: UInt16 { plane.ports.local.first ?? 0 }

    private var operationsAddress: String {
        let address = state.withLock { $0.settings.operations.address.address }
        return ListenAddress(address: address, port: operationsPort).description
    }

    /// Puts a session into every loop's table.
    public func insert(_ entry: SessionEntry, for key: SessionKey) { plane.insert(entry, for: key) }

    /// What the loops have counted.
    public var measurements: [(counters: LoopCounters, gauges: LoopGauges)] { plane.measurements }

    // MARK: - Life

    /// Reads the configuration again.  A fault leaves everything as it was.
    /// - Returns: false where the new configuration was refused.
    @discardableResult
    public func reload() -> Bool {
        do {
            let (settings, warnings) = try Self.load(file, environment)
            try refuseMovedListeners(settings)
            let generation = state.withLock { $0.generation } + 1
            let (configuration, certificates) = try DataPlaneAssembly(
                settings: settings, pages: pages, tickets: tickets
            ).configuration(generation: generation)
            plane.reconfigure(configuration)
            state.withLock { state in
                state.settings = settings
                state.generation = generation
                state.certificates = certificates
                state.certificateFault = nil
                state.lastReloadFault = nil
                state.watch = FileWatch(Self.certificateFiles(settings))
            }
            for warning in warnings { log.warning("configuration", "\(warning)") }
            noteUnresolved(configuration)
            log.info("reloaded", "serving \(settings.summary)", ["generation": "\(generation)"])
            return true
        } catch {
            let words = "\(error)"
            state.withLock { state in
                state.reloadsRefused += 1
                state.lastReloadFault = words
            }
            log.error("reload-refused", "the configuration has faults; the old one goes on", ["faults": words])
            return false
        }
    }

    /// Listeners are bound at start; a reload cannot move them.
    private func refuseMovedListeners(_ fresh: GatewaySettings) throws(StartFailure) {
        let old = state.withLock { $0.settings }
        let before = old.proxy.listeners.map(\.address)
        let after = fresh.proxy.listeners.map(\.address)
        guard before == after, old.operations.address == fresh.operations.address else {
            throw .configuration(
                "\(file): listeners[].address and operations.address are bound at start: was \(before.map(\.description)) and \(old.operations.address), is \(after.map(\.description)) and \(fresh.operations.address); restart to move them"
            )
        }
        guard old.telemetry.log.file == fresh.telemetry.log.file else {
            throw .configuration("\(file): telemetry.log.file is opened at start; restart to move it")
        }
    }

    /// Opens the log file anew, after it was renamed.
    public func reopenLogs() {
        writer.reopen()
        log.info("log-reopened", "the log file was opened anew")
    }

    /// Looks whether certificate files have changed, once a second; false when the server has ended.
    private func watchOnce() -> Bool {
        guard let pause = try? EventWait() else { return false }
        pause.wait(milliseconds: 1000)
        tickets.rotate(now: SystemClock.monotonicMilliseconds)
        let (changed, settings, generation, isDraining) = state.withLock { state in
            (state.watch.changes(), state.settings, state.generation, state.isDraining)
        }
        guard !isDraining else { return false }
        guard !changed.isEmpty else { return true }
        do {
            let fresh = try DataPlaneAssembly(settings: settings, pages: pages, tickets: tickets)
                .configuration(generation: generation)
            plane.reconfigure(fresh.0)
            state.withLock { state in
                state.certificates = fresh.certificates
                state.certificateFault = nil
            }
            log.info(
                "certificates-read", "changed certificate files were read", ["files": changed.joined(separator: " ")])
        } catch {
            // A chain and its key are two files: between two renames they do not match.  The old pair serves,
            // and the next look tries again when the other file has come.
            state.withLock { $0.certificateFault = "\(error)" }
            log.warning("certificates-kept", "changed certificate files cannot be used; the old ones go on: \(error)")
        }
        return true
    }

    /// Serves until SIGTERM or SIGINT, and reloads on SIGHUP; blocks.  `SignalSource.block` must have been called
    /// before any thread was started.
    public func serveUntilStopped() {
        guard let signals = try? SignalSource() else { return stop() }
        while true {
            switch signals.next() {
            case .stop: return stop()
            case .reload: reload()
            case .reopenLogs: reopenLogs()
            case nil: continue
            }
        }
    }

    /// Stops accepting, lets requests under way finish within `drainLimit`, and ends.
    public func stop(within limit: Milliseconds = GatewayServer.drainLimit) {
        state.withLock { $0.isDraining = true }
        log.info("draining", "no new connections; requests under way may take \(limit.count / 1000) s")
        plane.drain(within: limit)
        plane.waitUntilStopped()
        log.info("stopped", "all connections are closed")
        writer.stop()
    }

    // MARK: - Operations

    private var operationsHandler: OperationsHandler {
        let checks = HealthChecks(server: self)
        return OperationsHandler(probes: checks.probes, metrics: { [weak self] in self?.metricsText ?? "" })
    }

    private var metricsText: String {
        let facts = state.withLock { state in
            MetricsPage.Facts(
                generation: state.generation, reloadsRefused: state.reloadsRefused, isDraining: state.isDraining,
                logFailures: 0, certificates: state.certificates, servers: [:], startedAt: startedAt,
                limits: state.settings.proxy.limits)
        }
        var complete = facts
        complete.logFailures = writer.failures
        complete.servers = plane.serverSightings
        return MetricsPage.text(plane.measurements, complete)
    }

    /// What the checks look at.
    struct Condition: Sendable {
        var isStarted: Bool
        var isDraining: Bool
        var lastReloadFault: String?
        var certificateFault: String?
        var certificates: [DataPlaneAssembly.LoadedCertificate]
        var limits: LimitSettings
        var upstreams: [UpstreamSettings]
        var logFailures: UInt64
        var servers: [String: ServerBoard.Sighting]
        var untrustedForwarding: UInt64
        var connections: UInt64
    }

    var condition: Condition {
        let measurements = plane.measurements
        let logFailures = writer.failures
        let servers = plane.serverSightings
        return state.withLock { state in
            Condition(
                isStarted: state.isStarted, isDraining: state.isDraining, lastReloadFault: state.lastReloadFault,
                certificateFault: state.certificateFault, certificates: state.certificates,
                limits: state.settings.proxy.limits, upstreams: state.settings.proxy.upstreams,
                logFailures: logFailures, servers: servers,
                untrustedForwarding: measurements.reduce(0) {
                    $0 + $1.counters.value(.forwardingHeadersFromUntrusted)
                },
                connections: measurements.reduce(0) { $0 + $1.gauges.value(.clientConnections) })
        }
    }

    /// How many loops answer within `limit`, of how many.
    func respondingLoops(within limit: Milliseconds) async -> (answered: Int, of: Int) {
        let answered = Answered()
        plane.onEachLoop { answered.note($0) }
        let count = plane.loopCount
        var waited: UInt64 = 0
        while answered.count < count, waited < limit.count {
            try? await Task.sleep(for: .milliseconds(5))
            waited += 5
        }
        return (answered.count, count)
    }

    /// Runs on each loop; for tests that stop one.
    func onEachLoop(_ body: @escaping @Sendable (Int) -> Void) { plane.onEachLoop(body) }

    private final class Answered: Sendable {
        private let loops = Mutex<Set<Int>>([])
        func note(_ loop: Int) { loops.withLock { _ = $0.insert(loop) } }
        var count: Int { loops.withLock { $0.count } }
    }
}

/// The handler of the operations listener, which is bound before the server that answers exists.
final class OperationsReference: Sendable {
    private let handler = Mutex<OperationsHandler?>(nil)

    func set(_ handler: OperationsHandler) { self.handler.withLock { $0 = handler } }

    func answer(_ request: PortalRequest) async -> PortalResponse {
        guard let handler = handler.withLock({ $0 }) else {
            return PortalResponse(head: .init(status: .serviceUnavailable), body: Array("starting\n".utf8))
        }
        return await handler.answer(request)
    }
}
