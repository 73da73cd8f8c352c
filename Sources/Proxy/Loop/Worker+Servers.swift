import Core
import EventLoop
import HostCrypto

/// Which servers there are, where they are and how they stand: what a reload, the resolver and the board say.
extension Worker {
    /// Finds the groups and pools of the current configuration, keeping those that are known already; connections to
    /// servers that are not named any more end when they are idle.
    func attachPools() {
        let source = configuration.source
        let standings = servers.standings
        let upstreams = source.settings.upstreams
        configuration.groups = upstreams.map(attachGroup)
        configuration.pools = upstreams.indices.map { upstream in
            upstreams[upstream].servers.indices.map { server in
                attachPool(server, of: upstream, standings)
            }
        }
        for (upstream, group) in configuration.groups.enumerated() {
            groups[group].pools = configuration.pools[upstream]
            noteFreed(group)
        }
        let used = Set(configuration.pools.joined())
        for pool in pools.indices {
            let wasRetired = pools[pool].isRetired
            pools[pool].isRetired = !used.contains(pool)
            if pools[pool].isRetired, !wasRetired { retireConnections(of: pool) { _ in true } }
        }
    }

    private func attachGroup(_ settings: UpstreamSettings) -> Int {
        if let found = groups.firstIndex(where: { $0.name == settings.name }) {
            groups[found].take(settings, loop: loop, of: loops)
            return found
        }
        groups.append(UpstreamGroup(settings, loop: loop, of: loops))
        return groups.count - 1
    }

    private func attachPool(_ server: Int, of upstream: Int, _ standings: [ServerName: ServerStanding]) -> Int {
        let source = configuration.source
        let settings = source.settings.upstreams[upstream]
        let name = ServerName(upstream: settings.name, server: settings.servers[server].description)
        let addresses = source.upstreamAddresses[upstream][server]
        let tls = tls(of: server, of: upstream)
        if let found = pools.firstIndex(where: {
            $0.name == name && $0.isSpokenTo(as: tls, http2: settings.speaksHTTP2)
        }) {
            take(addresses, for: found)
            pools[found].standing = standings[name] ?? ServerStanding()
            return found
        }
        var pool = UpstreamPool(
            name: name, group: configuration.groups[upstream], addresses: addresses, tls: tls,
            speaksHTTP2: settings.speaksHTTP2)
        pool.standing = standings[name] ?? ServerStanding()
        pools.append(pool)
        return pools.count - 1
    }

    private func tls(of server: Int, of upstream: Int) -> UpstreamPool.TLS? {
        let settings = configuration.source.settings.upstreams[upstream]
        guard settings.servers[server].scheme == .https, let context = configuration.source.upstreamTLS[upstream]
        else { return nil }
        return UpstreamPool.TLS(
            context: context, serverName: settings.tls.serverName ?? settings.servers[server].host, server: server)
    }

    /// Names have other addresses now.
    func takeAddresses(_ found: [ServerName: [ServerAddress]]) {
        for pool in pools.indices where !pools[pool].isRetired {
            if let addresses = found[pools[pool].name] { take(addresses, for: pool) }
        }
    }

    /// A name that does not resolve now keeps what it had.
    private func take(_ addresses: [ServerAddress], for pool: Int) {
        guard !addresses.isEmpty, addresses != pools[pool].addresses.all else { return }
        pools[pool].addresses.take(addresses)
        retireConnections(of: pool) { !addresses.contains($0) }
    }

    /// Connections to such addresses end: idle ones now, the others with their exchange.
    private func retireConnections(of pool: Int, _ isMeant: (ServerAddress) -> Bool) {
        for handle in upstreams.handles {
            guard let upstream = upstreams[handle], upstream.pool == pool, let address = upstream.address,
                isMeant(address)
            else { continue }
            upstream.isRetired = true
            if upstream.phase == .idle || upstream.isCarrier && upstream.carried == 0 { close(upstream) }
        }
    }

    /// The board says how a server stands.
    func takeStanding(_ standing: ServerStanding, of name: ServerName) {
        for pool in pools.indices where pools[pool].name == name { pools[pool].standing = standing }
    }
}
