import Access
import Core
import EventLoop
import HTTPWire

/// Requests that Gatehouse answers itself: they leave the loop here, with their body, and come back through
/// the mailbox.
extension Worker {
    /// A path of the portal, on a public listener.
    func beginPortal(_ client: ClientConnection, _ bytes: RawSpan, _ call: PortalCall) {
        let access = configuration.source.access
        var standing = CallerStanding(isTenantSuspended: call.isTenantSuspended)
        standing.hostTenant = call.hostTenantIndex.map(access.tenantID(at:))
        standing.belongsToPortalHost = call.belongsToPortalHost
        if call.session != nil, let key = facts.sessionKey, let entry = sessions.entry(for: key) {
            standing.caller = .member(entry)
        }
        beginCall(
            client, bytes, standing, handler: seams.portal, limit: configuration.limits.portalBodyBytes)
    }

    /// Any request on a local listener.
    func beginLocal(
        _ client: ClientConnection, _ bytes: RawSpan, _ handler: @escaping PortalHandler, as caller: PortalCaller
    ) {
        facts.reset()
        facts.method = requestHead.method
        facts.client = client.peer
        beginCall(
            client, bytes, CallerStanding(caller: caller), handler: handler,
            limit: max(configuration.limits.portalBodyBytes, Self.leastLocalBody))
    }

    /// What a command may send, however little visitors may.
    private static let leastLocalBody = 1024 * 1024

    /// What the decision found out about the caller.
    private struct CallerStanding {
        var caller = PortalCaller.visitor
        var hostTenant: TenantID?
        var isTenantSuspended = false
        var belongsToPortalHost = false
    }

    private func beginCall(
        _ client: ClientConnection, _ bytes: RawSpan, _ standing: CallerStanding, handler: @escaping PortalHandler,
        limit: Int
    ) {
        if case .length(let count) = requestHead.framing, count > UInt64(limit) {
            return refuse(client, bytes, .beforeDecision(.bodyTooLarge, facts: facts))
        }
        let requestID = requestIDs.next(wall: wall)
        if !client.role.isLocal { counters.add(.portalCalls) }
        var part = WireBuffer()
        writeLogPart(client, bytes, into: &part)
        var request = portalRequest(client, bytes, requestID)
        request.caller = standing.caller
        request.hostTenant = standing.hostTenant
        request.isTenantSuspended = standing.isTenantSuspended
        request.belongsToPortalHost = standing.belongsToPortalHost
        client.portal = PortalCallState(
            request: request, method: requestHead.method, requestID: requestID,
            handler: handler, startedAt: now, logPart: part.copied())
        client.closesAfterAnswer = !requestHead.isPersistent || isDraining
        client.requestBody = client.body(requestHead.framing)
        client.bodyBytesLeft = limit
        if requestHead.framing == .none {
            callPortal(client)
        } else {
            client.phase = .gatheringBody
            setDeadline(client, after: Self.rateWindow)
            if requestHead.expectsContinue { sendContinue(client) }
        }
    }

    /// The head for the portal, without fields that could set an identity.
    private func portalRequest(_ client: ClientConnection, _ bytes: RawSpan, _ requestID: RequestID) -> PortalRequest {
        let authority = requestHead.host ?? requestHead.authority ?? ByteRange(start: 0, count: 0)
        var path = Self.text(bytes.extracting(requestHead.target.range))
        if requestHead.path.isEmpty { path = "/" + path }
        let isLocal = client.role.isLocal
        var fields: [(name: String, value: String)] = []
        for field in requestHead.fields {
            // The echo application shows what it was sent, identity and all; the portal sees what an
            // application would.
            guard isLocal || RequestRewriter.passes(field.id), field.id != .host else { continue }
            if requestHead.hasNominations,
                RequestRewriter.isNominated(bytes.extracting(field.name.range), requestHead, bytes)
            {
                continue
            }
            fields.append(
                (Self.text(bytes.extracting(field.name.range)), Self.text(bytes.extracting(field.value.range))))
        }
        return PortalRequest(
            method: requestHead.method, scheme: client.isSecure ? "https" : "http",
            authority: Self.text(bytes.extracting(authority.range)), path: path, fields: fields,
            client: facts.client, requestID: requestID.text)
    }

    private static func text(_ bytes: RawSpan) -> String {
        var octets: [UInt8] = []
        octets.reserveCapacity(bytes.byteCount)
        for index in 0..<bytes.byteCount { octets.append(bytes.octet(index)) }
        return String(decoding: octets, as: UTF8.self)
    }

    func gatherBody(_ client: ClientConnection, _ bytes: RawSpan, _ position: inout Int) {
        while true {
            switch client.requestBody.next(bytes, &position) {
            case .content(let range):
                client.bodyBytesLeft -= range.count
                guard client.bodyBytesLeft >= 0 else { return refuseBeforeDecision(client, .bodyTooLarge) }
                for index in range { client.portal?.body.append(bytes.octet(index)) }
            case .needsMore:
                guard client.requestBody.announcedBytes <= UInt64(client.bodyBytesLeft) else {
                    return refuseBeforeDecision(client, .bodyTooLarge)
                }
                return
            case .end: return callPortal(client)
            case .malformed(let reason): return refuseBeforeDecision(client, reason)
            }
        }
    }

    func callPortal(_ client: ClientConnection) {
        guard let call = client.portal else { return }
        client.phase = .awaitingPortal
        // A command may ask for a look at every row of a large store.
        setDeadline(client, after: client.role.isControl ? Self.commandLimit : Self.waitLimit)
        var request = call.request
        request.body = call.body
        call.body = []
        let (handler, mailbox, handle, final) = (call.handler, mailbox, client.handle, request)
        Task {
            let response = await handler(final)
            mailbox.post(.portalAnswered(response, client: handle))
        }
    }

    func answerFromPortal(_ client: ClientConnection, _ response: PortalResponse) {
        guard let call = client.portal else { return }
        let status = response.statusCode
        beginOwnHead(status, client)
        var saysCache = false
        for field in response.fields {
            switch field.name {
            case "content-length", "connection", "date", "transfer-encoding", "x-request-id": continue
            case "cache-control": saysCache = true
            default: break
            }
            clientOut.append(Array(field.name.utf8))
            clientOut.append(": ")
            clientOut.append(Array(field.value.utf8))
            clientOut.append("\r\n")
        }
        if !saysCache { clientOut.append("Cache-Control: no-store\r\n") }
        let hasBody = status != 204 && status != 304
        if hasBody {
            clientOut.append("Content-Length: ")
            clientOut.append(decimal: UInt64(response.body.count))
            clientOut.append("\r\n")
        }
        clientOut.append("X-Request-ID: ")
        call.requestID.append(to: &clientOut)
        clientOut.append("\r\n\r\n")
        if hasBody, call.method != .head { clientOut.append(response.body) }
        emitClientOut(client)
        send(client)
        var part = WireBuffer()
        part.append(call.logPart)
        if !client.role.isLocal {
            record(
                call.requestID, logPart: part, status: status, bytesOut: response.body.count,
                milliseconds: now &- call.startedAt)
        }
        finishAnswer(client)
    }
}
