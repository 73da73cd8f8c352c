import Access
import Core
import HTTPWire

/// Writes the head that the client sees of an upstream's answer: the framing is set anew, what concerns the
/// upstream connection alone is left out, and the application can neither set a cookie of ours nor let a
/// shared cache keep what depends on who asked.
enum ResponseRewriter {
    /// How the body goes to the client.
    enum Framing {
        case none
        case length(UInt64)
        case chunked
        /// HTTP/1.0 only.
        case untilClose
        /// A 101: what follows is no HTTP.
        case webSocket
    }

    /// What else goes into the head.
    struct Ingredients {
        /// What the route asks for; nil where it asks for nothing.
        var rules: RouteRules?
        /// What its route's `rate_limit` leaves; nil where there is none.
        var rate: RateRules.Standing?
        /// The position of the request's origin in its route's `cross_origin.origins`.
        var origin: Int?
        /// `Strict-Transport-Security: …` with its line end; empty where the application's own passes.
        var strictTransport: [UInt8] = []
    }

    @inline(__always)
    static func passes(_ id: FieldName) -> Bool {
        switch id {
        case .hopByHop, .connection, .contentLength, .transferEncoding, .upgrade, .te, .trailer, .altSvc,
            .gatehouseSession, .serviceWorkerAllowed, .setCookie, .cacheControl, .cdnCacheControl,
            .surrogateControl, .identity, .strictTransportSecurity, .location:
            false
        default: true
        }
    }

    static func write(
        _ head: borrowing ResponseHead, _ bytes: RawSpan, framing: Framing, policy: CachePolicy, requestID: RequestID,
        closes: Bool, endsSession: Bool = false, ingredients: Ingredients = Ingredients(),
        host: borrowing WireBuffer = WireBuffer(), into out: inout WireBuffer
    ) {
        out.append("HTTP/1.1 ")
        out.append(bytes.extracting(head.statusText.range))
        // RFC 9112 §4: the space stands also before an empty reason.
        out.append(head.statusText.count == 3 ? " \r\n" : "\r\n")
        let rules = ingredients.rules
        let hasFieldRules = rules.map { !$0.responseFields.isEmpty || $0.crossOrigin != nil } ?? false
        var runStart = -1
        var runEnd = 0
        var hasCacheControl = false
        for field in head.fields {
            var isKept = passes(field.id)
            if !isKept { isKept = keepsAfterLook(field, bytes, policy, ingredients, &hasCacheControl) }
            if isKept, hasFieldRules, let rules {
                isKept = !rules.dropsFromAnswer(bytes.extracting(field.name.range))
            }
            if isKept, head.hasNominations, isNominated(bytes.extracting(field.name.range), head, bytes) {
                isKept = false
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
        if let rules { write(rules, ingredients, head, bytes, host: host, into: &out) }
        out.append(ingredients.strictTransport)
        if policy == .privateOnly { writeCacheControl(head, bytes, wasSaid: hasCacheControl, into: &out) }
        switch framing {
        case .length(let count):
            out.append("Content-Length: ")
            out.append(decimal: count)
            out.append("\r\n")
        case .chunked: out.append("Transfer-Encoding: chunked\r\n")
        case .webSocket: out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n")
        case .none, .untilClose: break
        }
        if closes { out.append("Connection: close\r\n") }
        if endsSession {
            out.append("Set-Cookie: __Host-gatehouse=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax\r\n")
            if let session = rules?.applicationSession { out.append(session.clearing) }
        }
        out.append("X-Request-ID: ")
        requestID.append(to: &out)
        out.append("\r\n\r\n")
    }

    /// Fields that pass or not by what they say.
    private static func keepsAfterLook(
        _ field: Field, _ bytes: RawSpan, _ policy: CachePolicy, _ ingredients: Ingredients,
        _ hasCacheControl: inout Bool
    ) -> Bool {
        switch field.id {
        case .setCookie:
            let value = bytes.extracting(field.value.range)
            return !CookieReader.isOwn(value) && ingredients.rules?.applicationSession?.sets(value) != true
        case .identity:
            return !bytes.extracting(field.name.range).equalsIgnoringCase("x-request-id")
        case .cacheControl:
            hasCacheControl = true
            return policy == .asUpstreamSays
        case .cdnCacheControl, .surrogateControl:
            return policy == .asUpstreamSays
        case .strictTransportSecurity:
            return ingredients.strictTransport.isEmpty
        case .location:
            return ingredients.rules?.prefix == nil
        default:
            return false
        }
    }

    /// What the route adds: its own fields, and the application's `Location` as the client must see it.
    private static func write(
        _ rules: RouteRules, _ ingredients: Ingredients, _ head: borrowing ResponseHead, _ bytes: RawSpan,
        host: borrowing WireBuffer,
        into out: inout WireBuffer
    ) {
        out.append(rules.responseFields.lines)
        if let rate = ingredients.rate { rules.rates?.write(rate, into: &out) }
        rules.crossOrigin?.write(origin: ingredients.origin, into: &out)
        if let session = rules.applicationSession { write(session, head, bytes, into: &out) }
        guard let prefix = rules.prefix else { return }
        for field in head.fields where field.id == .location {
            let name = bytes.extracting(field.name.range)
            if rules.responseFields.drops(name) || (head.hasNominations && isNominated(name, head, bytes)) { continue }
            out.append("Location: ")
            prefix.writeLocation(bytes.extracting(field.value.range), host: host, into: &out)
            out.append("\r\n")
        }
    }

    /// The application's own session cookies, where they can be ended.
    private static func write(
        _ session: ApplicationSessionBytes, _ head: borrowing ResponseHead, _ bytes: RawSpan,
        into out: inout WireBuffer
    ) {
        for field in head.fields where field.id == .setCookie {
            let (name, value) = (bytes.extracting(field.name.range), bytes.extracting(field.value.range))
            guard session.sets(value), !CookieReader.isOwn(value),
                !(head.hasNominations && isNominated(name, head, bytes))
            else { continue }
            session.write(value, into: &out)
        }
    }

    /// The common values are written at once; the rest goes through the rule's own file.
    private static func writeCacheControl(
        _ head: borrowing ResponseHead, _ bytes: RawSpan, wasSaid: Bool, into out: inout WireBuffer
    ) {
        guard wasSaid else {
            out.append("Cache-Control: private, no-cache\r\n")
            return
        }
        for field in head.fields where field.id == .cacheControl {
            let value = bytes.extracting(field.value.range)
            out.append("Cache-Control: ")
            if value.equalsIgnoringCase("no-store") {
                out.append("private, no-store")
            } else if value.equalsIgnoringCase("no-cache") {
                out.append("private, no-cache")
            } else {
                var rewritten: [UInt8] = []
                CacheRewriting.append(value, to: &rewritten)
                out.append(rewritten)
            }
            out.append("\r\n")
        }
    }

    private static func isNominated(_ name: RawSpan, _ head: borrowing ResponseHead, _ bytes: RawSpan) -> Bool {
        for field in head.fields where field.id == .connection {
            let value = bytes.extracting(field.value.range)
            var position = 0
            while let range = ListReader.next(value, &position) {
                if value.extracting(range).equalsIgnoringCase(name) { return true }
            }
        }
        return false
    }

    /// True where the application asks for the end of the session (`Gatehouse-Session: end`).
    static func endsSession(_ head: borrowing ResponseHead, _ bytes: RawSpan) -> Bool {
        for field in head.fields where field.id == .gatehouseSession {
            if bytes.extracting(field.value.range).equalsIgnoringCase("end") { return true }
        }
        return false
    }
}
