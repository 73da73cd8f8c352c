import Core
import EventLoop
import HTTPWire
import HostCrypto

/// The way back out: plaintext is encrypted, sent in one call, and kept where the socket is full; connections end.
extension Worker {
    /// Hands plaintext to the client's connection; what leaves together is sent together by `send`.
    func emit(_ client: ClientConnection, _ bytes: RawSpan) {
        if let link = client.stream {
            emit(client, link, bytes)
        } else if client.tls != nil {
            if client.tls?.send(bytes) != true { client.closesWhenSent = true }
        } else {
            cleartextOut.append(bytes)
        }
    }

    /// Emits what was written into `clientOut`.
    func emitClientOut(_ client: ClientConnection) {
        guard !clientOut.isEmpty else { return }
        if let link = client.stream {
            clientOut.withBytes { emit(client, link, $0) }
            clientOut.removeAll()
        } else if client.tls != nil {
            let isSent = clientOut.withBytes { client.tls?.send($0) }
            if isSent != true { client.closesWhenSent = true }
            clientOut.removeAll()
            if clientOut.heldBytes > Self.keptScratch { clientOut.releaseStorage() }
        } else {
            cleartextOut.append(moving: &clientOut)
        }
    }

    /// Sends what waits in the scratch, in one call; the rest waits for the socket.
    func send(_ client: ClientConnection) {
        // A stream's connection sends for it, at the end of the turn.
        guard client.stream == nil else { return }
        if client.tls != nil {
            guard tlsScratch.outgoingCount > 0 else { return }
            tlsScratch.withOutgoing { send(client, $0) }
            tlsScratch.clearOutgoing()
        } else {
            guard !cleartextOut.isEmpty else { return }
            cleartextOut.withBytes { send(client, $0) }
            cleartextOut.removeAll()
            if cleartextOut.heldBytes > Self.keptScratch { cleartextOut.releaseStorage() }
        }
        if client.closesWhenSent, client.pending.isEmpty, client.phase != .closed { linger(client) }
    }

    private func send(_ client: ClientConnection, _ bytes: RawSpan) {
        guard client.pending.isEmpty else { return client.pending.append(bytes) }
        switch client.socket.send(bytes) {
        case .bytes(let count):
            counters.add(.bytesSent, count)
            client.sentSinceCheck += count
            if count < bytes.byteCount { keepPending(client, bytes.extracting(count..<bytes.byteCount)) }
        case .wouldBlock:
            keepPending(client, bytes)
        case .ended, .failed:
            client.isPeerClosed = true
            client.closesWhenSent = true
        }
    }

    private func keepPending(_ client: ClientConnection, _ bytes: RawSpan) {
        client.pending.append(bytes)
        client.sentSinceCheck = 0
        setDeadline(client, after: Self.rateWindow)
    }

    /// The socket takes bytes again.
    func flush(_ client: ClientConnection) {
        let transfer = client.pending.withBytes { client.socket.send($0) }
        switch transfer {
        case .bytes(let count):
            counters.add(.bytesSent, count)
            client.sentSinceCheck += count
            client.pending.consume(count)
        case .wouldBlock: return
        case .ended, .failed: return close(client, reason: .clientClosed)
        }
        guard client.pending.isEmpty else { return }
        client.pending.releaseStorage()
        if client.closesWhenSent { return linger(client) }
        if let http2 = client.http2 {
            http2.wait = http2.wait == .lastStream ? .lastStream : nil
            return list(client)
        }
        if client.phase == .awaitingHead {
            setDeadline(client, after: configuration.limits.idleTimeout)
            if client.isReadPaused {
                client.isReadPaused = false
                ready.append(client.handle)
            }
        }
        if let handle = client.upstream, let upstream = upstreams[handle], upstream.isReadPaused {
            upstream.isReadPaused = false
            setDeadline(upstream, after: idleTimeout(of: upstream))
            receive(upstream)
        }
    }

    /// The answer is complete and the client may ask again.
    func finishAnswer(_ client: ClientConnection) {
        client.upstream = nil
        client.portal = nil
        guard client.phase != .closed else { return }
        if let link = client.stream { return endStream(client, link) }
        if client.closesAfterAnswer || client.closesWhenSent || isDraining {
            return closeGracefully(client)
        }
        client.phase = .awaitingHead
        client.isReadPaused = false
        setDeadline(
            client,
            after: client.pending.isEmpty ? configuration.limits.idleTimeout : Self.rateWindow)
        if !client.input.isEmpty || client.canRead { ready.append(client.handle) }
    }

    /// Says that nothing more will come, and closes when that is sent.
    func closeGracefully(_ client: ClientConnection) {
        guard client.phase != .closed else { return }
        if let link = client.stream { return endStream(client, link) }
        client.tls?.close()
        client.closesWhenSent = true
        client.phase = .lingering
        setDeadline(client, after: Self.rateWindow)
        send(client)
        if client.phase != .closed, client.pending.isEmpty { linger(client) }
    }

    /// Everything is sent.  A client that may still be sending is given a moment to read the answer: closing
    /// with unread input would reset the connection under it (RFC 9112 §9.6).
    private func linger(_ client: ClientConnection) {
        if client.isPeerClosed || client.phase == .handshaking { return close(client, reason: nil) }
        guard !client.isLingering else { return }
        client.isLingering = true
        client.phase = .lingering
        client.isReadPaused = false
        client.socket.shutdownWriting()
        setDeadline(client, after: Self.lingerTime)
        if client.canRead { ready.append(client.handle) }
    }

    /// Closes at once and forgets the connection, with the exchange that it had.
    func close(_ client: ClientConnection, reason: ReasonCode?) {
        guard client.phase != .closed else { return }
        let phase = client.phase
        client.phase = .closed
        if client.stream == nil { counters.add(.connectionsClosed) }
        if let reason, phase != .lingering, client.upstream == nil { counters.add(refusal: reason) }
        if let link = client.stream {
            release(client, link, reason)
        } else {
            // What a slow reader has not taken would stay in the kernel's buffer for minutes.
            if reason == .readTooSlow { client.socket.resetWhenClosed() }
            ledger(of: client.role).release(client.peer)
            if !client.role.isLocal { board.leave(seat) }
        }
        if let http2 = client.http2 {
            http2Connections -= 1
            closeStreams(http2, reason: .clientClosed)
            client.http2 = nil
        }
        forgetWait(client)
        clients.remove(client.handle)
        if let handle = client.upstream, let upstream = upstreams[handle] {
            client.upstream = nil
            // Either end may end a tunnel at any time.
            let isOrderly = client.isTunnelled && (reason == nil || reason == .clientClosed)
            abandonExchange(upstream, isOrderly ? nil : reason ?? .clientClosed)
        }
    }
}
