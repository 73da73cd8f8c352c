import Access
import Core
import EventLoop
import HTTPWire

/// Stop 8: the exchange streams both ways.
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
        guard upstream.phase == .serving, upstream.pending.isEmpty else {
            if upstream.phase != .closed { upstream.pending.append(moving: &upstreamOut) }
            return
        }
        switch upstreamOut.withBytes({ upstream.socket.send($0) }) {
        case .bytes(let count):
            counters.add(.upstreamBytesSent, count)
            upstreamOut.consume(count)
            upstream.pending.append(moving: &upstreamOut)
        case .wouldBlock:
            upstream.pending.append(moving: &upstreamOut)
        case .ended, .failed:
            upstreamOut.removeAll()
            readLastWords(upstream)
        }
    }

    func upstreamEvent(_ upstream: UpstreamConnection, _ event: PollEvent) {
        if upstream.phase == .connecting {
            guard event.isWritable || event.isBroken else { return }
            guard !event.isBroken, upstream.socket.connectionError == 0 else { return connectFailed(upstream) }
            upstream.phase = .serving
            servers.note(pools[upstream.pool].server, isReachable: true, at: now)
            setDeadline(upstream, after: firstByteTimeout(of: upstream))
        }
        if event.isPeerClosed || event.isBroken { upstream.isPeerClosed = true }
        if event.isWritable, !upstream.pending.isEmpty {
            flush(upstream)
            guard upstream.phase != .closed else { return }
        }
        if event.isReadable || event.isPeerClosed || event.isBroken {
            upstream.canRead = true
            receive(upstream)
        }
    }

    /// The upstream takes nothing more.  It may have answered before it closed (RFC 9112 §9.6): what it said is read
    /// before the exchange is given up, after this event.
    private func readLastWords(_ upstream: UpstreamConnection) {
        upstream.pending.removeAll()
        upstream.isPeerClosed = true
        upstream.canRead = true
        readyUpstreams.append(upstream.handle)
    }

    /// The upstream's socket takes bytes again.
    func flush(_ upstream: UpstreamConnection) {
        switch upstream.pending.withBytes({ upstream.socket.send($0) }) {
        case .bytes(let count):
            counters.add(.upstreamBytesSent, count)
            upstream.pending.consume(count)
        case .wouldBlock: return
        case .ended, .failed: return readLastWords(upstream)
        }
        guard upstream.pending.count < Self.pendingBound / 2 else { return }
        if upstream.pending.isEmpty { upstream.pending.releaseStorage() }
        guard let handle = upstream.exchange.client, let client = clients[handle], client.isReadPaused else { return }
        client.isReadPaused = false
        client.receivedSinceCheck = 0
        if !client.requestBody.isComplete { setDeadline(client, after: Self.rateWindow) }
        ready.append(handle)
    }

    /// Reads until the socket is drained or the client has enough.
    func receive(_ upstream: UpstreamConnection) {
        var receives = 0
        while upstream.canRead, !upstream.isReadPaused, upstream.phase != .closed {
            guard receives < Self.receivesPerTurn else { return readyUpstreams.append(upstream.handle) }
            receives += 1
            received.removeAll()
            let (transfer, isDrained) = received.withRoom(Self.receiveSize) { room in
                let asked = room.byteCount
                let transfer = upstream.socket.receive(into: &room)
                guard case .bytes(let count) = transfer else { return (0, (transfer, true)) }
                return (count, (transfer, count < asked))
            }
            switch transfer {
            case .bytes(let count):
                counters.add(.upstreamBytesReceived, count)
                if isDrained, !upstream.isPeerClosed { upstream.canRead = false }
            case .wouldBlock:
                upstream.canRead = false
                return
            case .ended:
                upstream.canRead = false
                return upstreamEnded(upstream)
            case .failed:
                upstream.canRead = false
                return upstreamBroke(upstream)
            }
            guard upstream.phase == .serving else {
                // An idle connection that says something is not to be trusted with a request.
                return close(upstream)
            }
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

    /// Takes an answer's bytes from the front, and returns how many.
    private func consumeAnswer(_ upstream: UpstreamConnection, _ bytes: RawSpan) -> Int {
        guard let handle = upstream.exchange.client, let client = clients[handle],
            let configuration = upstream.exchange.configuration
        else { return bytes.byteCount }
        var position = 0
        while !upstream.exchange.isAnswerBegun {
            let rest = bytes.extracting(position..<bytes.byteCount)
            guard !rest.isEmpty else { return position }
            switch configuration.responseParser.parse(rest, answering: upstream.exchange.method, into: &responseHead) {
            case .incomplete: return position
            case .invalid:
                failExchange(upstream, .upstreamInvalid)
                return bytes.byteCount
            case .complete:
                position += responseHead.length
                guard responseHead.status >= 200 else {
                    if responseHead.status == 101, !upstream.exchange.webSocketAccept.isEmpty {
                        guard openTunnel(client, upstream, rest) else {
                            failExchange(upstream, .upstreamUpgradeRefused)
                            return bytes.byteCount
                        }
                        continue
                    }
                    // 101 was not asked for; other interim answers are ours to give.
                    upstream.exchange.interimAnswers += 1
                    guard responseHead.status != 101,
                        upstream.exchange.interimAnswers <= Exchange.mostInterimAnswers
                    else {
                        failExchange(upstream, .upstreamInvalid)
                        return bytes.byteCount
                    }
                    continue
                }
                beginAnswer(client, upstream, rest)
            }
        }
        forwardAnswer(client, upstream, bytes, &position)
        send(client)
        if client.pending.count > 0, upstream.phase == .serving { upstream.isReadPaused = true }
        return position
    }

    /// Writes the answer's head for the client.
    private func beginAnswer(_ client: ClientConnection, _ upstream: UpstreamConnection, _ bytes: RawSpan) {
        let framing: ResponseRewriter.Framing
        upstream.exchange.status = responseHead.status
        upstream.exchange.responseBody = BodyReader(responseHead.framing)
        upstream.exchange.isUpstreamPersistent = responseHead.isPersistent
        upstream.exchange.answersInChunks = false
        switch responseHead.framing {
        case .none:
            if let length = responseHead.contentLength {
                framing = .length(length)
            } else if upstream.exchange.method == .head || responseHead.status == 204 || responseHead.status == 304 {
                framing = .none
            } else {
                framing = .length(0)
            }
        case .length(let count): framing = .length(count)
        case .chunked, .untilClose:
            if upstream.exchange.isClientOld {
                framing = .untilClose
                client.closesAfterAnswer = true
            } else {
                framing = .chunked
                upstream.exchange.answersInChunks = true
            }
        }
        if !upstream.exchange.isRequestComplete {
            // The answer came before the request was read: what follows cannot be told from it.
            client.closesAfterAnswer = true
        }
        if isDraining { client.closesAfterAnswer = true }
        let endsSession = upstream.exchange.session != nil && ResponseRewriter.endsSession(responseHead, bytes)
        ResponseRewriter.write(
            responseHead, bytes, framing: framing, policy: upstream.exchange.cachePolicy,
            requestID: upstream.exchange.requestID, closes: client.closesAfterAnswer, endsSession: endsSession,
            ingredients: answerIngredients(client, upstream), host: upstream.exchange.host, into: &clientOut)
        if endsSession { endSessionOfExchange(upstream) }
        upstream.exchange.isAnswerBegun = true
    }

    /// What goes into an answer's head besides what the application says.
    func answerIngredients(
        _ client: ClientConnection, _ upstream: UpstreamConnection
    ) -> ResponseRewriter.Ingredients {
        ResponseRewriter.Ingredients(
            rules: upstream.exchange.rules,
            strictTransport: client.tls == nil ? [] : upstream.exchange.configuration?.strictTransport ?? [])
    }

    /// Content of this size goes to TLS from where it was received, instead of being copied behind the head.
    private static let directContent = 4096

    /// Passes on what has come of an answer's body.
    private func forwardAnswer(
        _ client: ClientConnection, _ upstream: UpstreamConnection, _ bytes: RawSpan, _ position: inout Int
    ) {
        body: while true {
            switch upstream.exchange.responseBody.next(bytes, &position) {
            case .content(let range):
                upstream.exchange.answerBytes += UInt64(range.count)
                let content = bytes.extracting(range)
                if upstream.exchange.answersInChunks {
                    ChunkWriter.begin(range.count, into: &clientOut)
                    clientOut.append(content)
                    ChunkWriter.end(into: &clientOut)
                } else if range.count < Self.directContent {
                    clientOut.append(content)
                } else {
                    emitClientOut(client)
                    emit(client, content)
                }
            case .needsMore:
                setDeadline(upstream, after: idleTimeout(of: upstream))
                break body
            case .end:
                if upstream.exchange.answersInChunks { endChunks(upstream) }
                break body
            case .malformed:
                emitClientOut(client)
                return failExchange(upstream, .upstreamInvalid)
            }
        }
        emitClientOut(client)
    }

    private func endChunks(_ upstream: UpstreamConnection) {
        upstream.exchange.answersInChunks = false
        ChunkWriter.last(into: &clientOut)
        guard !upstream.exchange.responseBody.trailers.isEmpty else { return clientOut.append("\r\n") }
        var section = WireBuffer()
        section.append(upstream.exchange.responseBody.trailers)
        let rules = upstream.exchange.rules?.responseFields
        if section.withBytes({ RequestRewriter.writeTrailers($0, rules: rules, into: &clientOut) }) != nil {
            clientOut.append("\r\n")
        }
    }

    /// Ends an exchange whose answer is complete: the connection goes back to its pool if it can be trusted.
    private func finishIfComplete(_ upstream: UpstreamConnection) {
        guard upstream.phase == .serving, upstream.exchange.isAnswerBegun,
            upstream.exchange.responseBody.isComplete
        else { return }
        let client = upstream.exchange.client.flatMap { clients[$0] }
        upstream.endedWithoutBody =
            upstream.exchange.method == .head || upstream.exchange.status == 204 || upstream.exchange.status == 304
        let isReusable =
            upstream.exchange.isUpstreamPersistent && upstream.exchange.isRequestComplete && upstream.input.isEmpty
            && upstream.pending.isEmpty && !upstream.isPeerClosed && !upstream.isBoundToClient
        recordExchange(upstream, reason: nil)
        endExchange(upstream)
        if isReusable, pools[upstream.pool].idle.count < UpstreamPool.mostIdle, !isDraining {
            upstream.phase = .idle
            // The client may be slow to take the last of it; the connection is not.
            upstream.isReadPaused = false
            pools[upstream.pool].idle.append(upstream.handle)
            setDeadline(upstream, after: UpstreamPool.idleMilliseconds)
        } else {
            close(upstream)
        }
        if let client { finishAnswer(client) }
    }

    /// The upstream has closed its side properly.
    private func upstreamEnded(_ upstream: UpstreamConnection) {
        guard upstream.phase == .serving else { return close(upstream) }
        if upstream.exchange.isAnswerBegun, upstream.exchange.responseBody.mayEndWithConnection {
            upstream.exchange.isUpstreamPersistent = false
            if upstream.exchange.answersInChunks, let handle = upstream.exchange.client, let client = clients[handle] {
                endChunks(upstream)
                emitClientOut(client)
                send(client)
            }
            upstream.exchange.responseBody = BodyReader(.none)
            return finishIfComplete(upstream)
        }
        upstreamBroke(upstream)
    }

    /// The connection is of no more use; whoever waits on it is tried elsewhere or told.
    private func upstreamBroke(_ upstream: UpstreamConnection) {
        guard upstream.phase == .serving else { return close(upstream) }
        let isSilent =
            !upstream.exchange.isAnswerBegun && upstream.input.isEmpty && upstream.exchange.interimAnswers == 0
        if isSilent, retry(upstream) { return }
        failExchange(upstream, .upstreamClosed)
    }
}
