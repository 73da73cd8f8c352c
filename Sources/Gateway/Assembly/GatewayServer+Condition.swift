import Core
import Login
import Proxy
import Synchronization

/// What a running gateway says of itself.
extension GatewayServer {
    var operationsHandler: OperationsHandler {
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
        complete.rateBucketsEvicted = plane.rateBucketsEvicted
        complete.servers = plane.serverSightings
        complete.login = loginFigures
        complete.upgradesFailed = state.withLock { $0.upgradesFailed }
        complete.listeners = zip(state.withLock { $0.settings.proxy.listeners }, listenerAddresses).map {
            ($1, $0.tls != nil ? "https" : $0.servesInClear ? "cleartext" : "redirect")
        }
        return MetricsPage.text(plane.measurements, complete)
    }

    /// What the metrics page tells of logins and of the store.
    private var loginFigures: MetricsPage.LoginFigures {
        MetricsPage.LoginFigures(
            tenants: data.book.count, isStoreFailing: data.monitor.fault != nil, storeFailures: data.monitor.failures,
            hashes: data.hashes.metrics, throttle: data.throttle.metrics, logins: data.login.metrics,
            breaches: data.breaches.metrics, mails: data.postman.metrics, factors: data.factors.metrics,
            sso: MetricsPage.SSOFigures(
                signOn: data.sso.signOn.metrics, connections: data.sso.connections.metrics,
                statuses: data.connectionJobs.statuses))
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
        var isLogFailing: Bool
        var servers: [ServerName: ServerBoard.Sighting]
        var untrustedForwarding: UInt64
        var connections: Int
        /// Why the store cannot be used; nil where it can.
        var storeFault: String?
        var outageGrace: Milliseconds
        /// What has become of mails; nil where none is configured.
        var mail: (metrics: PostmanMetrics, fault: String?)?
        /// How each SAML connection was when it was looked at last.
        var connectionStatuses: [ConnectionStatus] = []
    }

    var condition: Condition {
        let measurements = plane.measurements
        let (logFailures, isLogFailing) = (writer.failures, writer.isFailing)
        let servers = plane.serverSightings
        let (storeFault, grace) = (data.monitor.fault, data.loginSettings().session.outageGrace)
        let mail = data.loginSettings().mail == nil ? nil : (data.postman.metrics, data.postman.fault)
        let statuses = data.connectionJobs.statuses
        return state.withLock { state in
            Condition(
                isStarted: state.isStarted, isDraining: state.isDraining, lastReloadFault: state.lastReloadFault,
                certificateFault: state.certificateFault, certificates: state.certificates,
                limits: state.settings.proxy.limits, upstreams: state.settings.proxy.upstreams,
                logFailures: logFailures, isLogFailing: isLogFailing, servers: servers,
                untrustedForwarding: measurements.reduce(0) {
                    $0 + $1.counters.value(.forwardingHeadersFromUntrusted)
                },
                connections: plane.publicConnections, storeFault: storeFault, outageGrace: grace,
                mail: mail, connectionStatuses: statuses)
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
