import EventLoop
import Synchronization

/// What the data plane knows of application servers.
extension DataPlane {
    /// What is known of each application server.
    public var serverSightings: [ServerName: ServerBoard.Sighting] { servers.all }

    /// Where a configuration's servers are.
    static func addresses(of configuration: DataPlaneConfiguration) -> [ServerName: [ServerAddress]] {
        var found: [ServerName: [ServerAddress]] = [:]
        for (upstream, addresses) in zip(configuration.settings.upstreams, configuration.upstreamAddresses) {
            for (server, places) in zip(upstream.servers, addresses) {
                found[ServerName(upstream: upstream.name, server: server.description)] = places
            }
        }
        return found
    }

    /// Servers are somewhere else now: connections to where they were end when they are idle.  Servers that the
    /// configuration does not name, and names without an address, change nothing.
    /// - Returns: the servers whose addresses have changed.
    @discardableResult
    public func relocate(_ found: [ServerName: [ServerAddress]]) -> [ServerName] {
        let changed = known.withLock { known in
            // The resolver's order may be another each time; only which there are counts.
            let changed = found.filter { name, addresses in
                guard let before = known[name], !addresses.isEmpty else { return false }
                return Set(before) != Set(addresses)
            }
            known.merge(changed) { $1 }
            return changed
        }
        guard !changed.isEmpty else { return [] }
        for worker in workers { worker.mailbox.post(.serverAddresses(changed)) }
        checker.take(changed)
        return Array(changed.keys)
    }

    /// Names who learns of servers' changes of state; called on loops, so it must not block.
    public func onServerChange(_ body: @escaping @Sendable (ServerBoard.Change) -> Void) { servers.listen(body) }
}
