/// The field names that Gatehouse acts on; every other is `.other`.
public enum FieldName: UInt8, Sendable, CaseIterable, Hashable {
    case other
    /// A name that reads like one of the others to a lenient server (`x_user_id`, `Content_Length`) but is
    /// not spelled so.  Never passed on.
    case lookAlike
    /// Identity fields of Gatehouse and of every product whose names applications know.
    case identity
    /// Fields that tell a server where a request came from, or what it should be instead.
    case forwarding
    /// Fields that concern one connection only (RFC 9110 §7.6.1) and that nobody here reads.
    case hopByHop

    // Framing and routing.
    case host, contentLength, transferEncoding, connection, expect, upgrade, te, trailer, cookie
    // Read by the access decision.
    case origin, referer, accept, acceptLanguage, secFetchSite, secFetchMode, secFetchDest, serviceWorker
    case userAgent, authorization, xForwardedFor, xForwardedProto
    case secWebSocketKey, secWebSocketVersion, secWebSocketAccept, secWebSocketProtocol, secWebSocketExtensions
    // Answers.
    case setCookie, cacheControl, cdnCacheControl, surrogateControl, altSvc, gatehouseSession
    case serviceWorkerAllowed, date, server, location
}

/// Finds the `FieldName` of a name that has been folded: lower-case, every character that is not a letter
/// or a digit read as `-` (security rule 5), as CGI, WSGI and PHP fold names for applications.
struct FieldDictionary: Sendable {
    /// Longer names are never in the dictionary, but may begin with a prefix that is.
    static let longestName = 64

    static let shared = FieldDictionary()

    private struct Entry: Sendable {
        var name: [UInt8]
        var field: FieldName
    }

    private let entries: [Entry]
    /// Open addressing over `entries`: index + 1, 0 for empty.
    private let slots: [UInt8]
    private static let slotMask = 1023

    private init() {
        var entries: [Entry] = []
        var slots = [UInt8](repeating: 0, count: Self.slotMask + 1)
        for (field, names) in Self.names {
            for name in names {
                let bytes = Array(name.utf8)
                precondition(bytes.count <= Self.longestName && entries.count < 255)
                var slot = Self.slot(
                    first: bytes[0], middle: bytes[bytes.count / 2], last: bytes[bytes.count - 1], count: bytes.count)
                while slots[slot] != 0 { slot = (slot + 1) & Self.slotMask }
                entries.append(Entry(name: bytes, field: field))
                slots[slot] = UInt8(entries.count)
            }
        }
        self.entries = entries
        self.slots = slots
    }

    @inline(__always)
    private static func slot(first: UInt8, middle: UInt8, last: UInt8, count: Int) -> Int {
        let mixed =
            (UInt32(first) &* 0x9E37) ^ (UInt32(middle) &* 0x85EB) ^ (UInt32(last) &* 0xC2B3)
            ^ (UInt32(count) &* 0x27D5)
        return Int(mixed ^ (mixed >> 7)) & slotMask
    }

    /// - Parameters:
    ///   - folded: at least `count` bytes, or `longestName` where the name is longer.
    ///   - isExact: the name was spelled with letters, digits and `-` only.
    @inline(__always)
    func find(_ folded: UnsafePointer<UInt8>, count: Int, isExact: Bool) -> FieldName {
        if count <= Self.longestName {
            var slot = unsafe Self.slot(
                first: folded[0], middle: folded[count / 2], last: folded[count - 1], count: count)
            while slots[slot] != 0 {
                let entry = Int(slots[slot]) - 1
                if unsafe matches(entries[entry].name, folded, count) {
                    return isExact ? entries[entry].field : .lookAlike
                }
                slot = (slot + 1) & Self.slotMask
            }
        }
        let first = unsafe folded[0]
        if first == 0x78 || first == 0x63 || first == 0x73 || first == 0x72 {
            return unsafe prefix(folded, count: min(count, Self.longestName))
        }
        return .other
    }

    @inline(__always)
    private func matches(_ name: [UInt8], _ folded: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard name.count == count else { return false }
        for index in 0..<count where unsafe name[index] != folded[index] { return false }
        return true
    }

    private func prefix(_ folded: UnsafePointer<UInt8>, count: Int) -> FieldName {
        for (prefix, field) in prefixes where count >= prefix.count {
            var index = 0
            while index < prefix.count, unsafe folded[index] == prefix[index] { index += 1 }
            if index == prefix.count { return field }
        }
        return .other
    }

    private let prefixes: [([UInt8], FieldName)] =
        identityPrefixes.map { (Array($0.utf8), .identity) } + forwardingPrefixes.map { (Array($0.utf8), .forwarding) }

    /// Families of identity fields: oauth2-proxy, Pomerium, authentik, the clouds' access proxies.
    private static let identityPrefixes = [
        "x-gatehouse-", "x-auth-request-", "x-pomerium-", "x-authentik-", "x-goog-authenticated-user-", "x-goog-iap-",
        "x-amzn-oidc-", "x-ms-client-principal", "x-ms-token-", "x-vouch-", "x-webauth-", "x-remote-",
        "x-authenticated-",
        "cf-access-", "remote-user-", "x-token-user-", "x-credential-",
    ]

    private static let forwardingPrefixes = [
        "x-forwarded-", "x-original-", "x-rewrite-", "x-ssl-", "ssl-client-", "x-client-cert", "x-tls-client-",
        "x-middleware-", "x-envoy-", "x-arr-",
    ]

    private static let names: [(FieldName, [String])] = [
        (
            .identity,
            [
                "x-tenant-id", "x-user-id", "x-user-external-id", "x-user-email", "x-user-name", "x-user-roles",
                "x-auth-factors", "x-session-id", "x-request-id", "x-gatehouse-assertion", "x-gatehouse-secret",
                "remote-user", "remote-groups", "remote-email", "remote-name", "x-remote-user", "x-forwarded-user",
                "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username",
                "x-forwarded-access-token", "x-forwarded-id-token", "x-auth-username", "x-auth-user", "x-auth-email",
                "x-auth-groups", "x-auth-roles", "x-auth-name", "x-user", "x-username", "x-email", "x-groups",
                "x-roles", "x-tenant", "x-user-groups", "x-consumer-username", "x-consumer-id",
                "x-consumer-custom-id", "x-credential-identifier", "x-proxy-user", "x-webauth-user", "x-jwt-assertion",
                "auth-user", "http-user", "iv-user", "iv-groups", "sm-user", "oidc-claim-sub", "x-access-token-claims",
            ]
        ),
        (
            .forwarding,
            [
                "forwarded", "x-forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
                "cf-connecting-ip", "cf-connecting-ipv6", "cf-ipcountry", "fastly-client-ip", "client-ip",
                "x-host", "x-original-host", "x-original-url", "x-rewrite-url", "x-originating-ip", "x-remote-ip",
                "x-remote-addr", "x-http-method-override", "x-http-method", "x-method-override", "proxy",
                "x-scheme", "x-url-scheme", "front-end-https", "x-forwarded-ssl", "client-cert", "client-cert-chain",
                "ssl-client-cert", "x-client-verify", "x-client-dn", "x-middleware-subrequest", "x-proxyuser-ip",
                "x-accel-redirect", "x-sendfile", "x-http-destinationurl", "x-backend-host", "x-server-name",
            ]
        ),
        (
            .hopByHop,
            [
                "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
                "proxy-authentication-info", "http2-settings",
            ]
        ),
        (.host, ["host"]), (.contentLength, ["content-length"]), (.transferEncoding, ["transfer-encoding"]),
        (.connection, ["connection"]), (.expect, ["expect"]), (.upgrade, ["upgrade"]), (.te, ["te"]),
        (.trailer, ["trailer"]), (.cookie, ["cookie"]), (.origin, ["origin"]), (.referer, ["referer"]),
        (.accept, ["accept"]), (.acceptLanguage, ["accept-language"]), (.secFetchSite, ["sec-fetch-site"]),
        (.secFetchMode, ["sec-fetch-mode"]), (.secFetchDest, ["sec-fetch-dest"]),
        (.serviceWorker, ["service-worker"]), (.userAgent, ["user-agent"]), (.authorization, ["authorization"]),
        (.xForwardedFor, ["x-forwarded-for"]), (.xForwardedProto, ["x-forwarded-proto"]),
        (.secWebSocketKey, ["sec-websocket-key"]), (.secWebSocketVersion, ["sec-websocket-version"]),
        (.secWebSocketAccept, ["sec-websocket-accept"]), (.secWebSocketProtocol, ["sec-websocket-protocol"]),
        (.secWebSocketExtensions, ["sec-websocket-extensions"]), (.setCookie, ["set-cookie"]),
        (.cacheControl, ["cache-control"]), (.cdnCacheControl, ["cdn-cache-control"]),
        (.surrogateControl, ["surrogate-control"]), (.altSvc, ["alt-svc"]),
        (.gatehouseSession, ["gatehouse-session"]), (.serviceWorkerAllowed, ["service-worker-allowed"]),
        (.date, ["date"]), (.server, ["server"]), (.location, ["location"]),
    ]
}
