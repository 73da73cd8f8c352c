import Core
import EventLoop
import HTTPWire

/// What happens when an exchange cannot go on: it is tried elsewhere, the client is told, or both ends close.
extension Worker {
    /// A connection attempt failed or took too long: nothing was sent, so any request may be tried again.
    /// - Parameter words: why, where more is known than the reason says.
    func connectFailed(_ upstream: UpstreamConnection, _ reason: ReasonCode, _ words: String? = nil) {
        counters.add(.upstreamConnectFailures)
        // A carrier's failure is noted once, for all that it carried.
        if upstream.carrier == nil, let address = upstream.address {
            noteFailure(of: address, pool: upstream.pool, words)
        }
        guard upstream.exchange.client != nil, let configuration = upstream.exchange.configuration else {
            return close(upstream)
        }
        let choices = configuration.pools[upstream.exchange.upstream].reduce(0) { $0 + pools[$1].addresses.all.count }
        goElsewhere(upstream, reason, atMost: min(choices, Exchange.mostConnectAttempts))
    }

    /// Hands an exchange of which nothing was sent to another connection; after `attempts` of them the client is told.
    func goElsewhere(_ upstream: UpstreamConnection, _ reason: ReasonCode, atMost attempts: Int) {
        guard upstream.exchange.client != nil, let configuration = upstream.exchange.configuration else {
            return close(upstream)
        }
        guard upstream.exchange.connectAttempts + 1 < attempts,
            case .lent(let other) = lendAgain(upstream, of: configuration)
        else { return failExchange(upstream, reason) }
        counters.add(.upstreamRetries)
        upstream.exchange.connectAttempts += 1
        other.unsent.append(moving: &upstream.unsent)
        adopt(upstream, by: other)
    }

    /// Tries an idempotent request without a body once more (RFC 9110 §9.2.2), before the first byte of an answer.
    func retry(_ upstream: UpstreamConnection) -> Bool {
        guard upstream.exchange.retriesLeft > 0, !upstream.exchange.sentRequest.isEmpty,
            let configuration = upstream.exchange.configuration,
            case .lent(let other) = lendAgain(upstream, of: configuration, isFresh: true)
        else { return false }
        counters.add(.upstreamRetries)
        upstream.exchange.retriesLeft -= 1
        upstream.exchange.sentRequest.withBytes { other.unsent.append($0) }
        adopt(upstream, by: other)
        return true
    }

    /// Another connection for an exchange: to another server, where one is left.
    private func lendAgain(
        _ upstream: UpstreamConnection, of configuration: LoopConfiguration, isFresh: Bool = false
    ) -> Lending {
        let index = upstream.exchange.upstream
        if upstream.exchange.tried.count >= configuration.pools[index].count { upstream.exchange.tried = ServerSet() }
        return lend(
            index, of: configuration, client: upstream.exchange.clientKey, tried: &upstream.exchange.tried,
            isFresh: isFresh)
    }

    /// Hands the exchange over, with what waits in `other` already.
    func adopt(_ upstream: UpstreamConnection, by other: UpstreamConnection) {
        upstream.exchange.move(to: &other.exchange)
        if upstream.isBoundToClient { other.isBoundToClient = true }
        if let handle = other.exchange.client, let client = clients[handle] { client.upstream = other.handle }
        close(upstream)
        guard other.phase == .serving else { return }
        setDeadline(other, after: firstByteTimeout(of: other))
        sendUnsent(other)
    }

    /// Ends an exchange that cannot be completed, and tells the client if it has been told nothing yet.
    func failExchange(_ upstream: UpstreamConnection, _ reason: ReasonCode) {
        guard upstream.phase != .closed else { return }
        let isAnswerBegun = upstream.exchange.isAnswerBegun
        guard let handle = upstream.exchange.client, let client = clients[handle] else { return close(upstream) }
        if upstreamOutOwner === upstream {
            upstreamOutOwner = nil
            upstreamOut.removeAll()
        }
        client.upstream = nil
        if isAnswerBegun {
            // Half an answer cannot be mended: the connection breaks, so that nobody takes it for a whole one.
            recordExchange(upstream, reason: reason)
            close(upstream)
            return breakOff(client)
        }
        refuseExchange(client, upstream, reason)
        close(upstream)
    }

    /// The client has gone; its exchange ends with it.
    func abandonExchange(_ upstream: UpstreamConnection, _ reason: ReasonCode?) {
        recordExchange(upstream, reason: reason)
        close(upstream)
    }

    /// Nobody is served any more.
    func endExchange(_ upstream: UpstreamConnection) {
        if upstream.exchange.isTunnel { tunnels -= 1 }
        upstream.exchange.end()
    }

    /// Closes the connection and forgets it.
    func close(_ upstream: UpstreamConnection) {
        guard upstream.phase != .closed else { return }
        let phase = upstream.phase
        upstream.phase = .closed
        if phase == .idle { pools[upstream.pool].idle.removeAll { $0 == upstream.handle } }
        endExchange(upstream)
        upstreams.remove(upstream.handle)
        if phase == .waiting { return leaveRow(upstream) }
        if let carrier = upstream.carrier { return leave(upstream, carrier) }
        if upstream.isCarrier { pools[upstream.pool].carriers.removeAll { $0 == upstream.handle } }
        upstream.transport.close(upstreamScratch)
        pools[upstream.pool].count -= 1
        counters.add(.upstreamConnectionsClosed)
        noteFreed(upstream.group)
    }

    /// Closes in the middle of an answer, without the end that TLS gives a complete one.
    private func breakOff(_ client: ClientConnection) {
        send(client)
        close(client, reason: nil)
    }
}
