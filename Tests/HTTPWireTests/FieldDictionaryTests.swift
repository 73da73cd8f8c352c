import HTTPWire
import Testing

@Suite("Field names: identity, look-alikes, and what stays usable")
struct FieldDictionaryTests {
    static let identity: [String] = [
        "X-Tenant-ID", "X-User-ID", "X-User-External-ID", "X-User-Email", "X-User-Name", "X-User-Roles",
        "X-Auth-Factors", "X-Session-ID", "X-Request-ID", "X-Gatehouse-Assertion", "X-Gatehouse-Secret",
        "Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name", "X-Forwarded-User", "X-Forwarded-Email",
        "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Forwarded-Access-Token", "X-Remote-User",
        "X-WebAuth-User", "X-Auth-Username", "X-Auth-Email", "X-Auth-Groups", "X-Auth-Roles", "X-Consumer-Username",
        "X-JWT-Assertion",
    ]
    static let families: [String] = [
        "X-Gatehouse-Anything", "X-Auth-Request-User", "X-Auth-Request-Email", "X-Pomerium-Jwt-Assertion",
        "X-Pomerium-Claim-Email", "X-authentik-username", "X-Goog-Authenticated-User-Email",
        "X-Goog-IAP-JWT-Assertion", "X-Amzn-Oidc-Data", "X-MS-CLIENT-PRINCIPAL-NAME", "X-Vouch-User",
        "Cf-Access-Jwt-Assertion", "Cf-Access-Authenticated-User-Email", "Tailscale-User-Login",
        "Teleport-Jwt-Assertion", "X-Remote-Anything",
        "X-Gatehouse-\(String(repeating: "a", count: 90))",
    ]
    static let forwarding: [String] = [
        "Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Anything", "X-Real-IP",
        "True-Client-IP", "CF-Connecting-IP", "X-Original-URL", "X-Rewrite-URL", "X-Original-Host", "X-Host",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "Proxy", "X-Client-Cert", "SSL-Client-Cert",
        "X-SSL-Client-Verify", "Client-Cert", "X-Forwarded-Client-Cert", "X-Amzn-Mtls-Clientcert",
        "X-Middleware-Subrequest", "X-Envoy-External-Address", "X-ARR-ClientCert",
    ]
    static let usable: [String] = [
        "X-User-Agent", "X-CSRF-Token", "X-Api-Key", "If-None-Match", "If-Modified-Since",
        "X-Auth-Token", "X-Requested-With", "Accept-Encoding", "Range", "DNT", "Priority", "Sec-CH-UA", "Sec-GPC",
        "Cache-Controls", "Content-Lengths", "Hosts", "X-Users", "X-Tenants", "X-User-IDs", "AX-User-ID", "User-ID",
        "Traceparent", "Tracestate", "Baggage", "X-Amzn-Trace-Id", "X-Client-Data", "Content-Encoding", "Link",
        "Last-Event-ID", "Idempotency-Key", "X-Forwarder", "Ta", "Te2", "Tenant", "Ssl", "Cf", "R", "X-", "X",
        "Remote", "Proxy2", "Content-Disposition", "X-Gatehous-Id",
    ]

    /// Every way to write a name that folds to it, one per separator and kind of case.
    private func spellings(_ name: String) -> (exact: [String], folded: [String]) {
        let exact = [name, name.lowercased(), name.uppercased(), mixed(name)]
        var folded: [String] = []
        for separator in ["_", ".", "~", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|"] {
            for text in exact where text.contains("-") {
                folded.append(text.replacing("-", with: separator))
                if let first = text.firstIndex(of: "-") {
                    var once = text
                    once.replaceSubrange(first...first, with: separator)
                    folded.append(once)
                }
            }
        }
        return (exact, folded)
    }

    private func mixed(_ name: String) -> String {
        String(
            name.enumerated().map { Character($0.offset % 2 == 0 ? $0.element.uppercased() : $0.element.lowercased()) })
    }

    @Test("an identity field is known in every spelling", arguments: identity)
    func identities(_ name: String) {
        let (exact, folded) = spellings(name)
        for spelling in exact { #expect(identify(spelling) == .identity, "\(spelling)") }
        for spelling in folded { #expect(identify(spelling) == .lookAlike, "\(spelling)") }
    }

    @Test("a family of identity fields is known by its beginning, in every spelling", arguments: families)
    func identityFamilies(_ name: String) {
        let (exact, folded) = spellings(name)
        for spelling in exact + folded {
            let found = identify(spelling)
            #expect(found == .identity || found == .lookAlike, "\(spelling) \(String(describing: found))")
        }
    }

    @Test("a forwarding field is known in every spelling", arguments: forwarding)
    func forwardings(_ name: String) {
        let (exact, folded) = spellings(name)
        for spelling in exact { #expect(identify(spelling) == .forwarding, "\(spelling)") }
        for spelling in folded {
            let found = identify(spelling)
            #expect(found == .forwarding || found == .lookAlike, "\(spelling) \(String(describing: found))")
        }
    }

    @Test("a field that applications use is left alone", arguments: usable)
    func others(_ name: String) {
        for spelling in [name, name.lowercased(), name.uppercased()] {
            #expect(identify(spelling) == .other, "\(spelling)")
        }
    }

    @Test(
        "names that the gateway reads are known, and their look-alikes are none of them",
        arguments: [
            ("Content-Length", FieldName.contentLength), ("Transfer-Encoding", .transferEncoding),
            ("Accept-Language", .acceptLanguage), ("Content-Type", .contentType), ("Sec-Fetch-Site", .secFetchSite),
            ("Sec-Fetch-Mode", .secFetchMode),
            ("Sec-Fetch-Dest", .secFetchDest), ("Service-Worker", .serviceWorker), ("User-Agent", .userAgent),
            ("X-Forwarded-For", .xForwardedFor), ("X-Forwarded-Proto", .xForwardedProto),
            ("Sec-WebSocket-Key", .secWebSocketKey), ("Sec-WebSocket-Version", .secWebSocketVersion),
            ("Sec-WebSocket-Accept", .secWebSocketAccept), ("Sec-WebSocket-Protocol", .secWebSocketProtocol),
            ("Sec-WebSocket-Extensions", .secWebSocketExtensions), ("Set-Cookie", .setCookie),
            ("Cache-Control", .cacheControl), ("CDN-Cache-Control", .cdnCacheControl),
            ("Surrogate-Control", .surrogateControl), ("Alt-Svc", .altSvc), ("Gatehouse-Session", .gatehouseSession),
            ("Service-Worker-Allowed", .serviceWorkerAllowed), ("Keep-Alive", .hopByHop),
            ("Proxy-Connection", .hopByHop),
            ("Proxy-Authorization", .hopByHop), ("HTTP2-Settings", .hopByHop),
            ("Strict-Transport-Security", .strictTransportSecurity),
            ("Access-Control-Request-Method", .accessControlRequestMethod),
        ])
    func known(_ name: String, _ expected: FieldName) {
        let (exact, folded) = spellings(name)
        // Two lengths or codings would be refused as such; one line of a harmless value is enough to identify.
        for spelling in exact { #expect(identify(spelling) == expected, "\(spelling)") }
        for spelling in folded { #expect(identify(spelling) == .lookAlike, "\(spelling)") }
    }

    @Test(
        "single words are known in every case",
        arguments: [
            ("Connection", FieldName.connection), ("Upgrade", .upgrade), ("TE", .te), ("Trailer", .trailer),
            ("Cookie", .cookie), ("Origin", .origin), ("Referer", .referer), ("Accept", .accept),
            ("Authorization", .authorization), ("Date", .date), ("Server", .server), ("Location", .location),
            ("Expect", .expect), ("Host", .host),
        ])
    func words(_ name: String, _ expected: FieldName) {
        for spelling in [name, name.lowercased(), name.uppercased(), mixed(name)] {
            #expect(identify(spelling) == expected, "\(spelling)")
        }
    }
}
