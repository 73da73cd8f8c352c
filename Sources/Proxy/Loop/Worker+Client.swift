import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// Stops 2 and 3: bytes of clients are received, decrypted and taken apart.
extension Worker {
    func clientEvent(_ client: ClientConnection, _ event: PollEvent) {
        if event.isBroken { return close(client, reason: .clientClosed) }
        if event.isPeerClosed { client.isPeerClosed = true }
        if event.isWritable, !client.pending.isEmpty {
            flush(client)
            guard client.phase != .closed else { return }
        }
        if event.isReadable || event.isPeerClosed {
            client.canRead = true
            receive(client)
        }
    }

    /// Reads until the socket is drained, the input is paused or the connection is closed.
    func receive(_ client: ClientConnection) {
        var receives = 0
        while client.canRead, !client.isReadPaused, client.phase != .closed {
            guard receives < Self.receivesPerTurn else { return ready.append(client.handle) }
            receives += 1
            ciphertext.removeAll()
            let (transfer, isDrained) = ciphertext.withRoom(Self.receiveSize) { room in
                let asked = room.byteCount
                let transfer = client.socket.receive(into: &room)
                guard case .bytes(let count) = transfer else { return (0, (transfer, true)) }
                return (count, (transfer, count < asked))
            }
            switch transfer {
            case .bytes(let count):
                counters.add(.bytesReceived, count)
                client.receivedSinceCheck += count
                // A short read means drained, unless the end of the stream is what comes next.
                if isDrained, !client.isPeerClosed { client.canRead = false }
            case .wouldBlock:
                client.canRead = false
                return
            case .ended:
                client.canRead = false
                return peerEnded(client)
            case .failed:
                return close(client, reason: .clientClosed)
            }
            if client.phase == .awaitingProxyHeader, !takeProxyHeader(client) { continue }
            guard decrypt(client) else { return plaintext.removeAll() }
            process(client)
        }
    }

    /// Moves what was received into `plaintext`; false where the connection is closed.
    private func decrypt(_ client: ClientConnection) -> Bool {
        plaintext.removeAll()
        guard client.tls != nil else {
            plaintext.append(moving: &ciphertext)
            return true
        }
        let wasEstablished = client.tls?.isEstablished ?? false
        let progress = ciphertext.withBytes { input in
            plaintext.withRoom(input.byteCount + TLSSession.recordOverhead) { room in
                var written = 0
                let progress =
                    client.tls?.receive(input, scratch: tlsScratch, into: &room, written: &written) ?? .ended
                return (written, progress)
            }
        }
        if client.phase == .handshaking, let tls = client.tls?.isEstablished, tls != wasEstablished {
            counters.add(.handshakes)
            if client.tls?.isResumed == true { counters.add(.handshakesResumed) }
            client.phase = .awaitingHead
            setDeadline(client, after: configuration.limits.headerTimeout)
            if client.tls?.isHTTP2 == true { beginHTTP2(client) }
        }
        switch progress {
        case .wantsMore, .isFull:
            send(client)
            return client.phase != .closed
        case .ended:
            send(client)
            if client.phase != .closed, !plaintext.isEmpty { process(client) }
            if client.phase != .closed { peerEnded(client) }
            return false
        case .failed:
            if client.phase == .handshaking { counters.add(.handshakesFailed) }
            send(client)
            close(client, reason: nil)
            return false
        }
    }

    /// The client will send nothing more; whoever asks nothing more gets no answer.
    private func peerEnded(_ client: ClientConnection) {
        close(client, reason: client.phase == .forwarding && !client.isTunnelled ? .clientClosed : nil)
    }

    /// Uses what has come in, as far as it can be used now.
    func process(_ client: ClientConnection) {
        if client.phase == .multiplexing { return receiveFrames(client) }
        if client.input.isEmpty {
            let used = plaintext.withBytes { consume(client, $0) }
            plaintext.consume(used)
            if client.phase != .closed, !plaintext.isEmpty { client.input.append(moving: &plaintext) }
            plaintext.removeAll()
        } else {
            client.input.append(moving: &plaintext)
            let used = client.input.withBytes { consume(client, $0) }
            client.input.consume(used)
            if client.input.isEmpty { client.input.releaseStorage() }
        }
        if client.stream != nil { settleInput(client) }
        flushUpstreamOut()
        pauseIfFull(client)
    }

    /// A client that sends ahead of what can be used is left waiting in the kernel's buffer.
    private func pauseIfFull(_ client: ClientConnection) {
        switch client.phase {
        case .awaitingHead, .awaitingProxyHeader, .handshaking, .multiplexing, .closed, .lingering, .discardingBody:
            break
        default: if client.input.count >= Self.pendingBound { client.isReadPaused = true }
        }
    }

    /// Takes bytes from the front, and returns how many.
    func consume(_ client: ClientConnection, _ bytes: RawSpan) -> Int {
        var position = 0
        while true {
            switch client.phase {
            case .awaitingHead:
                guard position < bytes.byteCount else { return position }
                // Whoever does not read the answers is not asked for more requests.
                guard client.unsent == 0 else {
                    client.isReadPaused = true
                    return position
                }
                let rest = bytes.extracting(position..<bytes.byteCount)
                guard let used = consumeHead(client, rest) else { return position }
                position += used
            case .forwarding:
                guard !client.requestBody.isComplete, !client.isReadPaused else { return position }
                guard position < bytes.byteCount else { return position }
                forwardBody(client, bytes, &position)
            case .gatheringBody:
                guard position < bytes.byteCount else { return position }
                gatherBody(client, bytes, &position)
            case .discardingBody:
                guard position < bytes.byteCount else { return position }
                discardBody(client, bytes, &position)
            case .awaitingProxyHeader, .handshaking, .multiplexing, .awaitingSession, .awaitingPortal:
                return position
            case .lingering, .closed:
                return bytes.byteCount
            }
        }
    }

    /// Reads a head; nil where it is not complete, or waits.
    private func consumeHead(_ client: ClientConnection, _ bytes: RawSpan) -> Int? {
        // Between two parts of a head only a line end can complete it.
        if client.headBytesSeen > 0, bytes.byteCount < configuration.limits.headerBytes {
            var index = client.headBytesSeen
            while index < bytes.byteCount, bytes.octet(index) != 0x0A { index += 1 }
            client.headBytesSeen = bytes.byteCount
            guard index < bytes.byteCount else { return nil }
        }
        switch configuration.requestParser.parse(bytes, into: &requestHead) {
        case .incomplete:
            if client.headBytesSeen == 0 { setDeadline(client, after: configuration.limits.headerTimeout) }
            client.headBytesSeen = bytes.byteCount
            return nil
        case .refused(let reason):
            client.headBytesSeen = 0
            counters.add(.requests)
            refuseBeforeDecision(client, reason)
            return bytes.byteCount
        case .complete:
            client.headBytesSeen = 0
            return begin(client, bytes) ? requestHead.length : nil
        }
    }
}
