/// Finds the `FieldName` of a name as lenient servers read it: lower-case, every character that is neither a
/// letter nor a digit taken for `-` (security rule 5), as CGI, WSGI and PHP fold names for applications.
///
/// A name is hashed while it is validated; only a hit is compared.
///
/// Invariant of the unsafe code: `folds` has 256 bytes, `slots` `slotCount` places and `names` every offset that a
/// slot names with its count; all are written once here and never freed, as the one value lives as long as
/// the process.
@safe final class FieldDictionary: @unchecked Sendable {
    static let shared = FieldDictionary()

    struct Slot {
        var hash: UInt32
        var offset: UInt16
        var count: UInt8
        var field: FieldName
    }

    private static let slotCount = 1024

    /// A token character (RFC 9110 §5.6.2) in lower case, `-` for one that is neither letter nor digit; 0 for a byte
    /// that no name may hold.
    let folds: UnsafeMutablePointer<UInt8>
    private let slots: UnsafeMutablePointer<Slot>
    private let names: UnsafeMutablePointer<UInt8>
    private let prefixes: [(text: [UInt8], field: FieldName)]

    private init() {
        unsafe folds = .allocate(capacity: 256)
        for byte in 0..<256 { unsafe folds[byte] = Self.fold(UInt8(byte)) }
        let all = Self.names.flatMap { field, texts in texts.map { (Array($0.utf8), field) } }
        unsafe names = .allocate(capacity: all.reduce(0) { $0 + $1.0.count })
        unsafe slots = .allocate(capacity: Self.slotCount)
        unsafe slots.initialize(repeating: Slot(hash: 0, offset: 0, count: 0, field: .other), count: Self.slotCount)
        prefixes =
            Self.identityPrefixes.map { (Array($0.utf8), .identity) }
            + Self.forwardingPrefixes.map { (Array($0.utf8), .forwarding) }
        var offset = 0
        for (text, field) in all {
            precondition(!text.isEmpty && text.count < 64)
            var hash = NameHash()
            for (index, byte) in text.enumerated() {
                unsafe names[offset + index] = byte
                hash.add(byte)
            }
            var slot = Self.slot(of: hash.value)
            while unsafe slots[slot].count != 0 { slot = (slot + 1) & (Self.slotCount - 1) }
            unsafe slots[slot] = Slot(hash: hash.value, offset: UInt16(offset), count: UInt8(text.count), field: field)
            offset += text.count
        }
    }

    /// Where the search for a hash begins.
    @inline(__always)
    private static func slot(of hash: UInt32) -> Int { Int(hash >> UInt32(32 - slotCount.trailingZeroBitCount)) }

    /// - Parameters:
    ///   - name: `count` bytes that `folds` knows.
    ///   - hash: of the folded bytes.
    ///   - isExact: the name was spelled with letters, digits and `-` only.
    @inline(__always)
    func find(_ name: UnsafePointer<UInt8>, count: Int, hash: UInt32, isExact: Bool) -> FieldName {
        var index = Self.slot(of: hash)
        while true {
            let slot = unsafe slots[index]
            if slot.count == 0 { break }
            if slot.hash == hash, Int(slot.count) == count {
                let known = unsafe names + Int(slot.offset)
                if isExact {
                    if unsafe isSameInLowerCase(name, known, count) { return slot.field }
                } else if unsafe isSame(name, known, count) {
                    return .lookAlike
                }
            }
            index = (index + 1) & (Self.slotCount - 1)
        }
        guard count > 3 else { return .other }
        // Families begin with `x-`, `ss`, `cf`, `re`, `ta` or `te`.
        let (first, second) = unsafe (folds[Int(name[0])], folds[Int(name[1])])
        let mayHavePrefix =
            switch first {
            case 0x78: second == 0x2D
            case 0x73: second == 0x73
            case 0x63: second == 0x66
            case 0x72: second == 0x65
            case 0x74: second == 0x61 || second == 0x65
            default: false
            }
        return mayHavePrefix ? unsafe prefix(name, count: count) : .other
    }

    @inline(__always)
    private func isSame(_ name: UnsafePointer<UInt8>, _ known: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
        for index in 0..<count where unsafe folds[Int(name[index])] != known[index] { return false }
        return true
    }

    /// The same for names of letters, digits and `-`, eight or four bytes at a time: the bit that makes letters small is set
    /// in digits and in `-` anyway.  The last ones overlap those before them; a name of less than four has bytes alone.
    @inline(__always)
    private func isSameInLowerCase(
        _ name: UnsafePointer<UInt8>, _ known: UnsafeMutablePointer<UInt8>, _ count: Int
    ) -> Bool {
        let (ours, theirs) = unsafe (UnsafeRawPointer(name), UnsafeRawPointer(known))
        // Both have `count` bytes; what is read ends with the last of them.
        guard count >= 8 else {
            guard count >= 4 else { return unsafe isSame(name, known, count) }
            let first = unsafe ours.loadUnaligned(as: UInt32.self) | 0x2020_2020
            let last = unsafe ours.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self) | 0x2020_2020
            return unsafe first == theirs.loadUnaligned(as: UInt32.self)
                && last == theirs.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
        }
        var index = 0
        while true {
            let word = unsafe ours.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = unsafe theirs.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word | 0x2020_2020_2020_2020 == other else { return false }
            if index == count - 8 { return true }
            index = min(index + 8, count - 8)
        }
    }

    @inline(never)
    private func prefix(_ name: UnsafePointer<UInt8>, count: Int) -> FieldName {
        for (text, field) in prefixes where count >= text.count {
            var index = 0
            while index < text.count, unsafe folds[Int(name[index])] == text[index] { index += 1 }
            if index == text.count { return field }
        }
        return .other
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x61...0x7A, 0x30...0x39: byte
        case 0x41...0x5A: byte | 0x20
        case 0x2D, 0x5F, 0x2E, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x5E, 0x60, 0x7C, 0x7E: 0x2D
        default: 0
        }
    }

    /// Families of identity fields: oauth2-proxy, Pomerium, authentik, the clouds' access proxies.
    private static let identityPrefixes = [
        "x-gatehouse-", "x-auth-request-", "x-pomerium-", "x-authentik-", "x-goog-authenticated-user-", "x-goog-iap-",
        "x-amzn-oidc-", "x-ms-client-principal", "x-ms-token-", "x-vouch-", "x-webauth-", "x-remote-",
        "x-authenticated-",
        "cf-access-", "remote-user-", "x-token-user-", "x-credential-", "tailscale-", "teleport-",
    ]

    private static let forwardingPrefixes = [
        "x-forwarded-", "x-original-", "x-rewrite-", "x-ssl-", "ssl-client-", "x-client-cert", "x-tls-client-",
        "x-middleware-", "x-envoy-", "x-arr-", "x-amzn-mtls-",
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
                "x-auth-groups", "x-auth-roles", "x-auth-name",
                "x-user-groups", "x-consumer-username", "x-consumer-id",
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
        (.accept, ["accept"]), (.acceptLanguage, ["accept-language"]), (.contentType, ["content-type"]),
        (.secFetchSite, ["sec-fetch-site"]),
        (.secFetchMode, ["sec-fetch-mode"]), (.secFetchDest, ["sec-fetch-dest"]),
        (.serviceWorker, ["service-worker"]), (.userAgent, ["user-agent"]), (.authorization, ["authorization"]),
        (.xForwardedFor, ["x-forwarded-for"]), (.xForwardedProto, ["x-forwarded-proto"]),
        (.secWebSocketKey, ["sec-websocket-key"]), (.secWebSocketVersion, ["sec-websocket-version"]),
        (.secWebSocketAccept, ["sec-websocket-accept"]), (.secWebSocketProtocol, ["sec-websocket-protocol"]),
        (.secWebSocketExtensions, ["sec-websocket-extensions"]), (.setCookie, ["set-cookie"]),
        (.cacheControl, ["cache-control"]), (.cdnCacheControl, ["cdn-cache-control"]),
        (.surrogateControl, ["surrogate-control"]), (.altSvc, ["alt-svc"]),
        (.strictTransportSecurity, ["strict-transport-security"]),
        (.gatehouseSession, ["gatehouse-session"]), (.serviceWorkerAllowed, ["service-worker-allowed"]),
        (.date, ["date"]), (.server, ["server"]), (.location, ["location"]),
        (.accessControlRequestMethod, ["access-control-request-method"]),
    ]
}
