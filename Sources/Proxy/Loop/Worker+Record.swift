import Access
import Core
import EventLoop
import HTTPWire

/// Stop 9: every request leaves one line in the log and its marks in the counters.
extension Worker {
    /// The part of the line that only the head can tell: client, method, host and path without its query.
    func writeLogPart(_ client: ClientConnection, _ bytes: RawSpan, into line: inout WireBuffer) {
        line.removeAll()
        guard configuration.source.requestLog.isEnabled else { return }
        let style = configuration.source.requestLog
        line.append(key: .client, style)
        line.append("\"")
        if facts.client == client.peer {
            line.append(client.peerText)
        } else {
            line.append(Array(facts.client.description.utf8))
        }
        line.append("\"")
        line.append(key: .method, style)
        line.append("\"")
        line.append(RequestRewriter.methodToken(requestHead.method))
        line.append("\"")
        line.append(key: .protocol, style)
        line.append(
            client.stream != nil ? "\"HTTP/2\"" : requestHead.minorVersion == 0 ? "\"HTTP/1.0\"" : "\"HTTP/1.1\"")
        line.append(key: .host, style)
        JSONText.append(bytes.extracting((requestHead.host ?? ByteRange(start: 0, count: 0)).range), to: &line)
        line.append(key: .path, style)
        JSONText.append(bytes.extracting(requestHead.path.range), to: &line)
    }

    /// Ends an exchange's record.
    func recordExchange(_ upstream: UpstreamConnection, reason: ReasonCode?) {
        let exchange = upstream.exchange.summary
        guard let configuration = upstream.exchange.configuration else { return }
        let status = exchange.status == 0 ? reason?.status ?? 0 : exchange.status
        let milliseconds = now &- exchange.startedAt
        count(status: status)
        counters.add(duration: milliseconds)
        if let reason { counters.add(refusal: reason) }
        guard configuration.source.requestLog.isEnabled else { return }
        let style = configuration.source.requestLog
        beginLine(exchange.requestID, style)
        upstream.exchange.logPart.withBytes { logLine.append($0) }
        logLine.append(configuration.routeNames[exchange.route], key: .route, style)
        if let tenant = exchange.tenant { logLine.append(configuration.tenantNames[tenant], key: .tenant, style) }
        if let session = exchange.session {
            octets.removeAll(keepingCapacity: true)
            session.append(to: &octets)
            logLine.append(key: .session, style)
            logLine.append("\"")
            logLine.append(octets)
            logLine.append("\"")
        }
        logLine.append(UInt64(status), key: .status, style)
        logLine.append(exchange.requestBytes, key: .bytesIn, style)
        logLine.append(exchange.answerBytes, key: .bytesOut, style)
        logLine.append(milliseconds, key: .milliseconds, style)
        if let reason { logLine.append(reason, key: .reason, style) }
        endLine(style)
    }

    /// The record of a request that was answered without an exchange.
    func record(
        _ requestID: RequestID, logPart: borrowing WireBuffer, refusal: RefusalMarks = RefusalMarks(), status: UInt16,
        bytesOut: Int, milliseconds: UInt64
    ) {
        count(status: status)
        if let reason = refusal.reason { counters.add(refusal: reason) }
        if let noted = refusal.noted { counters.add(refusal: noted) }
        guard configuration.source.requestLog.isEnabled else { return }
        let style = configuration.source.requestLog
        beginLine(requestID, style)
        logPart.withBytes { logLine.append($0) }
        if let route = refusal.route, configuration.routeNames.indices.contains(route) {
            logLine.append(configuration.routeNames[route], key: .route, style)
        }
        if let tenant = refusal.tenant, configuration.tenantNames.indices.contains(tenant) {
            logLine.append(configuration.tenantNames[tenant], key: .tenant, style)
        }
        logLine.append(UInt64(status), key: .status, style)
        logLine.append(UInt64(max(0, bytesOut)), key: .bytesOut, style)
        logLine.append(milliseconds, key: .milliseconds, style)
        if let reason = refusal.reason { logLine.append(reason, key: .reason, style) }
        if let noted = refusal.noted { logLine.append(noted, key: .sessionNote, style) }
        endLine(style)
    }

    private func beginLine(_ requestID: RequestID, _ style: RequestLogSettings) {
        logLine.removeAll()
        logLine.append(style.isText ? "" : "{\"time\":\"")
        logTime.append(wall, to: &logLine)
        logLine.append(style.isText ? " info access request=\"" : "\",\"kind\":\"access\",\"request\":\"")
        requestID.append(to: &logLine)
        logLine.append("\"")
    }

    private func endLine(_ style: RequestLogSettings) {
        logLine.append(style.isText ? "\n" : "}\n")
        let (isKept, wakes) = logLine.withBytes { ring.append($0) }
        counters.add(isKept ? .logLines : .logLinesDropped)
        if wakes { log.wake() }
    }

    private func count(status: UInt16) {
        switch status {
        case 100..<200: counters.add(.status1xx)
        case 200..<300: counters.add(.status2xx)
        case 300..<400: counters.add(.status3xx)
        case 400..<500: counters.add(.status4xx)
        case 500..<600: counters.add(.status5xx)
        default: break
        }
    }
}

/// What a record tells of a request that went nowhere.
struct RefusalMarks {
    var reason: ReasonCode?
    /// Why a session cookie counted as none.
    var noted: ReasonCode?
    var route: Int?
    var tenant: Int?
}

/// The names of a line's parts, in both styles.
enum LogKey {
    case client, method, `protocol`, host, path, route, tenant, session, sessionNote, status, bytesIn, bytesOut,
        milliseconds,
        reason

    var json: StaticString {
        switch self {
        case .client: ",\"client\":"
        case .method: ",\"method\":"
        case .protocol: ",\"protocol\":"
        case .host: ",\"host\":"
        case .path: ",\"path\":"
        case .route: ",\"route\":"
        case .tenant: ",\"tenant\":"
        case .session: ",\"session\":"
        case .sessionNote: ",\"session_note\":"
        case .status: ",\"status\":"
        case .bytesIn: ",\"bytes_in\":"
        case .bytesOut: ",\"bytes_out\":"
        case .milliseconds: ",\"ms\":"
        case .reason: ",\"reason\":"
        }
    }

    var text: StaticString {
        switch self {
        case .client: " client="
        case .method: " method="
        case .protocol: " protocol="
        case .host: " host="
        case .path: " path="
        case .route: " route="
        case .tenant: " tenant="
        case .session: " session="
        case .sessionNote: " session_note="
        case .status: " status="
        case .bytesIn: " bytes_in="
        case .bytesOut: " bytes_out="
        case .milliseconds: " ms="
        case .reason: " reason="
        }
    }
}

extension WireBuffer {
    mutating func append(key: LogKey, _ style: RequestLogSettings) { append(style.isText ? key.text : key.json) }

    mutating func append(_ number: UInt64, key: LogKey, _ style: RequestLogSettings) {
        append(key: key, style)
        append(decimal: number)
    }

    /// - Parameter quoted: JSON, in quotes.
    mutating func append(_ quoted: [UInt8], key: LogKey, _ style: RequestLogSettings) {
        append(key: key, style)
        append(quoted)
    }

    mutating func append(_ reason: ReasonCode, key: LogKey, _ style: RequestLogSettings) {
        append(key: key, style)
        append("\"")
        append(Array(reason.code.utf8))
        append("\"")
    }
}
