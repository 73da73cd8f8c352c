import Core
import EventLoop
import Foundation
import Login
import Proxy

/// The named checks of a running gateway, and which probe asks which.
struct HealthChecks: Sendable {
    private let server: Reference

    /// Checks must not keep the server alive.
    private final class Reference: Sendable {
        weak let server: GatewayServer?
        init(_ server: GatewayServer) { self.server = server }
    }

    /// How long a loop may take to give a sign of life.
    static let loopPatience = Milliseconds.seconds(1)
    /// A certificate that ends sooner is worth an operator's look.
    static let certificateNotice: Int64 = 14 * 86_400

    init(server: GatewayServer) { self.server = Reference(server) }

    /// Which probe asks what.
    var probes: OperationsHandler.Probes {
        OperationsHandler.Probes(
            live: [loops], ready: [started, draining, loops, certificates, connections, forwarding, waitingMail],
            startup: [started],
            health: [
                started, draining, loops, certificates, connections, forwarding, configuration, store, upstreams, mail,
                singleSignOn, log,
            ])
    }

    private func check(
        _ name: String, _ look: @escaping @Sendable (GatewayServer.Condition) -> HealthCheck.Finding
    ) -> HealthCheck {
        HealthCheck(name: name) { [server] in
            guard let condition = server.server?.condition else {
                return .init(isHealthy: false, detail: "the server has ended")
            }
            return look(condition)
        }
    }

    private var loops: HealthCheck {
        HealthCheck(name: "loops") { [server] in
            guard let running = server.server else { return .init(isHealthy: false, detail: "the server has ended") }
            let (answered, count) = await running.respondingLoops(within: Self.loopPatience)
            return .init(
                isHealthy: answered == count,
                detail: answered == count
                    ? "\(answered) of \(count) event loops answered"
                    : "\(answered) of \(count) event loops answered within \(Self.loopPatience.count) ms; restart the process and report the log"
            )
        }
    }

    private var started: HealthCheck {
        check("started") { condition in
            .init(isHealthy: condition.isStarted, detail: condition.isStarted ? "serving" : "still starting")
        }
    }

    private var draining: HealthCheck {
        check("draining") { condition in
            .init(
                isHealthy: !condition.isDraining,
                detail: condition.isDraining ? "stopping: send new traffic elsewhere" : "not draining")
        }
    }

    private var certificates: HealthCheck {
        check("certificates") { condition in
            let now = SystemClock.wallMilliseconds / 1000
            if let expired = condition.certificates.first(where: { $0.notAfter <= now }) {
                return .init(
                    isHealthy: false,
                    detail:
                        "\(expired.file) has expired; put the new chain and key in place, they are read within a second"
                )
            }
            let soonest = condition.certificates.map { ($0.notAfter - now) / 86_400 }.min() ?? 0
            let note = condition.certificateFault.map { "; a changed file cannot be used: \($0)" } ?? ""
            return .init(
                isHealthy: true,
                detail: "\(condition.certificates.count) in use, the first ends in \(soonest) days\(note)")
        }
    }

    private var connections: HealthCheck {
        check("connections") { condition in
            let limit = condition.limits.connections
            return .init(
                isHealthy: condition.connections < limit,
                detail: condition.connections < limit
                    ? "\(condition.connections) of \(limit)"
                    : "\(condition.connections) of \(limit): new ones are refused; raise limits.connections or add a machine"
            )
        }
    }

    private var forwarding: HealthCheck {
        check("forwarding-headers") { condition in
            .init(
                isHealthy: true,
                detail: condition.untrustedForwarding == 0
                    ? "none from untrusted peers"
                    : "\(condition.untrustedForwarding) requests with forwarding fields from peers outside trusted_proxies; if a balancer of yours sends them, add its addresses"
            )
        }
    }

    private var configuration: HealthCheck {
        check("configuration") { condition in
            .init(
                isHealthy: condition.lastReloadFault == nil,
                detail: condition.lastReloadFault.map { "the last reload was refused, the one before serves: \($0)" }
                    ?? "the files as last read are in force")
        }
    }

    private var store: HealthCheck {
        check("store") { condition in
            .init(
                isHealthy: condition.storeFault == nil,
                detail: condition.storeFault.map {
                    "\($0); nobody can sign in, and sessions in memory go on for \(condition.outageGrace.count / 60_000) minutes from the first failure"
                } ?? "the last write was durable")
        }
    }

    private var mail: HealthCheck {
        check("mail") { condition in
            .init(isHealthy: condition.mail?.fault == nil, detail: Self.words(condition.mail))
        }
    }

    /// For readiness: a mail server that is down is no reason to send traffic elsewhere.
    private var waitingMail: HealthCheck {
        check("mail") { condition in .init(isHealthy: true, detail: Self.words(condition.mail)) }
    }

    private static func words(_ mail: (metrics: PostmanMetrics, fault: String?)?) -> String {
        guard let mail else { return "not configured: no mail is sent" }
        let waiting = "\(mail.metrics.waiting) waiting, \(mail.metrics.sent) sent since the start"
        return mail.fault.map {
            "no mail leaves: \($0); \(waiting); sign-ins go on, and mails go out when the mail server takes them"
        } ?? waiting
    }

    private var singleSignOn: HealthCheck {
        check("single-sign-on") { condition in
            let statuses = condition.connectionStatuses
            let failing = statuses.filter { $0.fault != nil || $0.entityID == nil }
            let words = failing.map { "\($0.name) of \($0.tenant) (\($0.fault ?? "there is none that may be used"))" }
            return .init(
                isHealthy: failing.isEmpty,
                detail: failing.isEmpty
                    ? "\(ShownText.count(statuses.count, "SAML connection")) in use, each with its provider's metadata"
                    : "metadata of providers fails: \(ShownText.list(words)); `gatehouse saml test` looks at it now, and a former "
                        + "document serves until it ends")
        }
    }

    private var upstreams: HealthCheck {
        check("upstreams") { condition in
            let bad = condition.servers.filter { $0.value.isReachable == false || !$0.value.isHealthy }
                .sorted { ($0.key.upstream, $0.key.server) < ($1.key.upstream, $1.key.server) }
            func shown(_ isMeant: (ServerBoard.Sighting) -> Bool) -> String {
                bad.filter { isMeant($0.value) }.map { name, sighting in
                    sighting.fault.map { "\(name.server) (\($0))" } ?? name.server
                }.joined(separator: ", ")
            }
            let (unhealthy, unreachable) = (shown { !$0.isHealthy }, shown { $0.isHealthy })
            return .init(
                isHealthy: bad.isEmpty,
                detail: bad.isEmpty
                    ? "no server refused its last connection"
                    : [
                        unreachable.isEmpty ? "" : "not reachable at the last attempt: \(unreachable)",
                        unhealthy.isEmpty ? "" : "health checks fail: \(unhealthy)",
                        "requests go to an upstream's other servers, and are answered 502 where there are none",
                    ].filter { !$0.isEmpty }.joined(separator: "; ")
            )
        }
    }

    private var log: HealthCheck {
        check("log") { condition in
            .init(
                isHealthy: !condition.isLogFailing,
                detail: condition.isLogFailing
                    ? "the last batch could not be written, \(condition.logFailures) since the start; is the disk full?"
                    : "the last batch was written; \(condition.logFailures) since the start were not")
        }
    }
}
