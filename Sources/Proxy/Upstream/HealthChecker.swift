import Core
import EventLoop
import HostCrypto

/// Asks the servers of upstreams with a `health_check` whether they are well, on one thread of its own, and tells the
/// board.
final class HealthChecker: Sendable {
    /// One server and how it is asked.
    struct Target: Sendable {
        var name: ServerName
        var settings: HealthCheckSettings
        var addresses: [ServerAddress]
        var tls: UpstreamPool.TLS?
        var speaksHTTP2: Bool
        /// The request's bytes, as HTTP/1.1 has them.
        var request: [UInt8]
    }

    enum Message: Sendable {
        case targets([Target])
        case addresses([ServerName: [ServerAddress]])
        case stop
    }

    private let worker: HealthWorker

    init(_ board: ServerBoard) throws(SystemError) { worker = try HealthWorker(board) }

    /// Begins to check, on a thread of its own.
    func start() {
        let worker = worker
        LoopThread.start(name: "gatehouse-health") { worker.run() }
    }

    func stop() { worker.mailbox.post(.stop) }

    /// Checks the servers of this configuration from now on.
    func take(_ configuration: DataPlaneConfiguration) { worker.mailbox.post(.targets(Self.targets(configuration))) }

    /// Names have other addresses now.
    func take(_ addresses: [ServerName: [ServerAddress]]) { worker.mailbox.post(.addresses(addresses)) }

    private static func targets(_ configuration: DataPlaneConfiguration) -> [Target] {
        var targets: [Target] = []
        for (index, upstream) in configuration.settings.upstreams.enumerated() {
            guard let check = upstream.healthCheck else { continue }
            for (place, server) in upstream.servers.enumerated() {
                var tls: UpstreamPool.TLS?
                if server.scheme == .https, let context = configuration.upstreamTLS[index] {
                    tls = UpstreamPool.TLS(
                        context: context, serverName: upstream.tls.serverName ?? server.host, server: place)
                }
                targets.append(
                    Target(
                        name: ServerName(upstream: upstream.name, server: server.description), settings: check,
                        addresses: configuration.upstreamAddresses[index][place], tls: tls,
                        speaksHTTP2: upstream.speaksHTTP2,
                        request: request(check, server, secret: upstream.sharedSecret)))
            }
        }
        return targets
    }

    private static func request(_ check: HealthCheckSettings, _ server: UpstreamServer, secret: String?) -> [UInt8] {
        let host = check.host ?? server.authority
        let secretLine = secret.map { "X-Gatehouse-Secret: \($0)\r\n" } ?? ""
        return Array(
            "GET \(check.path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: Gatehouse-Health\r\nAccept: */*\r\n\(secretLine)Connection: close\r\n\r\n"
                .utf8)
    }
}
