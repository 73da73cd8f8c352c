import Core
import EventLoop
import HTTPWire

/// A stream of an HTTP/2 connection: its bytes come from frames, and go to frames.
extension Worker {
    /// A stream begins.
    func openStream(_ stream: HTTP2Stream, of connection: ClientConnection) -> ClientConnection {
        let handle = clients.reserve()
        let session = connection.http2?.session
        let client = ClientConnection(
            handle: handle, stream: session.map { StreamLink(stream, connection: connection.handle, session: $0) },
            of: connection)
        clients.fill(handle, with: client)
        stream.handle = handle
        http2Streams += 1
        counters.add(.http2Streams)
        return client
    }

    /// Gives a stream bytes: the text of its head, or content.
    func feed(_ client: ClientConnection, _ bytes: RawSpan) {
        if client.input.isEmpty {
            let used = consume(client, bytes)
            if client.phase != .closed, used < bytes.byteCount {
                client.input.append(bytes.extracting(used..<bytes.byteCount))
            }
        } else {
            client.input.append(bytes)
            let used = client.input.withBytes { consume(client, $0) }
            client.input.consume(used)
        }
        settleInput(client)
    }

    /// Gives the peer its window back for what was used, and sees to the end of the input when all of it is.
    func settleInput(_ client: ClientConnection) {
        guard let link = client.stream, client.phase != .closed else { return }
        switch client.phase {
        // The head is still in front of what has come.
        case .awaitingHead, .awaitingSession: return
        default: break
        }
        link.session.use(link.stream.unusedBytes - client.input.count, of: link.stream)
        if let connection = clients[link.connection] { list(connection) }
        guard client.input.isEmpty else { return }
        client.input.releaseStorage()
        if link.isInputEnded { inputEnds(client, link) }
    }

    /// The client has sent its last byte, and it was used.
    private func inputEnds(_ client: ClientConnection, _ link: StreamLink) {
        switch client.phase {
        case .forwarding:
            guard let handle = client.upstream, let upstream = upstreams[handle] else { return }
            if client.isTunnelled {
                flushUpstreamOut()
                return endTunnel(upstream, nil)
            }
            guard client.requestBody.mayEndWithConnection, !client.requestBody.isComplete else { return }
            client.requestBody.end(trailers: link.requestTrailers)
            endBodyIfComplete(client, upstream)
        case .gatheringBody:
            guard client.requestBody.mayEndWithConnection, !client.requestBody.isComplete else { return }
            client.requestBody.end()
            callPortal(client)
        default: break
        }
    }

    /// What came on the stream breaks the rules.
    func refuseStream(_ client: ClientConnection, _ reason: ReasonCode) {
        switch client.phase {
        case .awaitingHead:
            counters.add(.requests)
            refuseBeforeDecision(client, reason)
        case .awaitingSession, .gatheringBody:
            forgetWait(client)
            client.portal = nil
            refuseBeforeDecision(client, reason)
        case .forwarding:
            guard let handle = client.upstream, let upstream = upstreams[handle] else { return }
            failExchange(upstream, reason)
        default: break
        }
    }

    /// Hands what is meant for a stream's client to its connection, which writes at the end of the turn.
    func emit(_ client: ClientConnection, _ link: StreamLink, _ bytes: RawSpan) {
        link.session.append(bytes, to: link.stream)
        if let connection = clients[link.connection] { list(connection) }
    }

    /// Nothing more will be said on the stream.
    func endStream(_ client: ClientConnection, _ link: StreamLink) {
        client.closesWhenSent = true
        client.phase = .lingering
        setDeadline(client, after: Self.rateWindow)
        link.session.end(link.stream, trailers: link.answerTrailers)
        if let connection = clients[link.connection] { list(connection) }
    }

    /// Everything that waited on the stream is written: its application may say more.
    func drained(_ client: ClientConnection) {
        guard let handle = client.upstream, let upstream = upstreams[handle] else { return }
        if client.requestBody.isComplete { client.deadline = .max }
        guard upstream.isReadPaused else { return }
        upstream.isReadPaused = false
        setDeadline(upstream, after: idleTimeout(of: upstream))
        receive(upstream)
    }

    /// The stream is over for its owner: the client is told, where it does not know.
    func release(_ client: ClientConnection, _ link: StreamLink, _ reason: ReasonCode?) {
        http2Streams -= 1
        link.stream.handle = nil
        guard !link.stream.isClosed else { return }
        link.session.use(link.stream.unusedBytes, of: link.stream)
        link.session.reset(link.stream, code: reason == nil ? HTTP2Code.internalError : HTTP2Code.cancel)
        if let connection = clients[link.connection] { list(connection) }
    }
}
