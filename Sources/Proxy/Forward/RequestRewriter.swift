import Access
import Core
import HTTPWire

/// Writes the head that the application sees (security rules 3 and 5): everything that could set an identity,
/// name another origin or frame the body differently is left out first, then ours is set.
///
/// This is the one place that decides which request fields pass.
enum RequestRewriter {
    /// What else goes into the head.
    struct Ingredients {
        var requestID: RequestID
        var hasOwnCookie: Bool
        /// It is a WebSocket handshake, which asks for the upgrade on our connection, too.
        var asksForWebSocket = false
        /// Over HTTP/2 trailers come back, whatever the client can read (RFC 9110 §10.1.4).
        var acceptsTrailers = false
        /// The connection to the application is shared: credentials that would bind it to this client stay behind.
        var leavesCredentials = false
        /// The port that the request came in on, for `X-Forwarded-Port`.
        var port: UInt16
        /// What the route asks for; nil where it asks for nothing.
        var rules: RouteRules?
    }

    /// True for a field that may pass as it stands.
    @inline(__always)
    static func passes(_ id: FieldName) -> Bool {
        switch id {
        case .lookAlike, .identity, .forwarding, .hopByHop, .host, .contentLength, .transferEncoding, .connection,
            .expect, .upgrade, .te, .trailer, .xForwardedFor, .xForwardedProto, .altSvc, .gatehouseSession,
            .serviceWorkerAllowed:
            false
        default: true
        }
    }

    /// - Parameters:
    ///   - assertion: the line of the signed assertion, or nothing.
    ///   - host: the canonical host, with the port that the client wrote.
    static func write(
        _ head: borrowing RequestHead, _ bytes: RawSpan, identity: [UInt8], assertion: [UInt8] = [],
        secretLine: [UInt8], client: ClientAddress,
        connection: ClientConnection, host: borrowing WireBuffer, ingredients: Ingredients, into out: inout WireBuffer
    ) {
        // 1. Request line: what was judged, in origin-form.
        out.append(methodToken(head.method))
        out.append(" ")
        let rules = ingredients.rules
        if let prefix = rules?.prefix {
            prefix.writeTarget(head, bytes, into: &out)
        } else {
            if head.path.isEmpty { out.append("/") }
            out.append(bytes.extracting(head.target.range))
        }
        out.append(" HTTP/1.1\r\nHost: ")
        host.withBytes { out.append($0) }
        out.append("\r\n")
        // 2. What passes, copied in runs of whole lines.
        let hasFieldRules = rules.map { !$0.requestFields.isEmpty } ?? false
        var runStart = -1
        var runEnd = 0
        for field in head.fields {
            var isKept = passes(field.id)
            if isKept, head.hasNominations {
                isKept = !isNominated(bytes.extracting(field.name.range), head, bytes)
            }
            if isKept, field.id == .cookie, ingredients.hasOwnCookie { isKept = false }
            if isKept, field.id == .authorization, ingredients.leavesCredentials { isKept = false }
            if isKept, hasFieldRules, let rules {
                isKept = !rules.requestFields.drops(bytes.extracting(field.name.range))
            }
            let start = field.name.range.lowerBound
            if isKept {
                if runStart < 0 { runStart = start }
            } else if runStart >= 0 {
                out.append(bytes.extracting(runStart..<start))
                runStart = -1
            }
            runEnd = field.value.range.upperBound
        }
        if runStart >= 0 {
            out.append(bytes.extracting(runStart..<runEnd))
            out.append("\r\n")
        }
        if ingredients.hasOwnCookie { writeForeignCookies(head, bytes, into: &out) }
        // 3. The route's, then ours.
        if let rules {
            out.append(rules.requestFields.lines)
            if let prefix = rules.prefix { out.append(prefix.forwardedLine) }
        }
        out.append(identity)
        out.append(assertion)
        out.append(secretLine)
        writeForwarding(client, connection, host: host, port: ingredients.port, into: &out)
        out.append("X-Request-ID: ")
        ingredients.requestID.append(to: &out)
        if ingredients.acceptsTrailers { out.append("\r\nTE: trailers") }
        if ingredients.asksForWebSocket { out.append("\r\nConnection: Upgrade\r\nUpgrade: websocket") }
        // 4. The framing.
        switch head.framing {
        case .length(let count):
            out.append("\r\nContent-Length: ")
            out.append(decimal: count)
        case .chunked: out.append("\r\nTransfer-Encoding: chunked")
        case .none, .untilClose:
            // A method that means a body says that it has none (RFC 9110 §8.6).
            if head.method == .post || head.method == .put || head.method == .patch {
                out.append("\r\nContent-Length: 0")
            }
        }
        out.append("\r\n\r\n")
    }

    private static func writeForwarding(
        _ client: ClientAddress, _ connection: ClientConnection, host: borrowing WireBuffer, port: UInt16,
        into out: inout WireBuffer
    ) {
        let address = client == connection.peer ? connection.peerText : Array(client.description.utf8)
        let isSecure = connection.isSecure
        out.append("X-Forwarded-For: ")
        out.append(address)
        out.append("\r\nX-Real-IP: ")
        out.append(address)
        out.append("\r\nX-Forwarded-Host: ")
        host.withBytes { out.append($0) }
        out.append(
            isSecure
                ? "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: "
                : "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: ")
        out.append(decimal: UInt64(port))
        // RFC 7239 §4: an IPv6 address is bracketed and quoted.
        out.append("\r\nForwarded: for=")
        if client.isIPv4 {
            out.append(address)
        } else {
            out.append("\"[")
            out.append(address)
            out.append("]\"")
        }
        out.append(isSecure ? ";proto=https;host=\"" : ";proto=http;host=\"")
        host.withBytes { out.append($0) }
        out.append("\"\r\n")
    }

    /// The client's cookies without ours, joined into one field (RFC 9113 §8.2.3).
    private static func writeForeignCookies(
        _ head: borrowing RequestHead, _ bytes: RawSpan, into out: inout WireBuffer
    ) {
        var isFirst = true
        for field in head.fields where field.id == .cookie {
            let value = bytes.extracting(field.value.range)
            if head.hasNominations, isNominated(bytes.extracting(field.name.range), head, bytes) { continue }
            CookieReader.forEach(value) { crumb, isOwn in
                guard !isOwn else { return }
                out.append(isFirst ? "Cookie: " : "; ")
                out.append(value.extracting(crumb))
                isFirst = false
            }
        }
        if !isFirst { out.append("\r\n") }
    }

    /// True where a Connection field names this one (RFC 9110 §7.6.1).
    static func isNominated(_ name: RawSpan, _ head: borrowing RequestHead, _ bytes: RawSpan) -> Bool {
        for field in head.fields where field.id == .connection {
            let value = bytes.extracting(field.value.range)
            var position = 0
            while let range = ListReader.next(value, &position) {
                if value.extracting(range).equalsIgnoringCase(name) { return true }
            }
        }
        return false
    }

    /// Writes a trailer section that passed the filter, its empty line included (security rule 3).
    /// - Parameter rules: of the route, in this direction: what does not pass as a header field does not as a trailer.
    static func writeTrailers(
        _ trailers: RawSpan, rules: FieldRuleBytes? = nil, into out: inout WireBuffer
    ) -> ReasonCode? {
        var kept = WireBuffer()
        var isFraming = false
        let reason = TrailerSection.read(trailers) { field in
            switch field.id {
            // RFC 9110 §6.5.1: a reader that merged these would read another message.
            case .host, .contentLength, .transferEncoding, .connection, .te, .trailer, .upgrade, .expect:
                isFraming = true
            default: break
            }
            guard field.id == .other else { return }
            if let rules, rules.drops(trailers.extracting(field.name.range)) { return }
            kept.append(trailers.extracting(field.name.range))
            kept.append(": ")
            kept.append(trailers.extracting(field.value.range))
            kept.append("\r\n")
        }
        if let reason { return reason }
        if isFraming { return .trailerRefused }
        out.append(moving: &kept)
        out.append("\r\n")
        return nil
    }

    @inline(__always)
    static func methodToken(_ method: Method) -> StaticString {
        switch method {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        default: rareToken(method)
        }
    }

    private static func rareToken(_ method: Method) -> StaticString {
        switch method {
        case .propfind: "PROPFIND"
        case .proppatch: "PROPPATCH"
        case .mkcol: "MKCOL"
        case .copy: "COPY"
        case .move: "MOVE"
        case .lock: "LOCK"
        case .unlock: "UNLOCK"
        case .search: "SEARCH"
        case .report: "REPORT"
        case .mkactivity: "MKACTIVITY"
        case .checkout: "CHECKOUT"
        case .checkin: "CHECKIN"
        case .uncheckout: "UNCHECKOUT"
        case .merge: "MERGE"
        case .label: "LABEL"
        case .versionControl: "VERSION-CONTROL"
        case .mkworkspace: "MKWORKSPACE"
        case .update: "UPDATE"
        case .baselineControl: "BASELINE-CONTROL"
        case .acl: "ACL"
        case .bind: "BIND"
        case .unbind: "UNBIND"
        case .rebind: "REBIND"
        case .link: "LINK"
        case .unlink: "UNLINK"
        case .orderpatch: "ORDERPATCH"
        case .mkcalendar: "MKCALENDAR"
        case .mkredirectref: "MKREDIRECTREF"
        case .updateredirectref: "UPDATEREDIRECTREF"
        case .query: "QUERY"
        case .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect: "GET"
        }
    }
}
