import Core
import EventLoop
import HostCrypto
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
        guard old.telemetry.log == fresh.telemetry.log else {
            throw .configuration("\(file): telemetry.log is set at start; restart to change it")
        }
        guard old.proxy.limits.cachedSessions == fresh.proxy.limits.cachedSessions else {
            throw .configuration("\(file): limits.cached_sessions is set at start; restart to change it")
        }
    }

    /// Opens the log file anew, after it was renamed.
    public func reopenLogs() {
        writer.reopen()
        log.info("log-reopened", "the log file was opened anew")
    }

    /// Looks whether certificate files have changed, once a second; false when the server has ended.
    func watchOnce() -> Bool {
        watchPause.wait(milliseconds: 1000)
        return changing.withLock { _ in lookAtFiles() }
    }

    private func lookAtFiles() -> Bool {
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
}
