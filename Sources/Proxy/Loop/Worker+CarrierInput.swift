import Core
import EventLoop
import HTTPWire

/// What comes on a connection of HTTP/2 to an application: each stream's answer goes the way of HTTP/1.1's.
extension Worker {
    /// Bytes of an answer that an application may send ahead of its client.  The connection's window holds as much for
    /// every stream: clients that do not read keep none of the others waiting.
    private static let carriedWindow: UInt32 = 128 * 1024

    /// Bytes have come on a carrier; `received` has them.
    func carrierReceived(_ carrier: UpstreamConnection) {
        if carrier.http2 == nil {
            guard carrier.transport.isReady else { return }
            guard beginSession(carrier) else { return }
        }
        guard let session = carrier.http2, !received.isEmpty else { return }
        var bytes = WireBuffer()
        swap(&bytes, &received)
        let fault = bytes.withBytes { bytes in
            let fault = session.receive(bytes, now: now)
            takeEvents(of: carrier, session, bytes)
            return fault
        }
        bytes.removeAll()
        swap(&bytes, &received)
        needsFlush(carrier)
        guard carrier.phase != .closed, fault != nil else { return }
        // Our side says why, where the peer still listens.
        flush(carrier: carrier)
        carrierBroke(carrier, .upstreamInvalid, Self.otherProtocol)
    }

    /// Begins to speak HTTP/2 once bytes can be sent; false where the server has chosen something else.
    func beginSession(_ carrier: UpstreamConnection) -> Bool {
        if carrier.isTLS, carrier.chosenProtocol != "h2" {
            carrierBroke(
                carrier, .upstreamHandshakeFailed, "the server did not choose HTTP/2 in the handshake (ALPN h2)")
            return false
        }
        let settings = HTTP2Settings(
            head: LoopConfiguration.responseLimits, streamWindow: Self.carriedWindow,
            connectionWindow: Int32(Self.carriedWindow * HTTP2Settings.mostStreams))
        guard let session = HTTP2Session(.client, settings, scratch: upstreamHTTP2, now: now) else {
            carrierBroke(carrier, .upstreamOverloaded)
            return false
        }
        carrier.http2 = session
        needsFlush(carrier)
        return true
    }

    func takeEvents(of carrier: UpstreamConnection, _ session: HTTP2Session, _ bytes: RawSpan) {
        let events = upstreamHTTP2.takeEvents()
        for event in events where carrier.phase != .closed { take(event, of: carrier, session, bytes) }
        upstreamHTTP2.keep(events)
    }

    private func take(
        _ event: HTTP2Event, of carrier: UpstreamConnection, _ session: HTTP2Session, _ bytes: RawSpan
    ) {
        switch event {
        case .settings: carrierOpened(carrier)
        case .head(let stream, let text):
            guard let upstream = self.upstream(of: stream) else { return }
            if upstream.isFresh { noteFirstBytes(upstream) }
            upstreamHTTP2.heads.withBytes { _ = consumeAnswer(upstream, $0.extracting(text)) }
            finishIfComplete(upstream)
        case .data(let stream, let range):
            guard let upstream = self.upstream(of: stream) else { return session.use(range.count, of: stream) }
            let content = bytes.extracting(range)
            guard upstream.input.isEmpty, !upstream.isReadPaused else { return upstream.input.append(content) }
            let used = consumeAnswer(upstream, content)
            session.use(used, of: stream)
            if used < range.count, upstream.phase != .closed {
                upstream.input.append(content.extracting(used..<range.count))
            }
        case .trailers(let stream, let text):
            guard let upstream = self.upstream(of: stream) else { return }
            upstream.exchange.answerTrailers = upstreamHTTP2.heads.withBytes { bytes in text.map { bytes.octet($0) } }
        case .end(let stream):
            guard let upstream = self.upstream(of: stream) else { return }
            upstream.isPeerClosed = true
            // Where nothing waits for the client, it need not wait for the end either.
            if upstream.input.isEmpty || !upstream.isReadPaused { readStream(upstream) }
        case .refused(let stream, _):
            if let upstream = self.upstream(of: stream) { failExchange(upstream, .upstreamInvalid) }
        case .drained(let stream):
            if let upstream = self.upstream(of: stream) { resumeClient(of: upstream) }
        case .blocked: return
        case .closed(let stream, _):
            if let upstream = self.upstream(of: stream), !upstream.isPeerClosed { upstreamBroke(upstream) }
            if session.isGoingAway { closeIfIdle(carrier) }
        case .goAway: closeIfIdle(carrier)
        }
    }

    private func upstream(of stream: HTTP2Stream) -> UpstreamConnection? {
        guard let upstream = stream.handle.flatMap({ upstreams[$0] }), upstream.stream === stream else { return nil }
        return upstream
    }

    /// Uses what has come on a stream, as far as its client takes it.
    func readStream(_ upstream: UpstreamConnection) {
        if !upstream.input.isEmpty {
            var input = WireBuffer()
            swap(&input, &upstream.input)
            let used = input.withBytes { consumeAnswer(upstream, $0) }
            if let carrier = upstream.carrier, let session = carrier.http2, let stream = upstream.stream {
                session.use(used, of: stream)
                needsFlush(carrier)
            }
            input.consume(used)
            if upstream.phase != .closed, !input.isEmpty { swap(&input, &upstream.input) }
        }
        guard upstream.phase == .serving, upstream.input.isEmpty, upstream.isPeerClosed else { return }
        upstreamEnded(upstream)
    }
}
