import Access
import Core
import HTTPWire
import HostCrypto

/// Turns a head into the facts that a decision may depend on, and refuses what two parsers could read
/// differently (security rules 1, 2 and 4).
enum Admission {
    /// What was found besides the facts.
    struct Findings {
        /// A cookie of ours came: the Cookie field must be written anew.
        var hasOwnCookie = false
        var cookieFields = 0
        /// One of them was not the session's: it may name a language.
        var hasOtherOwnCookie = false
        /// A client that is no trusted proxy sent forwarding fields.
        var hasForwardingFields = false
    }

    static func read(
        _ head: borrowing RequestHead, _ bytes: RawSpan, connection: ClientConnection,
        configuration: LoopConfiguration, facts: inout RequestFacts, findings: inout Findings
    ) -> ReasonCode? {
        facts.reset()
        facts.method = head.method
        facts.client = connection.peer
        findings = Findings()
        // 1. The host: one, readable, and the same as an absolute-form target's.
        guard let host = head.host ?? head.authority else { return .hostMissing }
        let hostValue = bytes.extracting(host.range)
        if let reason = facts.host.read(hostValue) { return reason }
        if let authority = head.authority,
            !bytes.extracting(authority.range).equalsIgnoringCase(hostValue)
        {
            return .hostMismatch
        }
        // 2. The path.
        if head.path.isEmpty {
            let slash: InlineArray<1, UInt8> = [0x2F]
            if let reason = facts.path.read(slash.span) { return reason }
        } else if let reason = facts.path.read(bytes.extracting(head.path.range)) {
            return reason
        }
        // 3. What the fields say.
        var sessionCookies = 0
        for field in head.fields {
            switch field.id {
            case .other: continue
            case .cookie:
                findings.cookieFields += 1
                let value = bytes.extracting(field.value.range)
                CookieReader.forEach(value) { crumb, isOwn in
                    guard isOwn else { return }
                    findings.hasOwnCookie = true
                    guard let token = CookieReader.sessionToken(value, crumb) else {
                        findings.hasOtherOwnCookie = true
                        return
                    }
                    sessionCookies += 1
                    guard CookieReader.tokenLengths.contains(token.count) else { return }
                    let digest = SHA256Digest.words(value.extracting(token))
                    facts.sessionKey = SessionKey(digest.first, digest.second, digest.third, digest.fourth)
                }
            case .origin: read(origin: bytes.extracting(field.value.range), host: hostValue, &facts)
            case .accessControlRequestMethod: facts.namesRequestMethod = true
            case .accept:
                if !facts.acceptsHTML { facts.acceptsHTML = namesHTML(bytes.extracting(field.value.range)) }
            case .secFetchSite:
                facts.fetchSite =
                    facts.fetchSite == .absent ? FetchSite(bytes.extracting(field.value.range)) : .unknown
            case .secFetchMode:
                facts.fetchMode = facts.fetchMode == .absent ? FetchMode(bytes.extracting(field.value.range)) : .other
            case .secFetchDest:
                facts.fetchDestination =
                    facts.fetchDestination == .absent
                    ? FetchDestination(bytes.extracting(field.value.range)) : .other
            case .serviceWorker:
                if bytes.extracting(field.value.range).equalsIgnoringCase("script") {
                    facts.isServiceWorkerScript = true
                }
            case .contentType:
                if head.method == .post, namesGRPC(bytes.extracting(field.value.range)) { facts.isGRPC = true }
            case .xForwardedFor, .xForwardedProto, .forwarding:
                findings.hasForwardingFields = true
            default: continue
            }
        }
        // 4. A change of protocols.
        if head.wantsUpgrade {
            facts.isUpgrade = true
            switch WebSocketHandshake.asked(head, bytes) {
            case .none: break
            case .asked: facts.asksForWebSocket = true
            case .malformed: return .upgradeMalformed
            }
        }
        if sessionCookies > 1 {
            facts.isSessionCookieRepeated = true
            facts.sessionKey = nil
        }
        if configuration.isTrusted(connection.peer), !connection.hidesItsClient {
            if findings.hasForwardingFields {
                facts.client = ForwardedFor.client(peer: connection.peer, head: head, bytes: bytes) {
                    configuration.isTrusted($0)
                }
            }
            findings.hasForwardingFields = false
        }
        return nil
    }

    private static func read(origin: RawSpan, host: RawSpan, _ facts: inout RequestFacts) {
        let isFirst = facts.origin == .absent
        guard !isFirst || !isSame(origin: origin, host: host) else {
            facts.origin = .same
            return
        }
        facts.origin = .other
        facts.foreignOrigin.removeAll(keepingCapacity: true)
        guard isFirst, origin.byteCount <= RequestFacts.longestOrigin else { return }
        for index in 0..<origin.byteCount { facts.foreignOrigin.append(origin.octet(index)) }
    }

    /// True where an Origin (RFC 6454 §7) is the https origin of `host`.
    private static func isSame(origin: RawSpan, host: RawSpan) -> Bool {
        let scheme: StaticString = "https://"
        guard origin.hasPrefix(scheme) else { return false }
        let authority = scheme.utf8CodeUnitCount..<origin.byteCount
        let originEnd = end(withoutDefaultPort: origin.extracting(authority))
        let hostEnd = end(withoutDefaultPort: host)
        return origin.extracting(authority).extracting(0..<originEnd)
            .equalsIgnoringCase(host.extracting(0..<hostEnd))
    }

    /// The length of an authority without `:443` at its end.
    private static func end(withoutDefaultPort authority: RawSpan) -> Int {
        let count = authority.byteCount
        guard count > 4, authority.extracting(count - 4..<count).hasPrefix(":443") else { return count }
        return count - 4
    }

    /// True for the media type of a gRPC request: `application/grpc`, with or without `+format` or parameters.
    /// (gRPC-Web is another protocol.)
    static func namesGRPC(_ value: RawSpan) -> Bool {
        let type: StaticString = "application/grpc"
        let count = type.utf8CodeUnitCount
        guard value.byteCount >= count, value.extracting(0..<count).equalsIgnoringCase(type) else { return false }
        guard value.byteCount > count else { return true }
        let next = value.octet(count)
        return next == 0x2B || next == 0x3B || next == 0x20
    }

    /// True where a member of an Accept field (RFC 9110 §12.5.1) is text/html.
    private static func namesHTML(_ value: RawSpan) -> Bool {
        var position = 0
        let html: StaticString = "text/html"
        while let range = ListReader.next(value, &position) {
            let member = value.extracting(range)
            guard member.byteCount >= 9, member.extracting(0..<9).equalsIgnoringCase(html) else { continue }
            if member.byteCount == 9 || member.octet(9) == 0x3B || member.octet(9) == 0x20 { return true }
        }
        return false
    }
}
