import Core
import EventLoop

/// Stop 7: a connection to the application is lent.
extension Worker {
    /// Finds the pools of the current configuration's servers, keeping those that are known already.
    func attachPools() {
        let source = configuration.source
        configuration.pools = source.settings.upstreams.indices.map { upstream in
            source.settings.upstreams[upstream].servers.indices.map { server in
                let name = source.settings.upstreams[upstream].servers[server].description
                let addresses = source.upstreamAddresses[upstream][server]
                if let found = pools.firstIndex(where: { $0.server == name }) {
                    pools[found].addresses = addresses
                    return found
                }
                pools.append(UpstreamPool(server: name, addresses: addresses))
                return pools.count - 1
            }
        }
    }

    /// Why `lend` last found nothing.
    var lendFailure: ReasonCode {
        pools.contains { $0.count >= UpstreamPool.mostConnections } ? .upstreamOverloaded : .upstreamUnreachable
    }

    /// Lends a connection of this loop to the upstream: a warm one if there is one, else a new one.
    func lend(_ index: Int, of configuration: LoopConfiguration) -> UpstreamConnection? {
        let servers = configuration.pools[index]
        guard !servers.isEmpty else { return nil }
        let first = configuration.nextServer[index]
        configuration.nextServer[index] = first + 1 < servers.count ? first + 1 : 0
        for offset in 0..<servers.count {
            let pool = servers[(first + offset) % servers.count]
            if let upstream = lend(pool: pool) { return upstream }
        }
        return nil
    }

    private func lend(pool: Int) -> UpstreamConnection? {
        while let handle = pools[pool].idle.popLast() {
            guard let upstream = upstreams[handle], upstream.phase == .idle else { continue }
            upstream.phase = .serving
            upstream.uses += 1
            counters.add(.upstreamReuses)
            return upstream
        }
        return connect(pool: pool)
    }

    private func connect(pool: Int) -> UpstreamConnection? {
        guard pools[pool].count < UpstreamPool.mostConnections else { return nil }
        let attempts = pools[pool].addresses.count
        for _ in 0..<attempts {
            guard let address = pools[pool].address() else { return nil }
            do {
                let socket = try Socket.connecting(to: address)
                return try open(socket, pool: pool)
            } catch {
                counters.add(.upstreamConnectFailures)
            }
        }
        return nil
    }

    private func open(_ socket: consuming Socket, pool: Int) throws(SystemError) -> UpstreamConnection {
        let handle = upstreams.reserve()
        let upstream = UpstreamConnection(handle: handle, socket: socket, pool: pool)
        upstreams.fill(handle, with: upstream)
        do {
            try poller.add(stream: upstream.socket, token: PollToken(kind: Kind.upstream, handle: handle))
        } catch {
            upstreams.remove(handle)
            throw error
        }
        pools[pool].count += 1
        counters.add(.upstreamConnects)
        upstream.uses = 1
        setDeadline(upstream, after: connectTimeout(pool: pool))
        return upstream
    }

    private func connectTimeout(pool: Int) -> UInt64 {
        for (upstream, servers) in configuration.pools.enumerated() where servers.contains(pool) {
            return configuration.source.settings.upstreams[upstream].connectTimeout.count
        }
        return 2000
    }

    func firstByteTimeout(of upstream: UpstreamConnection) -> UInt64 {
        settings(of: upstream)?.firstByteTimeout.count ?? 60_000
    }

    func idleTimeout(of upstream: UpstreamConnection) -> UInt64 {
        settings(of: upstream)?.idleTimeout.count ?? 60_000
    }

    private func settings(of upstream: UpstreamConnection) -> UpstreamSettings? {
        upstream.exchange.configuration?.source.settings.upstreams[upstream.exchange.upstream]
    }
}
