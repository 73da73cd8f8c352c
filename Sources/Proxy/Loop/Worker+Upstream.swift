import Access
import Core
import EventLoop
import HTTPWire

/// Stop 8: bytes to and from the application, whatever carries them.
extension Worker {
    /// Makes `upstreamOut` this connection's, sending first what another has left in it.
    func claimUpstreamOut(_ upstream: UpstreamConnection) {
        if let owner = upstreamOutOwner, owner !== upstream { flushUpstreamOut() }
        upstreamOutOwner = upstream
    }

    /// Sends what was written for an upstream, in one call; the rest waits for the socket.
    func flushUpstreamOut() {
        guard let upstream = upstreamOutOwner else { return }
        upstreamOutOwner = nil
        guard !upstreamOut.isEmpty else { return }
        defer { upstreamOut.removeAll() }
        switch upstream.phase {
        case .closed: return
        case .waiting, .connecting: upstream.unsent.append(moving: &upstreamOut)
        case .idle, .serving:
            if !transmit(upstream, &upstreamOut) { upstream.unsent.append(moving: &upstreamOut) }
        }
    }

    /// Sends over an open connection; false where the bytes must wait for another.
    private func transmit(_ upstream: UpstreamConnection, _ bytes: inout WireBuffer) -> Bool {
        if let carrier = upstream.carrier { return transmit(upstream, on: carrier, &bytes) }
        if let count = upstream.transport.send(&bytes, upstreamScratch) {
            counters.add(.upstreamBytesSent, count)
        } else {
            readLastWords(upstream)
        }
        return true
    }

    func upstreamEvent(_ upstream: UpstreamConnection, _ event: PollEvent) {
        if !upstream.isConnected {
            guard event.isWritable || event.isBroken else { return }
            let number = upstream.transport.socket.connectionError
            guard number == 0, !event.isBroken else {
                return couldNotOpen(upstream, .upstreamUnreachable, SystemError.words(ofConnecting: number))
            }
            upstream.isConnected = true
            received.removeAll()
            if case .failed(let words) = upstream.transport.begin(into: &received, upstreamScratch) {
                return couldNotOpen(upstream, .upstreamHandshakeFailed, words)
            }
            if upstream.transport.isReady, !opened(upstream) { return }
        }
        if event.isPeerClosed || event.isBroken { upstream.isPeerClosed = true }
        if event.isWritable, upstream.backlogCount > 0 {
            flush(upstream)
            guard upstream.phase != .closed else { return }
        }
        if event.isReadable || event.isPeerClosed || event.isBroken {
            upstream.canRead = true
            receive(upstream)
        }
    }

    /// The connection can carry a request: what waits for it goes out.  False where it is of no use after all.
    private func opened(_ upstream: UpstreamConnection) -> Bool {
        if upstream.isCarrier { return beginSession(upstream) }
        upstream.phase = .serving
        setDeadline(upstream, after: firstByteTimeout(of: upstream))
        sendUnsent(upstream)
        return true
    }

    /// No connection was made, or none of use.
    private func couldNotOpen(_ upstream: UpstreamConnection, _ reason: ReasonCode, _ words: String? = nil) {
        if upstream.isCarrier { return carrierBroke(upstream, reason, words) }
        connectFailed(upstream, reason, words)
    }

    /// Sends what has waited for the connection, and lets the client go on that was stopped meanwhile.
    func sendUnsent(_ upstream: UpstreamConnection) {
        guard !upstream.unsent.isEmpty else { return }
        guard transmit(upstream, &upstream.unsent) else { return }
        upstream.unsent.releaseStorage()
        resumeClient(of: upstream)
    }

    /// The upstream takes nothing more.  It may have answered before it closed (RFC 9112 §9.6): what it said is read
    /// before the exchange is given up, after this event.
    private func readLastWords(_ upstream: UpstreamConnection) {
        upstream.transport.dropBacklog()
        upstream.isPeerClosed = true
        upstream.canRead = true
        readyUpstreams.append(upstream.handle)
    }

    /// The upstream's socket takes bytes again.
    private func flush(_ upstream: UpstreamConnection) {
        guard let count = upstream.transport.flush() else { return readLastWords(upstream) }
        counters.add(.upstreamBytesSent, count)
        if upstream.isCarrier { return needsFlush(upstream) }
        resumeClient(of: upstream)
    }

    func resumeClient(of upstream: UpstreamConnection) {
        guard upstream.pendingCount < Self.pendingBound / 2 else { return }
        guard let handle = upstream.exchange.client, let client = clients[handle], client.isReadPaused else { return }
        client.isReadPaused = false
        client.receivedSinceCheck = 0
        if !client.requestBody.isComplete { setDeadline(client, after: Self.rateWindow) }
        ready.append(handle)
    }

    /// Reads until the socket is drained or the client has enough.
    func receive(_ upstream: UpstreamConnection) {
        if upstream.carrier != nil { return readStream(upstream) }
        var receives = 0
        while upstream.canRead, !upstream.isReadPaused, upstream.phase != .closed {
            guard receives < Self.receivesPerTurn else { return readyUpstreams.append(upstream.handle) }
            receives += 1
            received.removeAll()
            switch upstream.transport.receive(into: &received, size: Self.receiveSize, upstreamScratch) {
            case .bytes(let count, let isDrained):
                counters.add(.upstreamBytesReceived, count)
                if isDrained, !upstream.isPeerClosed { upstream.canRead = false }
            case .wouldBlock:
                upstream.canRead = false
                return
            case .ended:
                upstream.canRead = false
                return upstreamEnded(upstream)
            case .failed(let words):
                upstream.canRead = false
                return upstreamBroke(upstream, tlsFault: words)
            }
            if upstream.isCarrier {
                carrierReceived(upstream)
                continue
            }
            if upstream.phase == .connecting {
                guard upstream.transport.isReady, opened(upstream) else { continue }
            }
            // Records of TLS's own say nothing to us.
            guard !received.isEmpty else { continue }
            guard upstream.phase == .serving else {
                // An idle connection that says something is not to be trusted with a request.
                return close(upstream)
            }
            if upstream.isFresh { noteFirstBytes(upstream) }
            if upstream.input.isEmpty {
                let used = received.withBytes { consumeAnswer(upstream, $0) }
                received.consume(used)
                if upstream.phase != .closed, !received.isEmpty { upstream.input.append(moving: &received) }
            } else {
                upstream.input.append(moving: &received)
                let used = upstream.input.withBytes { consumeAnswer(upstream, $0) }
                upstream.input.consume(used)
            }
            finishIfComplete(upstream)
        }
    }

    func noteFirstBytes(_ upstream: UpstreamConnection) {
        upstream.isFresh = false
        if let address = upstream.address { pools[upstream.pool].addresses.answered(address) }
        servers.noteReachable(pools[upstream.pool].name, at: now)
    }

    /// The upstream has closed its side properly.
    func upstreamEnded(_ upstream: UpstreamConnection) {
        if upstream.isCarrier { return carrierBroke(upstream, .upstreamClosed) }
        guard upstream.phase == .serving else { return upstreamBroke(upstream) }
        if upstream.exchange.isAnswerBegun, upstream.exchange.responseBody.mayEndWithConnection {
            upstream.exchange.isUpstreamPersistent = false
            if let handle = upstream.exchange.client, let client = clients[handle] {
                if let link = client.stream { keepTrailers(upstream, link) }
                if upstream.exchange.answersInChunks { endChunks(upstream) }
                emitClientOut(client)
                send(client)
            }
            upstream.exchange.responseBody = BodyReader(.none)
            return finishIfComplete(upstream)
        }
        upstreamBroke(upstream)
    }

    /// The connection is of no more use; whoever waits on it is tried elsewhere or told.
    /// - Parameter tlsFault: what TLS says of it: a server that refuses our certificate says so after the handshake.
    func upstreamBroke(_ upstream: UpstreamConnection, tlsFault: String? = nil) {
        if upstream.isCarrier {
            return carrierBroke(
                upstream, upstream.phase == .connecting ? .upstreamHandshakeFailed : .upstreamClosed, tlsFault)
        }
        if upstream.phase == .connecting { return connectFailed(upstream, .upstreamHandshakeFailed, tlsFault) }
        guard upstream.phase == .serving else { return close(upstream) }
        let isSilent =
            !upstream.exchange.isAnswerBegun && upstream.input.isEmpty && upstream.exchange.interimAnswers == 0
        if upstream.isFresh, upstream.carrier == nil, let address = upstream.address {
            noteFailure(of: address, pool: upstream.pool, tlsFault ?? "it closed before it answered")
        }
        if isSilent, retry(upstream) { return }
        failExchange(upstream, upstream.isFresh && tlsFault != nil ? .upstreamHandshakeFailed : .upstreamClosed)
    }
}
