import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// Stops 4, 5 and 6: a head is judged, decided upon and rewritten.
extension Worker {
    /// Bytes of a refused request's body that are read and dropped, so that the connection can go on.
    static let mostDiscarded: UInt64 = 64 * 1024

    /// Begins with the request in `requestHead`; false where it has to wait for its session.
    func begin(_ client: ClientConnection, _ bytes: RawSpan) -> Bool {
        client.closesAfterAnswer = !requestHead.isPersistent || isDraining
        client.receivedSinceCheck = 0
        switch client.role.kind {
        case .gateway(let settings, _) where client.tls == nil && client.stream == nil:
            guard isTakenInClear(client, bytes, settings) else {
                counters.add(.requests)
                return true
            }
        case .gateway: break
        case .local(let handler):
            counters.add(.requests)
            beginLocal(client, bytes, handler, as: .visitor)
            return true
        case .control(let handler):
            counters.add(.requests)
            beginLocal(client, bytes, handler, as: .operator)
            return true
        }
        // One reference for the whole request: what it leads to is read in place.
        let configuration = configuration
        // 4. What two parsers could read differently is refused.
        if let reason = Admission.read(
            requestHead, bytes, connection: client, configuration: configuration, facts: &facts,
            findings: &findings)
        {
            counters.add(.requests)
            refuse(client, bytes, .beforeDecision(reason, facts: facts))
            return true
        }
        // 5. The decision, on this loop's snapshot.
        let instant = MonotonicInstant(milliseconds: now)
        switch Gate.decide(facts, snapshot: configuration.source.access, sessions: &sessions, now: instant) {
        case .load(let key):
            if let reason = loadSession(key, tenant: CookieReader.tenant(requestHead, bytes), for: client) {
                counters.add(.requests)
                refuse(client, bytes, .beforeDecision(reason, facts: facts))
                return true
            }
            client.phase = .awaitingSession
            setDeadline(client, after: Self.waitLimit)
            return false
        case .preflight(let preflight):
            counters.add(.requests)
            answer(client, bytes, preflight)
        case .refuse(let refusal):
            counters.add(.requests)
            noteForwardingFields()
            refuse(client, bytes, refusal)
        case .portal(let call):
            counters.add(.requests)
            noteForwardingFields()
            beginPortal(client, bytes, call)
        case .forward(let permit):
            counters.add(.requests)
            noteForwardingFields()
            if permit.session != nil { counters.add(.sessionHits) }
            forward(client, bytes, permit)
        }
        return true
    }

    private func noteForwardingFields() {
        if findings.hasForwardingFields { counters.add(.forwardingHeadersFromUntrusted) }
    }

    /// 6. A permitted request goes on its way.
    private func forward(_ client: ClientConnection, _ bytes: RawSpan, _ permit: consuming Permit) {
        let rules = configuration.routeRules[permit.routeIndex]
        let limit = rules?.limits.bodyBytes ?? configuration.limits.bodyBytes
        if case .length(let count) = requestHead.framing, count > UInt64(limit) {
            return refuse(client, bytes, .afterDecision(.bodyTooLarge, facts: facts, permit: permit))
        }
        guard !facts.asksForWebSocket || tunnels < Self.mostTunnels else {
            return refuse(client, bytes, .afterDecision(.upstreamOverloaded, facts: facts, permit: permit))
        }
        var rate: RateRules.Standing?
        if let rules {
            switch admit(rules, permit) {
            case .admitted(let standing): rate = standing
            case .refused(let reason, let standing):
                return refuse(
                    client, bytes, .afterDecision(reason, facts: facts, permit: permit), rate: standing)
            }
        }
        let upstreamIndex = permit.upstreamIndex
        let clientKey = clientKey(for: upstreamIndex)
        var tried = ServerSet()
        let upstream: UpstreamConnection
        switch lendOrWait(upstreamIndex, client: clientKey, tried: &tried) {
        case .lent(let lent): upstream = lent
        case .nothing(let reason):
            rules?.gauge?.leave()
            return refuse(client, bytes, .afterDecision(reason, facts: facts, permit: permit))
        }
        let isHTTP2 = configuration.source.settings.upstreams[upstreamIndex].speaksHTTP2
        let bindsConnection = bindsConnection(bytes)
        let requestID = requestIDs.next(wall: wall)
        writeLogPart(client, bytes, into: &upstream.exchange.logPart)
        // The permit is swallowed here; its identity goes straight into the head.
        let identity = permit.identity
        let assertion = assertion(for: permit)
        upstream.exchange.begin(
            permit, client: client.handle, configuration: configuration, head: requestHead, requestID: requestID,
            now: now, isDraining: isDraining, webSocketAccept: facts.asksForWebSocket ? webSocketAccept(bytes) : [],
            speaksHTTP2: isHTTP2, isGRPC: facts.isGRPC, rate: rate)
        upstream.exchange.clientKey = clientKey
        upstream.exchange.tried = tried
        upstream.exchange.isApplicationLogout =
            rules?.applicationSession?.isLogout(bytes.extracting(requestHead.path.range)) ?? false
        if facts.isPageLoad || facts.isFrameLoad {
            upstream.exchange.pageLanguage = pageLanguage(bytes, mayBeChosen: findings.hasOtherOwnCookie)
        }
        claimUpstreamOut(upstream)
        hostOut.removeAll()
        hostOut.append(facts.host.bytes)
        if let port = facts.host.port {
            hostOut.append(0x3A)
            hostOut.append(decimal: UInt64(port))
        }
        RequestRewriter.write(
            requestHead, bytes, identity: identity, assertion: assertion,
            secretLine: configuration.secretLines[upstreamIndex],
            client: facts.client, connection: client, host: hostOut,
            ingredients: RequestRewriter.Ingredients(
                requestID: requestID, hasOwnCookie: findings.hasOwnCookie || findings.cookieFields > 1,
                asksForWebSocket: facts.asksForWebSocket, acceptsTrailers: isHTTP2,
                leavesCredentials: isHTTP2 && bindsConnection,
                port: facts.host.port ?? 443, rules: upstream.exchange.rules),
            into: &upstreamOut)
        if upstream.exchange.rules?.prefix != nil { hostOut.withBytes { upstream.exchange.host.append($0) } }
        if bindsConnection { upstream.isBoundToClient = true }
        if facts.asksForWebSocket {
            client.tunnelGround = TunnelGround(facts: facts, tenant: CookieReader.tenant(requestHead, bytes))
        }
        counters.add(.requestsForwarded)
        client.requestBody = client.body(requestHead.framing)
        client.bodyBytesLeft = limit
        client.upstream = upstream.handle
        client.phase = .forwarding
        client.closesAfterAnswer = !upstream.exchange.isClientPersistent
        if requestHead.framing == .none {
            client.deadline = .max
            if requestHead.method.isIdempotent, upstream.exchange.retriesLeft > 0 {
                upstreamOut.withBytes { upstream.exchange.sentRequest.append($0) }
            } else {
                upstream.exchange.retriesLeft = 0
            }
        } else {
            upstream.exchange.retriesLeft = 0
            setDeadline(client, after: Self.rateWindow)
            if requestHead.expectsContinue { sendContinue(client) }
        }
        if upstream.phase == .serving { setDeadline(upstream, after: firstByteTimeout(of: upstream)) }
    }

    /// The signed line for a member's request; empty for others, and where none is configured.
    private func assertion(for permit: borrowing Permit) -> [UInt8] {
        let configuration = configuration
        guard permit.session != nil, configuration.signsAssertions else { return [] }
        let slot = permit.sessionSlot
        let second = wall / 1000
        if let line = assertions.line(
            slot: slot, version: permit.sessionVersion, upstream: permit.upstreamIndex,
            upstreams: configuration.pools.count, second: second)
        {
            return line
        }
        guard let signer = configuration.source.assertions, let entry = sessions.entry(at: slot) else { return [] }
        return assertions.sign(
            entry, slot: slot, version: permit.sessionVersion, upstream: permit.upstreamIndex,
            upstreams: configuration.pools.count, second: second, signer: signer)
    }

    /// True where the request carries credentials that authenticate the connection, not the request (security
    /// rule 6, RFC 4559 §6): whoever was lent the connection next would be that user.
    private func bindsConnection(_ bytes: RawSpan) -> Bool {
        for field in requestHead.fields where field.id == .authorization {
            let value = bytes.extracting(field.value.range)
            for scheme: StaticString in ["NTLM", "Negotiate"] where value.byteCount >= scheme.utf8CodeUnitCount {
                if value.extracting(0..<scheme.utf8CodeUnitCount).equalsIgnoringCase(scheme) { return true }
            }
        }
        return false
    }

    func sendContinue(_ client: ClientConnection) {
        clientOut.append("HTTP/1.1 100 Continue\r\n\r\n")
        emitClientOut(client)
        send(client)
    }

    /// Passes on what has come of a request's body, with framing of our own.
    func forwardBody(_ client: ClientConnection, _ bytes: RawSpan, _ position: inout Int) {
        guard let handle = client.upstream, let upstream = upstreams[handle] else { return }
        claimUpstreamOut(upstream)
        while true {
            switch client.requestBody.next(bytes, &position) {
            case .content(let range):
                client.bodyBytesLeft -= range.count
                guard client.bodyBytesLeft >= 0 else { return failExchange(upstream, .bodyTooLarge) }
                if upstream.phase == .serving { setDeadline(upstream, after: idleTimeout(of: upstream)) }
                upstream.exchange.requestBytes += UInt64(range.count)
                if upstream.exchange.sendsChunks {
                    ChunkWriter.begin(range.count, into: &upstreamOut)
                    upstreamOut.append(bytes.extracting(range))
                    ChunkWriter.end(into: &upstreamOut)
                } else {
                    upstreamOut.append(bytes.extracting(range))
                }
                if upstream.pendingCount + upstreamOut.count >= Self.pendingBound {
                    flushUpstreamOut()
                    if upstream.phase == .closed { return }
                    if upstream.pendingCount >= Self.pendingBound {
                        client.isReadPaused = true
                        return endBodyIfComplete(client, upstream)
                    }
                    claimUpstreamOut(upstream)
                }
            case .needsMore:
                // A chunk may announce more than may come.
                guard client.requestBody.announcedBytes <= UInt64(client.bodyBytesLeft) else {
                    return failExchange(upstream, .bodyTooLarge)
                }
                return
            case .end:
                return endBodyIfComplete(client, upstream)
            case .malformed(let reason):
                return failExchange(upstream, reason)
            }
        }
    }

    func endBodyIfComplete(_ client: ClientConnection, _ upstream: UpstreamConnection) {
        guard client.requestBody.isComplete, !upstream.exchange.isRequestComplete else { return }
        var trailers = WireBuffer()
        if !client.requestBody.trailers.isEmpty, upstream.exchange.sendsChunks || upstream.exchange.speaksHTTP2 {
            var section = WireBuffer()
            section.append(client.requestBody.trailers)
            let rules = upstream.exchange.rules?.requestFields
            let reason = section.withBytes { RequestRewriter.writeTrailers($0, rules: rules, into: &trailers) }
            if let reason { return failExchange(upstream, reason) }
        }
        if upstream.exchange.sendsChunks {
            claimUpstreamOut(upstream)
            ChunkWriter.last(into: &upstreamOut)
            if trailers.isEmpty { upstreamOut.append("\r\n") } else { upstreamOut.append(moving: &trailers) }
        }
        upstream.exchange.isRequestComplete = true
        if upstream.exchange.speaksHTTP2 {
            upstream.exchange.requestTrailers = trailers.copied()
            finishRequest(upstream)
            guard upstream.phase != .closed else { return }
        }
        // A client that has not read the answer so far keeps its own bound.
        if client.unsent == 0 { client.deadline = .max }
        if upstream.phase == .serving { setDeadline(upstream, after: firstByteTimeout(of: upstream)) }
    }

    /// Reads on over the body of a request that was refused.
    func discardBody(_ client: ClientConnection, _ bytes: RawSpan, _ position: inout Int) {
        while true {
            switch client.requestBody.next(bytes, &position) {
            case .content(let range):
                client.bodyBytesLeft -= range.count
                guard client.bodyBytesLeft >= 0 else { return closeGracefully(client) }
            case .needsMore: return
            case .end: return finishAnswer(client)
            case .malformed: return closeGracefully(client)
            }
        }
    }
}
