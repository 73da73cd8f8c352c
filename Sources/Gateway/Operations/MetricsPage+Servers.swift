import Core
import EventLoop
import Proxy

/// What the metrics tell of each application server.
extension MetricsPage {
    mutating func servers(_ servers: [ServerName: ServerBoard.Sighting]) {
        let sorted = servers.sorted { ($0.key.upstream, $0.key.server) < ($1.key.upstream, $1.key.server) }
        let now = SystemClock.monotonicMilliseconds
        func write(
            _ name: String, _ kind: String, _ help: String, _ value: (ServerBoard.Sighting) -> UInt64?
        ) {
            family(name, kind, help)
            for (server, sighting) in sorted {
                guard let value = value(sighting) else { continue }
                lines.append(
                    "\(name){upstream=\"\(Self.label(server.upstream))\",server=\"\(Self.label(server.server))\"} \(value)"
                )
            }
        }
        write("gatehouse_upstream_reachable", "gauge", "1 where the last connection to the server was made.") {
            $0.isReachable.map { $0 ? 1 : 0 }
        }
        write("gatehouse_upstream_serving", "gauge", "1 where the server gets requests, 0 while it is left out.") {
            $0.isHealthy && $0.outUntil.milliseconds <= now ? 1 : 0
        }
        write(
            "gatehouse_upstream_ejections_total", "counter", "Times that the server was left out because it failed."
        ) { $0.ejections }
        write("gatehouse_upstream_health_checks_total", "counter", "Health checks of the server.") {
            $0.checks == 0 ? nil : $0.checks
        }
        write("gatehouse_upstream_health_checks_failed_total", "counter", "Of these, failed.") {
            $0.checks == 0 ? nil : $0.checksFailed
        }
    }
}
