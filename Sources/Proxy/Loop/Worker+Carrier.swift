import Core
import EventLoop
import HTTPWire

/// HTTP/2 to applications (RFC 9113): one connection, the carrier, serves many exchanges at once.  Each of them is an
/// `UpstreamConnection` without a socket, so that lending, retries, timeouts and records are those of HTTP/1.1: what is
/// said between is its text, which the carrier's session turns into header lists and DATA, and back.
extension Worker {
    /// Bytes of frames that are written before they are sent.
    private static let framesAtOnce = 64 * 1024
    static let otherProtocol = "the server does not speak HTTP/2 as RFC 9113 has it"

    /// A stream of the first connection to this server that takes one more.
    func streamOnCarrier(_ pool: Int, _ timeout: Milliseconds) -> UpstreamConnection? {
        for handle in pools[pool].carriers {
            guard let carrier = upstreams[handle], carrier.takesStream else { continue }
            if carrier.phase == .serving { counters.add(.upstreamReuses) }
            return openStream(on: carrier, timeout: timeout)
        }
        return nil
    }

    /// The first stream of a connection that is being made.
    func streamOnNew(_ carrier: UpstreamConnection, _ timeout: Milliseconds) -> UpstreamConnection {
        carrier.isCarrier = true
        pools[carrier.pool].carriers.append(carrier.handle)
        return openStream(on: carrier, timeout: timeout)
    }

    /// A connection of the group that carries nothing, and so can give way to another.
    func emptyCarrier(of group: Int) -> Handle? {
        for pool in groups[group].pools {
            if let found = pools[pool].carriers.first(where: { upstreams[$0]?.carried == 0 }) { return found }
        }
        return nil
    }

    private func openStream(on carrier: UpstreamConnection, timeout: Milliseconds) -> UpstreamConnection {
        let handle = upstreams.reserve()
        let upstream = UpstreamConnection(handle: handle, carrier: carrier)
        upstreams.fill(handle, with: upstream)
        carriedStreams += 1
        pools[carrier.pool].streams += 1
        carrier.carried += 1
        if carrier.phase == .serving {
            upstream.phase = .serving
            carrier.deadline = .max
        } else {
            carrier.waiting.append(handle)
            setDeadline(upstream, after: timeout.count)
        }
        return upstream
    }

    /// Hands what is said on a stream to its carrier, which sends it at the end of the turn; false where the stream waits
    /// to go elsewhere, and its bytes with it.
    func transmit(
        _ upstream: UpstreamConnection, on carrier: UpstreamConnection, _ bytes: inout WireBuffer
    ) -> Bool {
        guard carrier.phase == .serving, let session = carrier.http2 else {
            bytes.removeAll()
            return true
        }
        if upstream.stream == nil {
            guard session.mayOpen else {
                // The peer takes no more streams, though it did when this one was lent.
                upstream.phase = .connecting
                carrier.waiting.append(upstream.handle)
                withdrawnStreams.append(upstream.handle)
                return false
            }
            guard let stream = open(upstream, session, &bytes, scheme: carrier.isTLS ? "https" : "http") else {
                // A head that HTTP/2 cannot say is none elsewhere either; what stands behind it must not be taken for one.
                bytes.removeAll()
                upstreamBroke(upstream)
                return true
            }
            stream.handle = upstream.handle
            upstream.stream = stream
        }
        if let stream = upstream.stream {
            if !bytes.isEmpty { bytes.withBytes { session.append($0, to: stream) } }
            bytes.removeAll()
            endRequest(upstream, session, stream)
        }
        needsFlush(carrier)
        return true
    }

    /// The head comes whole, in front of everything else.
    private func open(
        _ upstream: UpstreamConnection, _ session: HTTP2Session, _ bytes: inout WireBuffer, scheme: StaticString
    ) -> HTTP2Stream? {
        guard let length = bytes.withBytes(Self.headLength) else { return nil }
        let isWhole =
            upstream.exchange.isRequestComplete && bytes.count == length && upstream.exchange.requestTrailers.isEmpty
        let stream = bytes.withBytes { session.open($0.extracting(0..<length), scheme: scheme, isWhole: isWhole) }
        bytes.consume(length)
        return stream
    }

    /// Up to behind the empty line.
    private static func headLength(_ bytes: RawSpan) -> Int? {
        var lineStart = 0
        for index in 0..<bytes.byteCount where bytes.octet(index) == 0x0A {
            if index - lineStart <= 1 { return index + 1 }
            lineStart = index + 1
        }
        return nil
    }

    private func endRequest(_ upstream: UpstreamConnection, _ session: HTTP2Session, _ stream: HTTP2Stream) {
        guard upstream.exchange.isRequestComplete, !stream.isOutputEnded else { return }
        session.end(stream, trailers: upstream.exchange.requestTrailers)
    }

    /// The request has come to its end: what waits is handed over, and the stream's end said.
    func finishRequest(_ upstream: UpstreamConnection) {
        flushUpstreamOut()
        guard upstream.phase == .serving, let carrier = upstream.carrier, let session = carrier.http2,
            let stream = upstream.stream
        else { return }
        endRequest(upstream, session, stream)
        needsFlush(carrier)
    }

    func needsFlush(_ carrier: UpstreamConnection) {
        guard !carrier.needsFlush else { return }
        carrier.needsFlush = true
        readyCarriers.append(carrier.handle)
    }

    /// Sends what the carriers have to say; the last thing in a turn.
    func flushCarriers() {
        sendElsewhere()
        while let handle = readyCarriers.popLast() {
            guard let carrier = upstreams[handle] else { continue }
            carrier.needsFlush = false
            flush(carrier: carrier)
            sendElsewhere()
        }
    }

    private func sendElsewhere() {
        while let handle = withdrawnStreams.popLast() {
            guard let upstream = upstreams[handle], upstream.phase == .connecting else { continue }
            goElsewhere(upstream, .upstreamClosed, atMost: Exchange.mostConnectAttempts)
        }
    }

    func flush(carrier: UpstreamConnection) {
        guard let session = carrier.http2 else { return }
        var hasMore = true
        while hasMore, carrier.phase != .closed, carrier.backlogCount == 0 {
            upstreamHTTP2.out.removeAll()
            hasMore = session.write(atMost: Self.framesAtOnce)
            // Who is told has nothing to do with what is sent next.
            var frames = WireBuffer()
            swap(&frames, &upstreamHTTP2.out)
            let isSent = sendFrames(carrier, &frames)
            frames.removeAll()
            swap(&frames, &upstreamHTTP2.out)
            guard isSent else { return carrierBroke(carrier, .upstreamClosed) }
            takeEvents(of: carrier, session, RawSpan())
            if session.fault != nil { return carrierBroke(carrier, .upstreamInvalid, Self.otherProtocol) }
        }
    }

    private func sendFrames(_ carrier: UpstreamConnection, _ frames: inout WireBuffer) -> Bool {
        guard !frames.isEmpty else { return true }
        guard let count = carrier.transport.send(&frames, upstreamScratch) else { return false }
        counters.add(.upstreamBytesSent, count)
        return true
    }

    // MARK: - Its life

    /// The server has told its settings, which its first frame must be: it speaks HTTP/2, and requests may go out.
    func carrierOpened(_ carrier: UpstreamConnection) {
        guard carrier.phase == .connecting else { return }
        carrier.phase = .serving
        carrier.isFresh = false
        carrier.deadline = .max
        if let address = carrier.address { pools[carrier.pool].addresses.answered(address) }
        servers.noteReachable(pools[carrier.pool].name, at: now)
        let waiting = carrier.waiting
        carrier.waiting = []
        for handle in waiting {
            guard let upstream = upstreams[handle], upstream.phase == .connecting else { continue }
            upstream.phase = .serving
            setDeadline(upstream, after: firstByteTimeout(of: upstream))
            sendUnsent(upstream)
        }
        closeIfIdle(carrier)
    }

    /// The carrier is of no more use: whoever it carried is tried elsewhere or told.
    func carrierBroke(_ carrier: UpstreamConnection, _ reason: ReasonCode, _ words: String? = nil) {
        guard carrier.phase != .closed else { return }
        let wasOpening = carrier.phase == .connecting
        let carried = carrier.waiting + (carrier.http2?.streams ?? []).compactMap(\.handle)
        if let address = carrier.address { noteFailure(of: address, pool: carrier.pool, words) }
        close(carrier)
        for handle in carried {
            guard let upstream = upstreams[handle], upstream.carrier === carrier else { continue }
            if wasOpening { connectFailed(upstream, reason, words) } else { upstreamBroke(upstream) }
        }
    }

    /// Lets go of a stream that is over for its exchange; where the server is not done with it, it is told.
    func leave(_ upstream: UpstreamConnection, _ carrier: UpstreamConnection) {
        carriedStreams -= 1
        pools[carrier.pool].streams -= 1
        carrier.carried -= 1
        upstream.carrier = nil
        guard carrier.phase != .closed else { return }
        noteFreed(carrier.group)
        carrier.waiting.removeAll { $0 == upstream.handle }
        if let session = carrier.http2, let stream = upstream.stream {
            stream.handle = nil
            if !stream.isClosed, !(stream.isInputEnded && stream.isOutputEnded) {
                session.reset(stream, code: stream.isInputEnded ? HTTP2Code.noError : HTTP2Code.cancel)
                needsFlush(carrier)
            } else if stream.unusedBytes > 0 {
                session.use(stream.unusedBytes, of: stream)
                needsFlush(carrier)
            }
        }
        upstream.stream = nil
        closeIfIdle(carrier)
    }

    /// A carrier without a stream is kept for a while, unless its server has said goodbye.
    func closeIfIdle(_ carrier: UpstreamConnection) {
        guard carrier.carried == 0, carrier.phase == .serving else { return }
        if carrier.http2?.isGoingAway == true || carrier.isRetired || isDraining { return close(carrier) }
        setDeadline(carrier, after: UpstreamPool.idleMilliseconds)
    }

    /// A carrier's time is up: it did not open, or has carried nothing for long.
    func carrierExpired(_ carrier: UpstreamConnection) {
        switch carrier.phase {
        case .connecting:
            carrierBroke(
                carrier, carrier.isConnected ? .upstreamHandshakeFailed : .upstreamUnreachable, "it took too long")
        case .serving where carrier.carried == 0:
            carrier.http2?.end()
            flush(carrier: carrier)
            close(carrier)
        case .waiting, .serving, .idle, .closed: break
        }
    }
}
