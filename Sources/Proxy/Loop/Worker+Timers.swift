import Access
import Core
import EventLoop
import HTTPWire

/// Every wait has a bound (security rule 30); this is where the bounds fall due.
extension Worker {
    /// How often the rate of bodies and of slow readers is looked at.
    static let rateWindow = Milliseconds.seconds(5)
    /// How long a closing connection may go on sending before it is cut.
    static let lingerTime = Milliseconds.seconds(2)

    func setDeadline(_ client: ClientConnection, after duration: Milliseconds) {
        client.deadline = now &+ duration.count
        guard client.deadline < client.timerDue else { return }
        client.timerDue = client.deadline
        timers.schedule(PollToken(kind: Kind.client, handle: client.handle), due: client.deadline)
    }

    func setDeadline(_ upstream: UpstreamConnection, after milliseconds: UInt64) {
        upstream.deadline = now &+ milliseconds
        guard upstream.deadline < upstream.timerDue else { return }
        upstream.timerDue = upstream.deadline
        timers.schedule(PollToken(kind: Kind.upstream, handle: upstream.handle), due: upstream.deadline)
    }

    func fireTimers() {
        while let (token, due) = timers.next(now: now) {
            counters.add(.timersFired)
            switch token.kind {
            case Kind.client:
                // An entry with another time was overtaken by an earlier one.
                guard let client = clients[token.handle], client.timerDue == due else { continue }
                client.timerDue = .max
                if client.deadline <= now {
                    expired(client)
                } else if client.deadline != .max {
                    client.timerDue = client.deadline
                    timers.schedule(token, due: client.deadline)
                }
            case Kind.upstream:
                guard let upstream = upstreams[token.handle], upstream.timerDue == due else { continue }
                upstream.timerDue = .max
                if upstream.deadline <= now {
                    expired(upstream)
                } else if upstream.deadline != .max {
                    upstream.timerDue = upstream.deadline
                    timers.schedule(token, due: upstream.deadline)
                }
            default: continue
            }
        }
    }

    private func expired(_ client: ClientConnection) {
        switch client.phase {
        case .awaitingProxyHeader:
            close(client, reason: .proxyHeaderMalformed)
        case .handshaking:
            counters.add(.handshakesFailed)
            close(client, reason: .handshakeTimeout)
        case .awaitingHead:
            if client.unsent > 0 {
                checkRates(client)
            } else if client.input.isEmpty {
                if !isDraining { counters.add(refusal: .idleTimeout) }
                closeGracefully(client)
            } else {
                refuseBeforeDecision(client, .headerTimeout)
            }
        case .multiplexing:
            if client.pending.isEmpty { expiredFrames(client) } else { checkRates(client) }
        case .awaitingSession, .awaitingPortal:
            forgetWait(client)
            client.portal = nil
            refuseBeforeDecision(client, .overloaded)
        case .forwarding, .gatheringBody:
            checkRates(client)
        case .lingering where client.unsent > 0 || client.stream != nil:
            checkRates(client)
        case .discardingBody, .lingering:
            close(client, reason: nil)
        case .closed:
            break
        }
    }

    /// Cuts whoever sends a body, or reads an answer, more slowly than the configured rate.
    private func checkRates(_ client: ClientConnection) {
        let least = minimumRate(of: client) * Int(Self.rateWindow.count) / 1000
        if let link = client.stream { client.sentSinceCheck += link.stream.takeSent() }
        let isSlowReader = client.unsent > 0 && client.sentSinceCheck < least
        let expectsBody =
            (client.phase == .forwarding && !client.requestBody.isComplete && !client.isTunnelled && !isCall(client))
            || client.phase == .gatheringBody
        // Other streams may hold what their common window has room for.
        let isHeldUp = client.stream.map { $0.session.unusedBytes >= Int(HTTP2Settings.sharedWindow) / 2 } ?? false
        let isSlowSender = expectsBody && !client.isReadPaused && !isHeldUp && client.receivedSinceCheck < least
        client.sentSinceCheck = 0
        client.receivedSinceCheck = 0
        if isSlowReader { return close(client, reason: .readTooSlow) }
        if isSlowSender { return bodyTooSlow(client) }
        if client.phase == .awaitingHead, client.unsent == 0 {
            return setDeadline(client, after: configuration.limits.idleTimeout)
        }
        // The upstream's deadline holds for both directions of a tunnel.
        if client.isTunnelled, client.unsent == 0 {
            client.deadline = .max
            return
        }
        setDeadline(client, after: Self.rateWindow)
    }

    /// Bytes a second, as the route has it.
    private func minimumRate(of client: ClientConnection) -> Int {
        let rules = client.upstream.flatMap { upstreams[$0] }?.exchange.rules
        return rules?.limits.bodyMinimumRate ?? configuration.limits.bodyMinimumRate
    }

    /// It is a gRPC call, whose client may have nothing to say for a while: the upstream's `timeouts.idle` bounds it.
    private func isCall(_ client: ClientConnection) -> Bool {
        guard let handle = client.upstream, let upstream = upstreams[handle] else { return false }
        return upstream.exchange.isGRPC
    }

    private func bodyTooSlow(_ client: ClientConnection) {
        guard let handle = client.upstream, let upstream = upstreams[handle] else {
            return refuseBeforeDecision(client, .bodyTooSlow)
        }
        failExchange(upstream, .bodyTooSlow)
    }

    /// The application waits for a body that does not come.
    private func isClientSlow(_ upstream: UpstreamConnection) -> Bool {
        !upstream.exchange.isRequestComplete && upstream.pendingCount == 0 && !upstream.exchange.isGRPC
    }

    private func expired(_ upstream: UpstreamConnection) {
        if upstream.isCarrier { return carrierExpired(upstream) }
        switch upstream.phase {
        case .waiting: failExchange(upstream, .upstreamWaitTimeout)
        case .connecting:
            connectFailed(
                upstream, upstream.isConnected ? .upstreamHandshakeFailed : .upstreamUnreachable, "it took too long")
        case .idle: close(upstream)
        case .serving where upstream.exchange.isTunnel && !upstream.isReadPaused:
            endTunnel(upstream, .idleTimeout)
        case .serving:
            if upstream.isReadPaused || isClientSlow(upstream) {
                // It is the client that is slow, and it has a bound of its own.
                setDeadline(upstream, after: idleTimeout(of: upstream))
            } else {
                failExchange(upstream, .upstreamTimeout)
            }
        case .closed: break
        }
    }
}
