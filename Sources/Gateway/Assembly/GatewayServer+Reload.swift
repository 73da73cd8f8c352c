import Access
import Core
import EventLoop
import HostCrypto
import Login
import Proxy
import Synchronization

/// How a running gateway takes in changed files.
extension GatewayServer {
    /// Reads the configuration again.  A fault leaves everything as it was.
    /// - Returns: false where the new configuration was refused.
    @discardableResult
    public func reload() -> Bool {
        changing.withLock { _ in reloadAlone() }
    }

    private func reloadAlone() -> Bool {
        do {
            let (settings, warnings) = try Self.load(file, environment)
            try refuseWhatIsOpenedAtStart(settings)
            // 1. Everything that can fail is made before anything is changed.
            let data = data
            let (access, tenantWarnings) = try Self.asking(file) { try await data.preview(settings) }
            let (generation, old) = state.withLock { ($0.generation + 1, ($0.access, $0.settings.sessionLimits)) }
            let (configuration, certificates) = try assembly(settings, access).configuration(generation: generation)
            let listeners = try Self.listening {
                try plane.open(settings.proxy.listeners, locals: localListeners(settings))
            }
            // 2. The store, all or nothing; then the loops.
            try Self.asking(file) { try await data.take(settings) }
            warnOfSocketsLeftOpen(settings)
            plane.reconfigure(configuration, listeners: listeners)
            settleSessions(before: old.0, now: access, limitsChanged: old.1 != settings.sessionLimits)
            state.withLock { state in
                state.settings = settings
                state.access = access
                state.generation = generation
                state.certificates = certificates
                state.certificateFault = nil
                state.lastReloadFault = nil
                state.watch = FileWatch(Self.certificateFiles(settings))
                state.metadataWatch = FileWatch(Self.metadataFiles(settings))
            }
            for warning in warnings { log.warning("configuration", "\(warning)") }
            for warning in tenantWarnings { log.warning("tenants", warning) }
            noteUnresolved(configuration)
            log.info(
                "reloaded", "serving \(settings.summary)",
                [
                    "generation": "\(generation)", "listeners": listenerAddresses.joined(separator: " "),
                    "operations": operationsAddress,
                ])
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

    private func refuseWhatIsOpenedAtStart(_ fresh: GatewaySettings) throws(StartFailure) {
        let old = state.withLock { $0.settings }
        guard old.telemetry.log == fresh.telemetry.log else {
            throw .configuration("\(file): telemetry.log is set at start; restart to change it")
        }
        guard old.proxy.limits.cachedSessions == fresh.proxy.limits.cachedSessions else {
            throw .configuration("\(file): limits.cached_sessions is set at start; restart to change it")
        }
        guard old.store == fresh.store else {
            throw .configuration(
                "\(file): store, encryption.master_key_file and control_socket are opened at start; restart to change them"
            )
        }
    }

    /// Hosts that no tenant may own.
    var sharedHosts: [String] { state.withLock { $0.settings.hostsOfNoTenant } }

    /// Reads the store's tenants anew after one was made or changed, and has every loop decide by them.
    ///
    /// On a thread of its own, which may wait for a reload that is under way.
    func takeTenants() async {
        await withCheckedContinuation { continuation in
            LoopThread.start(name: "gatehouse-tenant") {
                self.changing.withLock { _ in self.takeTenantsAlone() }
                continuation.resume()
            }
        }
    }

    private func takeTenantsAlone() {
        let settings = state.withLock { $0.settings }
        do {
            let data = data
            let (access, warnings) = try Awaiting.result { try await data.refresh(settings) }
            for warning in warnings { log.warning("tenants", warning) }
            let (generation, old) = state.withLock { ($0.generation + 1, $0.access) }
            let configuration = try assembly(settings, access).configuration(generation: generation).0
            state.withLock { state in
                state.generation = generation
                state.access = access
            }
            plane.reconfigure(configuration)
            settleSessions(before: old, now: access, limitsChanged: false)
        } catch {
            data.monitor.note(error, at: Clocks.monotonic())
            log.error("tenants-kept", "changed tenants cannot be used; the ones before go on: \(error)")
        }
    }

    /// What changed tenants, roles and limits mean for sessions that loops hold: those of tenants that may not come in any
    /// more end, streams included; where roles or limits are others, each session is asked of the store anew.
    private func settleSessions(before: AccessSettings, now: AccessSettings, limitsChanged: Bool) {
        let open = Dictionary(
            now.tenants.filter { !$0.isSuspended }.map { ($0.id, $0.ownRoles) }, uniquingKeysWith: { $1 })
        for tenant in before.tenants where !tenant.isSuspended && open[tenant.id] == nil {
            data.notices.send(.ended(.tenant(tenant.id)))
        }
        let ownRolesChanged = before.tenants.contains { tenant in
            open[tenant.id].map { $0 != tenant.ownRoles } ?? false
        }
        // How long members have to set up a second factor stands in their sessions.
        let secondFactors = Dictionary(now.tenants.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let secondFactorsChanged = before.tenants.contains { tenant in
            secondFactors[tenant.id].map {
                $0.secondFactor != tenant.secondFactor || $0.secondFactorGrace != tenant.secondFactorGrace
            } ?? false
        }
        if limitsChanged || ownRolesChanged || secondFactorsChanged || before.roles != now.roles {
            plane.forgetSessions(endingStreams: false)
        }
    }

    private func assembly(_ settings: GatewaySettings, _ access: AccessSettings) -> DataPlaneAssembly {
        DataPlaneAssembly(
            settings: settings, access: access, pages: pages, tickets: tickets, signingKey: data.signingKey,
            resolver: resolver)
    }

    /// Opens the log file anew, after it was renamed.
    public func reopenLogs() {
        writer.reopen()
        log.info("log-reopened", "the log file was opened anew")
    }

    /// Looks whether certificate files have changed, once a second; false when the server has ended.
    func watchOnce() -> Bool {
        watchPause.wait(milliseconds: 1000)
        signOfLife()
        warnOfForwardingFields()
        // A reload or an upgrade that is under way looks at them itself.
        return changing.withLockIfAvailable { _ in lookAtFiles() } ?? true
    }

    /// Tells systemd's watchdog that the process lives, if every loop has had its turn since the last time.
    private func signOfLife() {
        guard notifier.watchdog != nil else { return }
        let loops = plane.loopCount
        let isAlive = signs.withLock { signs in
            defer { signs = signs.count == loops ? [] : signs }
            return signs.count == loops
        }
        if isAlive { notifier.alive() }
        plane.onEachLoop { [weak self] loop in self?.signs.withLock { _ = $0.insert(loop) } }
    }

    /// Once a start: somebody between the clients and us is not in `trusted_proxies`, or a client pretends to be.
    private func warnOfForwardingFields() {
        let count = plane.measurements.reduce(0) { $0 + $1.counters.value(.forwardingHeadersFromUntrusted) }
        let isFirst = state.withLock { state in
            guard count > 0, !state.hasWarnedOfForwarding else { return false }
            state.hasWarnedOfForwarding = true
            return true
        }
        guard isFirst else { return }
        log.warning(
            "forwarding-headers-untrusted",
            "a peer outside trusted_proxies sends X-Forwarded-* or Forwarded, which are ignored: every client behind it shares one address, and one login throttle; if it is a balancer of yours, add its addresses to trusted_proxies"
        )
    }

    private func lookAtFiles() -> Bool {
        tickets.rotate(now: SystemClock.monotonicMilliseconds)
        let (changed, settings, access, generation, isDraining) = state.withLock { state in
            (state.watch.changes(), state.settings, state.access, state.generation, state.isDraining)
        }
        guard !isDraining else { return state.withLock { !$0.hasEnded } }
        lookAtMetadata()
        guard !changed.isEmpty else { return true }
        do {
            let fresh = try assembly(settings, access).configuration(generation: generation)
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
}
