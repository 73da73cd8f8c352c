import Core
import EventLoop
import HTTPWire
import HostCrypto

/// HTTP/2 connections of clients: frames in, events to the streams, frames out once a turn.
extension Worker {
    /// Frames that one connection writes in one turn, in bytes; the rest waits for the next.
    static let frameBatch = 64 * 1024
    /// How long a client that was told of the end may go on opening streams: what it sent before it knew is served (RFC
    /// 9113 §6.8).
    static let lastStreamTime = Milliseconds.seconds(1)

    /// The handshake has agreed on HTTP/2.
    func beginHTTP2(_ client: ClientConnection) {
        let settings = HTTP2Settings(head: configuration.requestParser.limits, offersExtendedConnect: true)
        guard let session = HTTP2Session(.server, settings, scratch: http2Scratch, now: now) else {
            return close(client, reason: .internalFault)
        }
        counters.add(.http2Connections)
        http2Connections += 1
        client.phase = .multiplexing
        let http2 = HTTP2Connection(session)
        // Until its first request it has as long as a head may take.
        http2.wait = .idle
        client.http2 = http2
        list(client)
        if isDraining { announceEnd(client) }
    }

    /// Takes in the frames in `plaintext`.
    func receiveFrames(_ client: ClientConnection) {
        guard let http2 = client.http2, !plaintext.isEmpty else { return }
        // The scratch is needed by what a stream's bytes lead to.
        swap(&plaintext, &frames)
        defer { frames.removeAll() }
        frames.withBytes { bytes in
            let fault = http2.session.receive(bytes, now: now)
            let events = http2Scratch.takeEvents()
            http2Scratch.heads.withBytes { heads in
                for event in events {
                    guard client.phase == .multiplexing else { break }
                    handle(event, http2, client, bytes, heads)
                }
            }
            http2Scratch.keep(events)
            flushUpstreamOut()
            guard client.phase == .multiplexing else { return }
            if let fault { return fail(client, fault) }
            list(client)
            awaitNext(client, http2)
        }
    }

    private func handle(
        _ event: HTTP2Event, _ http2: HTTP2Connection, _ client: ClientConnection, _ bytes: RawSpan, _ heads: RawSpan
    ) {
        switch event {
        case .head(let stream, let text):
            http2.wait = nil
            // Reset before it was looked at: nothing of it reaches an application.
            guard !stream.isClosed else { return }
            feed(openStream(stream, of: client), heads.extracting(text))
        case .data(let stream, let range):
            guard let own = served(stream) else { return http2.session.use(range.count, of: stream) }
            own.receivedSinceCheck += range.count
            feed(own, bytes.extracting(range))
        case .trailers(let stream, let text):
            served(stream)?.stream?.requestTrailers = text.map { heads.octet($0) }
        case .end(let stream):
            guard let own = served(stream) else { return }
            own.stream?.isInputEnded = true
            settleInput(own)
        case .refused(let stream, let reason):
            http2.wait = nil
            guard !stream.isClosed else { return }
            refuseStream(served(stream) ?? openStream(stream, of: client), reason)
        case .closed(let stream, let code):
            if code != HTTP2Code.noError { counters.add(.http2Resets) }
            if let own = served(stream) { close(own, reason: code == HTTP2Code.noError ? nil : .clientClosed) }
        case .drained(let stream):
            if let own = served(stream) { drained(own) }
        case .blocked(let stream):
            guard let own = served(stream) else { return }
            _ = stream.takeSent()
            own.sentSinceCheck = 0
            setDeadline(own, after: Self.rateWindow)
        case .goAway, .settings: break
        }
    }

    private func served(_ stream: HTTP2Stream) -> ClientConnection? { stream.handle.flatMap { clients[$0] } }

    /// Has the connection write at the end of the turn.
    func list(_ client: ClientConnection) {
        guard let http2 = client.http2, !http2.isListed else { return }
        http2.isListed = true
        writing.append(client.handle)
    }

    /// The end of a turn: every connection that has something to say writes once.
    func flushConnections() {
        guard !writing.isEmpty else { return }
        swap(&writing, &writingNow)
        for handle in writingNow {
            guard let client = clients[handle], let http2 = client.http2 else { continue }
            http2.isListed = false
            if client.phase == .multiplexing { writeFrames(client, http2) }
        }
        writingNow.removeAll(keepingCapacity: true)
    }

    private func writeFrames(_ client: ClientConnection, _ http2: HTTP2Connection) {
        // What the socket did not take goes first; `flush` comes back here.
        guard client.pending.isEmpty else { return }
        let hasMore = http2.session.write(atMost: Self.frameBatch)
        sendFrames(client)
        let events = http2Scratch.takeEvents()
        let none = WireBuffer()
        none.withBytes { nothing in
            for event in events where client.phase == .multiplexing { handle(event, http2, client, nothing, nothing) }
        }
        http2Scratch.keep(events)
        guard client.phase == .multiplexing else { return }
        if let fault = http2.session.fault { return fail(client, fault) }
        if http2.session.isOver { return closeGracefully(client) }
        if hasMore { list(client) }
        awaitNext(client, http2)
    }

    private func sendFrames(_ client: ClientConnection) {
        guard !http2Scratch.out.isEmpty else { return }
        let isSent = http2Scratch.out.withBytes { client.tls?.send($0) }
        if isSent != true { client.closesWhenSent = true }
        http2Scratch.out.removeAll()
        if http2Scratch.out.heldBytes > Self.keptScratch { http2Scratch.out.releaseStorage() }
        send(client)
    }

    /// Sets the connection's own deadline, where what it waits for has changed.
    private func awaitNext(_ client: ClientConnection, _ http2: HTTP2Connection) {
        guard client.pending.isEmpty, http2.wait != .lastStream else { return }
        let session = http2.session
        let wait: HTTP2Connection.Wait =
            session.isWithinHead ? .head : session.streams.isEmpty ? .idle : .streams
        guard wait != http2.wait else { return }
        http2.wait = wait
        switch wait {
        case .head: setDeadline(client, after: configuration.limits.headerTimeout)
        case .idle: setDeadline(client, after: configuration.limits.idleTimeout)
        case .streams, .lastStream: client.deadline = .max
        }
    }

    /// The connection's own deadline has passed.
    func expiredFrames(_ client: ClientConnection) {
        guard let http2 = client.http2 else { return }
        switch http2.wait {
        case .lastStream:
            http2.wait = nil
            http2.session.end()
            list(client)
        case .head:
            counters.add(refusal: .headerTimeout)
            endHTTP2(client)
        case .idle:
            if !isDraining { counters.add(refusal: .idleTimeout) }
            endHTTP2(client)
        case .streams, nil: awaitNext(client, http2)
        }
    }

    /// Tells the client that there will be a last stream, and a moment later which one.
    func announceEnd(_ client: ClientConnection) {
        guard let http2 = client.http2, http2.wait != .lastStream else { return }
        http2.session.announceEnd()
        http2.wait = .lastStream
        setDeadline(client, after: Self.lastStreamTime)
        list(client)
    }

    /// The client has broken the protocol, or a budget: it is told, and cut.
    private func fail(_ client: ClientConnection, _ fault: HTTP2Error) {
        counters.add(refusal: fault.reason)
        if fault == .flood { counters.add(.http2Floods) }
        http2Ends(client)
    }

    /// Ends the connection in order, with the streams that it still has.
    func endHTTP2(_ client: ClientConnection) {
        client.http2?.session.end()
        http2Ends(client)
    }

    private func http2Ends(_ client: ClientConnection) {
        guard let http2 = client.http2 else { return }
        closeStreams(http2, reason: .clientClosed)
        if client.pending.isEmpty {
            _ = http2.session.write(atMost: Self.frameBatch)
            http2Scratch.keep(http2Scratch.takeEvents())
            sendFrames(client)
        }
        closeGracefully(client)
    }

    /// Forgets every stream of a connection that ends.
    func closeStreams(_ http2: HTTP2Connection, reason: ReasonCode?) {
        for stream in http2.session.streams {
            if let own = served(stream) { close(own, reason: reason) }
        }
    }
}
