import Access
import Core
import EventLoop
import HTTPWire

/// Stop 8: the answer's way back, as HTTP/1.1 has it.
extension Worker {
    /// Takes an answer's bytes from the front, and returns how many.
    func consumeAnswer(_ upstream: UpstreamConnection, _ bytes: RawSpan) -> Int {
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
                    if responseHead.status == 103, client.stream != nil { passHints(client, upstream, rest) }
                    continue
                }
                beginAnswer(client, upstream, rest)
            }
        }
        forwardAnswer(client, upstream, bytes, &position)
        send(client)
        // What a socket did not take waits for it; a stream is only written when the turn ends.
        let most = client.stream == nil ? 0 : Self.frameBatch
        if client.unsent > most, upstream.phase == .serving { upstream.isReadPaused = true }
        return position
    }

    /// Early hints (RFC 8297): the links that a browser may fetch already, and nothing else of an answer that is not
    /// there yet.  Clients of HTTP/1.1, of which some take the first head for the answer, get none.
    private func passHints(_ client: ClientConnection, _ upstream: UpstreamConnection, _ bytes: RawSpan) {
        guard upstream.exchange.rules?.responseFields.isEmpty != false else { return }
        clientOut.append("HTTP/1.1 103 Early Hints\r\n")
        for field in responseHead.fields where bytes.extracting(field.name.range).equalsIgnoringCase("link") {
            clientOut.append("Link: ")
            clientOut.append(bytes.extracting(field.value.range))
            clientOut.append("\r\n")
        }
        clientOut.append("\r\n")
        emitClientOut(client)
    }

    /// Writes the answer's head for the client.
    private func beginAnswer(_ client: ClientConnection, _ upstream: UpstreamConnection, _ bytes: RawSpan) {
        let framing: ResponseRewriter.Framing
        upstream.exchange.status = responseHead.status
        upstream.exchange.responseBody = BodyReader(responseHead.framing)
        upstream.exchange.isUpstreamPersistent = responseHead.isPersistent
        upstream.exchange.answersInChunks = false
        // Frames say where the body of a stream ends; its session has held them against the length.
        if upstream.exchange.speaksHTTP2, responseHead.framing != .none {
            upstream.exchange.responseBody = BodyReader(.untilClose)
        }
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
            if client.stream != nil {
                // Frames of its own say where it ends.
                framing = .untilClose
            } else if upstream.exchange.isClientOld {
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
        let isSignedOut = upstream.exchange.isApplicationLogout && responseHead.status < 400
        let endsSession =
            upstream.exchange.session != nil && (isSignedOut || ResponseRewriter.endsSession(responseHead, bytes))
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
            rate: upstream.exchange.rate, origin: upstream.exchange.origin,
            strictTransport: !client.isSecure ? [] : upstream.exchange.configuration?.strictTransport ?? [])
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
                if let link = client.stream { keepTrailers(upstream, link) }
                break body
            case .malformed:
                emitClientOut(client)
                return failExchange(upstream, .upstreamInvalid)
            }
        }
        emitClientOut(client)
    }

    /// Keeps what passes of an answer's trailers for the end of its stream.
    func keepTrailers(_ upstream: UpstreamConnection, _ link: StreamLink) {
        let trailers = upstream.exchange.trailers
        guard !trailers.isEmpty else { return }
        var section = WireBuffer()
        var kept = WireBuffer()
        section.append(trailers)
        let rules = upstream.exchange.rules?.responseFields
        guard section.withBytes({ RequestRewriter.writeTrailers($0, rules: rules, into: &kept) }) == nil, kept.count > 2
        else { return }
        link.answerTrailers = kept.copied()
    }

    func endChunks(_ upstream: UpstreamConnection) {
        upstream.exchange.answersInChunks = false
        ChunkWriter.last(into: &clientOut)
        let trailers = upstream.exchange.trailers
        guard !trailers.isEmpty else { return clientOut.append("\r\n") }
        var section = WireBuffer()
        section.append(trailers)
        let rules = upstream.exchange.rules?.responseFields
        if section.withBytes({ RequestRewriter.writeTrailers($0, rules: rules, into: &clientOut) }) != nil {
            clientOut.append("\r\n")
        }
    }

    /// Ends an exchange whose answer is complete: the connection goes back to its pool if it can be trusted.
    func finishIfComplete(_ upstream: UpstreamConnection) {
        guard upstream.phase == .serving, upstream.exchange.isAnswerBegun,
            upstream.exchange.responseBody.isComplete
        else { return }
        let client = upstream.exchange.client.flatMap { clients[$0] }
        upstream.endedWithoutBody =
            upstream.exchange.method == .head || upstream.exchange.status == 204 || upstream.exchange.status == 304
        let isReusable =
            upstream.carrier == nil && upstream.exchange.isUpstreamPersistent && upstream.exchange.isRequestComplete
            && upstream.input.isEmpty
            && upstream.pendingCount == 0 && !upstream.isPeerClosed && !upstream.isBoundToClient
            && !upstream.isRetired && !pools[upstream.pool].isRetired
        recordExchange(upstream, reason: nil)
        endExchange(upstream)
        if pools[upstream.pool].standing.isSuspect {
            pools[upstream.pool].standing.isSuspect = false
            servers.noteAnswer(pools[upstream.pool].name, at: now)
        }
        if isReusable, pools[upstream.pool].idle.count < UpstreamPool.mostIdle, !isDraining {
            upstream.phase = .idle
            // The client may be slow to take the last of it; the connection is not.
            upstream.isReadPaused = false
            pools[upstream.pool].idle.append(upstream.handle)
            noteFreed(upstream.group)
            setDeadline(upstream, after: UpstreamPool.idleMilliseconds)
        } else {
            close(upstream)
        }
        if let client { finishAnswer(client) }
    }
}
