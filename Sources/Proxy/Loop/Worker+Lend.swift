import Access
import Core
import EventLoop
import HostCrypto

/// Stop 7: a connection to the application is lent.
extension Worker {
    /// Finds the pools of the current configuration's servers, keeping those that are known already.
    func attachPools() {
        let source = configuration.source
        configuration.pools = source.settings.upstreams.indices.map { upstream in
            source.settings.upstreams[upstream].servers.indices.map { server in
                let name = source.settings.upstreams[upstream].servers[server].description
                let addresses = source.upstreamAddresses[upstream][server]
                let tls = tls(of: server, of: upstream)
                if let found = pools.firstIndex(where: { $0.server == name && $0.isSpokenTo(as: tls) }) {
                    // A name that does not resolve now keeps what it had.
                    if !addresses.isEmpty { pools[found].addresses = addresses }
                    return found
                }
                pools.append(UpstreamPool(server: name, addresses: addresses, tls: tls))
                return pools.count - 1
            }
        }
    }

    private func tls(of server: Int, of upstream: Int) -> UpstreamPool.TLS? {
        let settings = configuration.source.settings.upstreams[upstream]
        guard settings.servers[server].scheme == .https, let context = configuration.source.upstreamTLS[upstream]
        else { return nil }
        return UpstreamPool.TLS(
            context: context, serverName: settings.tls.serverName ?? settings.servers[server].host, server: server)
    }

    /// What `lend` found.
    enum Lending {
        case lent(UpstreamConnection)
        /// Nothing, and why.
        case nothing(ReasonCode)
    }

    /// Lends a connection of this loop to an upstream of `configuration`, which is the one that the request was
    /// decided on: a warm connection if there is one, else a new one.
    /// - Parameter isFresh: warm ones are passed over; after one of them was found closed, the others are likely
    ///   to be, too.
    func lend(_ index: Int, of configuration: LoopConfiguration, isFresh: Bool = false) -> Lending {
        let servers = configuration.pools[index]
        let timeout = configuration.source.settings.upstreams[index].connectTimeout
        let first = configuration.nextServer[index]
        configuration.nextServer[index] = first + 1 < servers.count ? first + 1 : 0
        var failure = ReasonCode.upstreamUnreachable
        for offset in 0..<servers.count {
            let pool = servers[(first + offset) % servers.count]
            if !isFresh, let warm = takeIdle(pool) { return .lent(warm) }
            guard pools[pool].count < UpstreamPool.mostConnections else {
                failure = .upstreamOverloaded
                continue
            }
            if let fresh = connect(pool: pool, timeout: timeout) { return .lent(fresh) }
        }
        return .nothing(failure)
    }

    private func takeIdle(_ pool: Int) -> UpstreamConnection? {
        while let handle = pools[pool].idle.popLast() {
            guard let upstream = upstreams[handle], upstream.phase == .idle else { continue }
            if upstream.endedWithoutBody, upstream.transport.socket.hasInput {
                close(upstream)
                continue
            }
            upstream.phase = .serving
            counters.add(.upstreamReuses)
            return upstream
        }
        return nil
    }

    private func connect(pool: Int, timeout: Milliseconds) -> UpstreamConnection? {
        for _ in 0..<pools[pool].addresses.count {
            guard let address = pools[pool].address() else { return nil }
            do {
                return try open(try address.connect(), pool: pool, timeout: timeout)
            } catch {
                counters.add(.upstreamConnectFailures)
            }
        }
        return nil
    }

    private func open(
        _ socket: consuming Socket, pool: Int, timeout: Milliseconds
    ) throws(SystemError) -> UpstreamConnection? {
        var session: TLSSession?
        if let tls = pools[pool].tls {
            session = TLSSession(
                tls.context, serverName: tls.serverName, server: tls.server, scratch: upstreamScratch.tls)
            guard session != nil else { return nil }
        }
        let handle = upstreams.reserve()
        let upstream = UpstreamConnection(
            handle: handle, transport: UpstreamTransport(socket, tls: session), pool: pool)
        upstreams.fill(handle, with: upstream)
        do {
            try poller.add(stream: upstream.transport.socket, token: PollToken(kind: Kind.upstream, handle: handle))
        } catch {
            upstreams.remove(handle)
            throw error
        }
        pools[pool].count += 1
        counters.add(.upstreamConnects)
        setDeadline(upstream, after: timeout.count)
        return upstream
    }

    func firstByteTimeout(of upstream: UpstreamConnection) -> UInt64 {
        upstream.exchange.rules?.limits.firstByteTimeout?.count
            ?? settings(of: upstream)?.firstByteTimeout.count ?? 60_000
    }

    func idleTimeout(of upstream: UpstreamConnection) -> UInt64 {
        upstream.exchange.rules?.limits.idleTimeout?.count ?? settings(of: upstream)?.idleTimeout.count ?? 60_000
    }

    private func settings(of upstream: UpstreamConnection) -> UpstreamSettings? {
        upstream.exchange.configuration?.source.settings.upstreams[upstream.exchange.upstream]
    }
}
