import Core
import EventLoop
public import Proxy
import Synchronization

/// What a running gateway finds out about application servers: where they are now, and what the log says of them.
extension GatewayServer {
    /// How often names are resolved.  The host's resolver tells no lifetimes; this is what most names of services have.
    static let resolveInterval = Milliseconds.seconds(30)

    /// Where a server is now; blocks.
    public typealias ServerResolver = @Sendable (UpstreamServer) -> [ServerAddress]

    /// Resolves names again and again, on a thread of its own, until the server ends.
    func startResolving() {
        LoopThread.start(name: "gatehouse-names") { [weak self, resolvePause] in
            while true {
                resolvePause.wait(milliseconds: Int32(Self.resolveInterval.count))
                guard let server = self, server.resolveOnce() else { return }
            }
        }
    }

    /// Resolves the names of all servers, and has the loops use what was found; false when the server has ended.
    @discardableResult
    func resolveOnce() -> Bool {
        let (upstreams, isDraining) = state.withLock { ($0.settings.proxy.upstreams, $0.isDraining) }
        guard !isDraining else { return false }
        var found: [ServerName: [ServerAddress]] = [:]
        for upstream in upstreams {
            for server in upstream.servers where server.hasName {
                found[ServerName(upstream: upstream.name, server: server.description)] = resolver(server)
            }
        }
        for name in plane.relocate(found) {
            let addresses = found[name, default: []].map(\.description).joined(separator: " ")
            log.info(
                "upstream-resolved", "the name of \(name.server) has other addresses now",
                ["upstream": name.upstream, "server": name.server, "addresses": addresses])
        }
        return true
    }

    /// The log's line for a server's change of state.
    static func note(_ change: ServerBoard.Change, in log: ServerLog) {
        var fields = ["upstream": change.name.upstream, "server": change.name.server]
        if let fault = change.fault { fields["fault"] = fault }
        switch change.kind {
        case .unreachable: log.warning("upstream-unreachable", "a server cannot be reached, or breaks off", fields)
        case .reachable: log.info("upstream-reachable", "a server can be reached again", fields)
        case .ejected(let length):
            log.warning(
                "upstream-ejected",
                "a server has failed several times in a row and gets no requests for \(length.count / 1000) s", fields)
        case .returned: log.info("upstream-returned", "a server answers again and gets more and more requests", fields)
        case .unhealthy: log.warning("upstream-unhealthy", "a server's health checks fail: it gets no requests", fields)
        case .healthy:
            log.info("upstream-healthy", "a server's health checks pass: it gets more and more requests", fields)
        }
    }
}

extension UpstreamServer {
    /// Its host is a name, which may have other addresses tomorrow.
    var hasName: Bool { scheme != .unix && ClientAddress(host) == nil }
}
