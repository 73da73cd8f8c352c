import Access
import Core
import EventLoop
import HostCrypto

/// Stop 7: a connection to the application is lent.
extension Worker {
    /// What `lend` found.
    enum Lending {
        case lent(UpstreamConnection)
        /// Nothing, and why: `upstreamOverloaded` where every connection that may be open is taken.
        case nothing(ReasonCode)
    }

    /// Lends a connection of this loop to an upstream of `configuration`, which is the one that the request was
    /// decided on: a warm connection if there is one, else a new one.
    /// - Parameters:
    ///   - client: the key of the client's address, for `client_address`.
    ///   - tried: servers that are not asked; those that were come in, where one was found.
    ///   - isFresh: warm connections are passed over; after one of them was found closed, the others are likely to be,
    ///     too.
    func lend(
        _ index: Int, of configuration: LoopConfiguration, client: UInt64, tried: inout ServerSet, isFresh: Bool = false
    ) -> Lending {
        let servers = configuration.pools[index]
        let group = configuration.groups[index]
        let timeout = configuration.source.settings.upstreams[index].connectTimeout
        var asked = tried
        while let place = choose(group, servers, client, asked) {
            asked.insert(place)
            let pool = servers[place]
            if let open = pools[pool].speaksHTTP2 ? streamOnCarrier(pool, timeout) : isFresh ? nil : takeIdle(pool) {
                tried = asked
                return .lent(open)
            }
            guard makeRoom(group) else { return .nothing(.upstreamOverloaded) }
            if let fresh = connect(pool: pool, timeout: timeout) {
                tried = asked
                return .lent(pools[pool].speaksHTTP2 ? streamOnNew(fresh, timeout) : fresh)
            }
        }
        return .nothing(.upstreamUnreachable)
    }

    private func choose(_ group: Int, _ servers: [Int], _ client: UInt64, _ tried: ServerSet) -> Int? {
        groups[group].balance.choose(count: servers.count, tried: tried, client: client, random: &random) { place in
            let pool = servers[place]
            return Balance.View(
                share: pools[pool].standing.share(at: now), load: pools[pool].load,
                key: pools[pool].key)
        }
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

    /// Whether one more connection to the group may be opened; idle ones give way if they must.
    private func makeRoom(_ group: Int) -> Bool {
        var open = groups[group].pools.reduce(0) { $0 + pools[$1].count }
        while open >= groups[group].mostConnections {
            let fullest = groups[group].pools.max { pools[$0].idle.count < pools[$1].idle.count }
            guard let fullest, let coldest = pools[fullest].idle.first ?? emptyCarrier(of: group),
                let upstream = upstreams[coldest]
            else { return false }
            close(upstream)
            open -= 1
        }
        return true
    }

    private func connect(pool: Int, timeout: Milliseconds) -> UpstreamConnection? {
        for _ in 0..<pools[pool].addresses.all.count {
            guard let address = pools[pool].addresses.turn(at: now) else { return nil }
            do {
                return try open(try address.connect(), to: address, pool: pool, timeout: timeout)
            } catch {
                counters.add(.upstreamConnectFailures)
                // Our own want of descriptors is no fault of the server's.
                if !error.isOutOfDescriptors { noteFailure(of: address, pool: pool, error.words) }
            }
        }
        return nil
    }

    /// An address has failed: the server has, where it has no other.
    func noteFailure(of address: ServerAddress, pool: Int, _ words: String?) {
        guard pools[pool].addresses.failed(address, at: now) else { return }
        servers.noteFailure(pools[pool].name, at: now, words)
    }

    private func open(
        _ socket: consuming Socket, to address: ServerAddress, pool: Int, timeout: Milliseconds
    ) throws(SystemError) -> UpstreamConnection? {
        var session: TLSSession?
        if let tls = pools[pool].tls {
            session = TLSSession(
                tls.context, serverName: tls.serverName, server: tls.server, scratch: upstreamScratch.tls)
            guard session != nil else { return nil }
        }
        let handle = upstreams.reserve()
        let upstream = UpstreamConnection(
            handle: handle, transport: UpstreamTransport(socket, tls: session), pool: pool, group: pools[pool].group,
            address: address)
        upstreams.fill(handle, with: upstream)
        do {
            try upstream.transport.watch(with: poller, token: PollToken(kind: Kind.upstream, handle: handle))
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
