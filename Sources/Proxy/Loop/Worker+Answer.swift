import Access
import Core
import EventLoop
import HTTPWire

/// Answers of our own: refusals as pages, problems and redirects (interfaces, "What a request meets").
extension Worker {
    /// Refuses the request in `requestHead`, as the decision says.
    func refuse(
        _ client: ClientConnection, _ bytes: RawSpan, _ refusal: Refusal, route: Int? = nil,
        rate: RateRules.Standing? = nil
    ) {
        let requestID = requestIDs.next(wall: wall)
        var body: [UInt8] = []
        var location: [UInt8] = []
        let isHTML: Bool
        switch refusal.form {
        case .redirectToLogin(let status):
            appendReturn(status, bytes) { LoginRedirect.appendLogin(returningTo: $0, to: &location) }
            isHTML = false
        case .redirectToStepUp(let status):
            // 303 answers a method that may have changed something (RFC 9110 §15.4.4).
            appendReturn(status, bytes) {
                LoginRedirect.appendStepUp(returningTo: $0, isRepeated: status == 303, to: &location)
            }
            isHTML = false
        case .page, .loginFrame:
            body = page(refusal.reason, pageLanguage(bytes), requestID)
            isHTML = true
        case .problem:
            let login = refusal.status == 401 ? loginURL(refusal.reason) : nil
            ProblemDocument.append(
                refusal.reason, status: refusal.status, requestID: requestID.text, loginURL: login, to: &body)
            isHTML = false
        case .grpc: isHTML = false
        }
        let isHead = requestHead.method == .head
        settleRefusedBody(client, refusal.reason)
        beginOwnHead(refusal.status, client)
        if !location.isEmpty {
            clientOut.append("Location: ")
            clientOut.append(location)
            clientOut.append("\r\n")
        }
        if let allow = refusal.allow {
            clientOut.append("Allow: ")
            var value: [UInt8] = []
            Challenge.appendAllow(allow, to: &value)
            clientOut.append(value)
            clientOut.append("\r\n")
        } else if refusal.reason == .methodRefused {
            clientOut.append("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")
        }
        if refusal.form == .grpc { appendGRPCStatus(refusal.reason) }
        if let index = refusal.routeIndex, let crossOrigin = configuration.routeRules[index]?.crossOrigin {
            crossOrigin.write(origin: refusal.originIndex, into: &clientOut)
        }
        if refusal.status == 503 { clientOut.append("Retry-After: 5\r\n") }
        if let rate, let index = refusal.routeIndex, let rates = configuration.routeRules[index]?.rates {
            if refusal.status == 429 {
                clientOut.append("Retry-After: ")
                clientOut.append(decimal: rate.seconds)
                clientOut.append("\r\n")
            }
            rates.write(rate, into: &clientOut)
        }
        if refusal.status == 401, refusal.form == .problem {
            clientOut.append("WWW-Authenticate: ")
            var value: [UInt8] = []
            Challenge.append(for: refusal, to: &value)
            clientOut.append(value)
            clientOut.append("\r\n")
        }
        endOwnAnswer(client, requestID, status: refusal.status, body: body, isHTML: isHTML, isHead: isHead)
        var part = WireBuffer()
        writeLogPart(client, bytes, into: &part)
        let marks = RefusalMarks(
            reason: refusal.reason, noted: refusal.notedSessionReason, route: route ?? refusal.routeIndex,
            tenant: refusal.tenantIndex)
        record(
            requestID, logPart: part, refusal: marks, status: refusal.status, bytesOut: body.count, milliseconds: 0)
        afterRefusal(client)
    }

    /// gRPC's own fields, in a head that no body follows.
    private func appendGRPCStatus(_ reason: ReasonCode) {
        var lines = Array("Content-Type: \(GRPCStatus.contentType)\r\n".utf8)
        GRPCStatus.append(reason, to: &lines)
        clientOut.append(lines)
    }

    /// Sends a request in clear to the same place over https, where its host is ours; nothing else is done with it.
    func redirectToHTTPS(_ client: ClientConnection, _ bytes: RawSpan) {
        if let reason = Admission.read(
            requestHead, bytes, connection: client, configuration: configuration, facts: &facts, findings: &findings)
        {
            return refuse(client, bytes, .beforeDecision(reason, facts: facts))
        }
        guard configuration.source.access.knows(facts.host) else {
            return refuse(client, bytes, .beforeDecision(.hostUnknown, facts: facts))
        }
        let requestID = requestIDs.next(wall: wall)
        settleRefusedBody(client, nil)
        beginOwnHead(308, client)
        clientOut.append("Location: https://")
        clientOut.append(facts.host.bytes)
        if configuration.source.access.settings.publicPort != 443 {
            clientOut.append(":")
            clientOut.append(decimal: UInt64(configuration.source.access.settings.publicPort))
        }
        if requestHead.path.isEmpty { clientOut.append("/") }
        clientOut.append(bytes.extracting(requestHead.target.range))
        clientOut.append("\r\n")
        endOwnAnswer(
            client, requestID, status: 308, body: [], isHTML: false, isHead: requestHead.method == .head)
        var part = WireBuffer()
        writeLogPart(client, bytes, into: &part)
        record(requestID, logPart: part, status: 308, bytesOut: 0, milliseconds: 0)
        afterRefusal(client)
    }

    /// Where a program's user could sign in, or prove what is missing: on the host that was asked, whose session it would
    /// be.
    private func loginURL(_ reason: ReasonCode) -> String {
        let port = facts.host.port.map { ":\($0)" } ?? ""
        let path = reason == .mfaRequired ? LoginRedirect.stepUpPath : LoginRedirect.loginPath
        return "https://\(facts.host.text)\(port)\(path)"
    }

    /// Refuses bytes that are no request, or what is still coming because of a bound.  Nothing in them is trusted, so
    /// the answer is a problem document and the connection closes.
    func refuseBeforeDecision(_ client: ClientConnection, _ reason: ReasonCode) {
        client.closesAfterAnswer = true
        client.requestBody = BodyReader(.none)
        refuseShort(client, reason)
    }

    /// Tells the client that its exchange failed, before anything of an answer was sent.
    func refuseExchange(_ client: ClientConnection, _ upstream: UpstreamConnection, _ reason: ReasonCode) {
        let isGRPC = upstream.exchange.isGRPC
        let status = isGRPC ? 200 : reason.status
        upstream.exchange.status = status
        let requestID = upstream.exchange.requestID
        if !upstream.exchange.isRequestComplete || reason.closesConnection { client.closesAfterAnswer = true }
        var body: [UInt8] = []
        let language = upstream.exchange.pageLanguage
        if let language {
            body = page(reason, language, requestID)
        } else if !isGRPC {
            ProblemDocument.append(reason, status: reason.status, requestID: requestID.text, to: &body)
        }
        beginOwnHead(status, client)
        if isGRPC {
            appendGRPCStatus(reason)
        } else if reason.status == 503 {
            clientOut.append("Retry-After: 5\r\n")
        }
        upstream.exchange.rules?.crossOrigin?.write(origin: upstream.exchange.origin, into: &clientOut)
        endOwnAnswer(
            client, requestID, status: status, body: body, isHTML: language != nil,
            isHead: upstream.exchange.method == .head)
        recordExchange(upstream, reason: reason)
        client.requestBody = BodyReader(.none)
        afterRefusal(client)
    }

    private func refuseShort(_ client: ClientConnection, _ reason: ReasonCode) {
        let requestID = requestIDs.next(wall: wall)
        var body: [UInt8] = []
        ProblemDocument.append(reason, status: reason.status, requestID: requestID.text, to: &body)
        beginOwnHead(reason.status, client)
        if reason == .methodRefused {
            clientOut.append("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")
        }
        endOwnAnswer(client, requestID, status: reason.status, body: body, isHTML: false, isHead: false)
        var part = WireBuffer()
        part.append(key: .client, configuration.source.requestLog)
        part.append("\"")
        part.append(client.peerText)
        part.append("\"")
        record(
            requestID, logPart: part, refusal: RefusalMarks(reason: reason), status: reason.status,
            bytesOut: body.count, milliseconds: 0)
        afterRefusal(client)
    }

    /// Decides what becomes of the body of a refused request: a small one is read over, so that the connection
    /// goes on; otherwise the connection closes.
    func settleRefusedBody(_ client: ClientConnection, _ reason: ReasonCode?) {
        if reason?.closesConnection == true { client.closesAfterAnswer = true }
        // What a stream still sends cannot be taken for another request: it ends with its answer.
        guard client.stream == nil else {
            client.requestBody = BodyReader(.none)
            return
        }
        switch requestHead.framing {
        case .none:
            client.requestBody = BodyReader(.none)
        case .length(let count) where count <= Self.mostDiscarded && !requestHead.expectsContinue:
            client.requestBody = BodyReader(requestHead.framing)
            client.bodyBytesLeft = Int(count)
        default:
            client.requestBody = BodyReader(.none)
            client.closesAfterAnswer = true
        }
    }

    func afterRefusal(_ client: ClientConnection) {
        guard client.phase != .closed else { return }
        if client.closesAfterAnswer || client.requestBody.isComplete { return finishAnswer(client) }
        client.phase = .discardingBody
        client.isReadPaused = false
        setDeadline(client, after: configuration.limits.headerTimeout)
    }

    /// Status line and the fields that every answer of ours has.
    func beginOwnHead(_ status: UInt16, _ client: ClientConnection) {
        clientOut.append("HTTP/1.1 ")
        clientOut.append(decimal: UInt64(status))
        clientOut.append(" ")
        clientOut.append(StatusPhrases.bytes(of: status))
        clientOut.append("\r\nDate: ")
        logTime.appendHTTPDate(wall, to: &clientOut)
        clientOut.append("\r\n")
        if client.closesAfterAnswer || isDraining { clientOut.append("Connection: close\r\n") }
        if client.isSecure { clientOut.append(configuration.strictTransport) }
    }

    func endOwnAnswer(
        _ client: ClientConnection, _ requestID: RequestID, status: UInt16, body: [UInt8], isHTML: Bool, isHead: Bool
    ) {
        clientOut.append(
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n")
        if isHTML {
            clientOut.append("Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: ")
            clientOut.append(Array(configuration.source.pagePolicy.utf8))
            clientOut.append(
                "\r\nCross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\nVary: Accept-Language\r\n"
            )
        } else if !body.isEmpty {
            clientOut.append("Content-Type: application/problem+json\r\n")
        }
        // RFC 9110 §8.6: a 204 has no length.
        if status != 204 {
            clientOut.append("Content-Length: ")
            clientOut.append(decimal: UInt64(body.count))
            clientOut.append("\r\n")
        }
        clientOut.append("X-Request-ID: ")
        requestID.append(to: &clientOut)
        clientOut.append("\r\n\r\n")
        if !isHead { clientOut.append(body) }
        emitClientOut(client)
        send(client)
    }

    /// The way back: the target of a GET, or the same-origin Referer of another method (303).
    private func appendReturn(_ status: UInt16, _ bytes: RawSpan, _ append: (RawSpan) -> Void) {
        if status == 302 { return append(bytes.extracting(requestHead.target.range)) }
        let nothing = bytes.extracting(0..<0)
        guard let referer = requestHead.first(.referer), let host = requestHead.host else { return append(nothing) }
        let value = bytes.extracting(referer.value.range)
        let scheme: StaticString = "https://"
        let authorityEnd = scheme.utf8CodeUnitCount + Int(host.count)
        guard value.hasPrefix(scheme), value.byteCount > authorityEnd,
            value.extracting(scheme.utf8CodeUnitCount..<authorityEnd)
                .equalsIgnoringCase(bytes.extracting(host.range)),
            value.octet(authorityEnd) == 0x2F
        else { return append(nothing) }
        append(value.extracting(authorityEnd..<value.byteCount))
    }

    /// The language of pages for the request in `requestHead`: the chosen one, else the browser's.
    /// - Parameter mayBeChosen: false where no cookie came that could say so.
    func pageLanguage(_ bytes: RawSpan, mayBeChosen: Bool = true) -> PageLanguage {
        if mayBeChosen, let chosen = CookieReader.language(requestHead, bytes) { return chosen }
        guard let field = requestHead.first(.acceptLanguage) else { return .english }
        return PageLanguage.preferred(acceptLanguage: bytes.extracting(field.value.range))
    }

    /// The refusal's page, its holes filled.
    private func page(_ reason: ReasonCode, _ language: PageLanguage, _ requestID: RequestID) -> [UInt8] {
        var page: [UInt8] = []
        for piece in configuration.source.pages.page(for: reason, in: language).pieces {
            switch piece {
            case .bytes(let part): page += part
            case .slot(.requestID): page += Array(requestID.text.utf8)
            // A canonical host is letters, digits, dots, dashes, underscores, colons and brackets: nothing to escape.
            case .slot(.host): page += facts.host.bytes
            }
        }
        return page
    }
}
