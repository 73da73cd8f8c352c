import Access
import Core
public import EventLoop
import HostCrypto
import Login
import Portal
import Proxy
import Store
import Synchronization

/// How a gateway comes to life.
extension GatewayServer {
    /// Reads the configuration, binds the listeners and begins to serve.
    /// - Parameters:
    ///   - loadSession: where sessions come from; the store unless given.
    ///   - resolver: says where servers are; the host's resolver unless given.
    ///   - loops: one for each processor unless given.
    public static func start(
        file: String, environment: [String: String],
        loadSession: SessionLoader? = nil, resolver: ServerResolver? = nil, loops: Int = Processors.available
    ) throws -> GatewayServer {
        let succession = try Succession.begin(environment)
        do {
            let server = try prepare(
                file: file, environment: environment, loadSession: loadSession, resolver: resolver, loops: loops,
                succession: succession)
            server.beginServing()
            server.noteStarted()
            succession?.complete(server)
            server.notifier.ready(server.statusText)
            return server
        } catch {
            succession?.refuse("\(error)")
            throw error
        }
    }

    /// Everything up to bound listeners: what comes in waits until `beginServing`.
    static func prepare(
        file: String, environment: [String: String], loadSession: SessionLoader?,
        resolver: ServerResolver? = nil, loops: Int, succession: Succession? = nil
    ) throws -> GatewayServer {
        let (settings, warnings) = try load(file, environment)
        let sockets = try ServiceSockets.take(environment)
        try ServiceSockets.refuseUnused(sockets, places: settings.places, file: file)
        let lock = try succession?.takeStore(of: settings)
        // Two processes on one data folder would each undo the other: the lock is taken before anything is bound.
        let data = try Awaiting.result { try await GatewayData.open(settings, lock: lock) }
        do {
            return try prepare(
                settings, warnings, data, file: file, environment: environment, loadSession: loadSession,
                resolver: resolver ?? DataPlaneAssembly.addresses, loops: loops,
                inherited: (succession?.listeners ?? []) + sockets, tickets: succession?.tickets)
        } catch {
            try? Awaiting.result { try await data.store.close() }
            throw error
        }
    }

    private static func prepare(
        _ settings: GatewaySettings, _ warnings: [ConfigurationWarning], _ data: GatewayData, file: String,
        environment: [String: String], loadSession: SessionLoader?, resolver: @escaping ServerResolver, loops: Int,
        inherited: [InheritedListener], tickets handedOver: TicketKeys?
    ) throws -> GatewayServer {
        let (access, tenantWarnings) = try asking(file) { try await data.preview(settings) }
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
        let tickets = handedOver ?? TicketKeys(now: now)
        let pages = try PortalPages(sha256: SHA256Digest.bytes)
        let assembly = DataPlaneAssembly(
            settings: settings, access: access, pages: pages, tickets: tickets, signingKey: data.signingKey,
            resolver: resolver)
        let assembled: (DataPlaneConfiguration, certificates: [DataPlaneAssembly.LoadedCertificate])
        do {
            assembled = try assembly.configuration(generation: 1)
        } catch {
            throw StartFailure.configuration("\(file): \(error)")
        }
        try asking(file) { try await data.take(settings) }
        let reference = OperationsReference()
        let errands = StoreErrands(data)
        let running = ServerReference()
        let api = data.operatorAPI(
            sharedHosts: { running.server?.sharedHosts ?? [] },
            tenantsChanged: { await running.server?.takeTenants() })
        let portal = PortalRouter.standard(
            pages: pages, securityText: nil, services: data.portalServices, further: api.routes)
        let gate = PortalGate()
        let handler = gate.guarding(portal.handler)
        let sessions = data.sessions(isEnding: { errands.isEnding($0) })
        let seams = DataPlaneSeams(
            portal: handler, loadSession: loadSession ?? { await sessions.lookup($0, $1) },
            noteUses: { errands.note($0) }, endSession: { errands.end($0, of: $1) })
        let localListeners = { @Sendable (settings: GatewaySettings) in
            [
                LocalListener(address: settings.operations.address) { await reference.answer($0) },
                LocalListener(.socket(path: settings.store.controlSocket), handler: handler),
            ]
        }
        let plane = try listening {
            var inherited = inherited
            return try DataPlane(
                assembled.0, locals: localListeners(settings), inherited: &inherited, seams: seams, log: writer,
                loops: loops)
        }
        plane.onServerChange { note($0, in: log) }
        data.notices.attach(plane)
        let server = GatewayServer(
            file: file, environment: environment, plane: plane, pages: pages, tickets: tickets, writer: writer,
            log: log,
            settings: settings, access: access, certificates: assembled.certificates, reference: reference,
            localListeners: localListeners, watchPause: try EventWait(), resolvePause: try EventWait(),
            resolver: resolver, data: data, errands: errands, gate: gate, control: try UpgradeControl())
        reference.set(server.operationsHandler)
        running.set(server)
        data.monitor.listen { change in
            switch change {
            case .failing(let words):
                log.error("store-failing", "the store cannot be used: nobody can sign in until it can: \(words)")
            case .damaged(let words): log.error("store-damaged", words)
            case .working: log.info("store-working", "the store can be used again")
            }
        }
        data.mailReports.listen { log.note($0) }
        data.sso.reports.listen { log.note($0) }
        data.breachReports.listen { log.warning("breach-check-failed", $0) }
        for warning in warnings { log.warning("configuration", "\(warning)") }
        for warning in data.warnings { log.warning("master-key", warning) }
        for warning in tenantWarnings { log.warning("tenants", warning) }
        server.noteUnresolved(assembled.0)
        return server
    }

    /// Starts the log's writer and the loops: requests and probes are answered from here on.
    func beginServing() {
        writer.start()
        plane.start()
        beginJobs()
    }

    /// Starts what runs once a second, and once a minute.
    func beginJobs() {
        let job = StoreJobs(
            data, errands: errands,
            refusals: { [plane] reason in plane.measurements.reduce(0) { $0 + $1.counters.refusals(reason) } },
            outage: { [plane] in plane.forgetSessions(endingStreams: true) })
        jobs.withLock { $0 = Task { await job.run() } }
        let postman = data.postman
        mails.withLock { $0 = Task { await postman.run() } }
        let data = data
        let task = Task {
            async let ended: Void = data.endSessionsOfGoneConnections()
            await data.connectionJobs.run()
            await ended
        }
        connectionJobs.withLock { $0 = task }
    }

    /// Runs what the store is asked in reading a configuration, and gives its faults the words for the operator.
    static func asking<Value: Sendable>(
        _ file: String, _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        do {
            return try Awaiting.result(body)
        } catch let fault as StoreFault {
            throw StartFailure(fault)
        } catch StartFailure.configuration(let words) {
            throw StartFailure.configuration("\(file): \(words)")
        }
    }

    /// The start is over: certificates are watched, and the probes pass.
    func noteStarted() {
        let settings = state.withLock { state in
            state.isStarted = true
            return state.settings
        }
        LoopThread.start(name: "gatehouse-watch") { [weak self] in
            while let server = self, server.watchOnce() {}
        }
        startResolving()
        log.info(
            "started", "serving \(settings.summary)",
            [
                "listeners": listenerAddresses.joined(separator: " "),
                "operations": operationsAddress, "loops": "\(plane.loopCount)", "version": GatehouseVersion.text,
            ])
    }

    static func load(
        _ file: String, _ environment: [String: String]
    ) throws(StartFailure) -> (GatewaySettings, [ConfigurationWarning]) {
        let outcome = ConfigurationLoader(
            environment: environment, certificateCheck: CertificateInspection.check,
            breachFileCheck: BreachFileInspection.check, metadataCheck: MetadataInspection.check
        )
        .load(file)
        switch outcome.settings {
        case .success(let settings): return (settings, outcome.warnings)
        case .failure(let faults): throw .configuration("\(faults)")
        }
    }

    static func certificateFiles(_ settings: GatewaySettings) -> [String] {
        let upstreams = settings.proxy.upstreams.map(\.tls)
        let pairs =
            settings.proxy.listeners.compactMap(\.tls).flatMap(\.certificates)
            + upstreams.compactMap(\.clientCertificate)
        return pairs.flatMap { [$0.chainFile, $0.keyFile] } + upstreams.compactMap(\.authorityFile)
    }

    func noteUnresolved(_ configuration: DataPlaneConfiguration) {
        for (upstream, servers) in zip(configuration.settings.upstreams, configuration.upstreamAddresses) {
            for (server, addresses) in zip(upstream.servers, servers) where addresses.isEmpty {
                log.warning(
                    "upstream-unresolved",
                    "the name of \(server) has no address; its requests are answered 502 until one is found, which is tried every 30 s",
                    ["upstream": upstream.name])
            }
        }
    }
}
