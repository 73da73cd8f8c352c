import Core
import Proxy

/// One entry of `upstreams` as written.
struct UpstreamEntry: Sendable {
    let name: Located<String>
    let settings: Settings

    /// What stands behind the name.
    struct Settings: Sendable {
        let servers: [UpstreamServer]
        /// "" for the system's.
        let authorityFile: Located<String>
        /// Nil for each server's own host.
        let serverName: Located<String>?
        let clientCertificate: Located<CertificateEntry>?
        let http2: Located<Bool>
        let balance: BalancePolicy
        let healthCheck: HealthCheckSettings?
        let limits: UpstreamLimits
        /// Nil for the upstream's name.
        let audience: String?
        /// "" for none.
        let sharedSecretFile: Located<String>
        let timeouts: Timeouts
        let retries: Int
    }

    /// `upstreams.NAME.timeouts`.
    struct Timeouts: Sendable {
        let connect: Milliseconds
        let firstByte: Milliseconds
        let idle: Milliseconds
    }

    static let serversKey = RequiredKey(
        "servers", ValueType<[UpstreamServer]>.set(of: .upstreamServer, count: 1...100),
        "The application's servers: http://HOST:PORT, https://HOST:PORT (verified), h2c://HOST:PORT (HTTP/2 in clear) "
            + "or unix:/PATH.")
    static let authorityFileKey = DefaultedKey(
        "ca_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "A PEM file with the only certificates to trust of https servers; \"\" trusts whom the system trusts.")
    static let serverNameKey = OptionalKey(
        "server_name", ValueType<String>.host.located,
        "Whom the certificates of https servers must be for, also sent as SNI; each server's own host without the key.")
    static let clientCertificateKey = OptionalKey(
        "client_certificate", CertificateEntry.type.located, "Shown to https servers that ask who we are.")
    static let http2Key = DefaultedKey(
        "http2", ValueType<Bool>.boolean.located, default: "false",
        "Whether HTTP/2 is spoken to the servers, as gRPC needs it; https ones must choose it in the handshake.")
    static let audienceKey = OptionalKey(
        "audience", ValueType<String>.audience, "`aud` of the assertion; the upstream's name without the key.")
    static let sharedSecretFileKey = DefaultedKey(
        "shared_secret_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "A file with a secret of at least 32 visible ASCII characters, sent as X-Gatehouse-Secret, so that the "
            + "application can refuse everybody else.")
    static let balanceKey = DefaultedKey(
        "balance", ValueType<BalancePolicy>.choice("a way of choosing servers"), default: "least_requests",
        "How a server is chosen: the less loaded of two that are drawn, one after the other, or the same one for the "
            + "same client address.")
    static let healthCheckKey = OptionalKey(
        "health_check", UpstreamEntry.healthCheckType,
        "What each server is asked again and again; nothing without the key.")
    static let limitsKey = DefaultedKey(
        "limits", UpstreamEntry.limitsType, default: "{}", "How much the application is given at once.")
    static let timeoutsKey = DefaultedKey(
        "timeouts", UpstreamEntry.timeoutsType, default: "{}", "How long to wait for the application.")
    static let retriesKey = DefaultedKey(
        "retries", ValueType<Int>.integer(0...10), default: "1",
        "How often an idempotent request without a body is tried again before the first byte of an answer.")

    static let connectKey = DefaultedKey(
        "connect", .duration(Milliseconds(10)...(.minutes(5))), default: "2s", "For the connection to open.")
    static let firstByteKey = DefaultedKey(
        "first_byte", .duration(Milliseconds(10)...(.hours(24))), default: "60s",
        "From the last byte of the request to the first of the answer.")
    static let idleKey = DefaultedKey(
        "idle", .duration(Milliseconds(10)...(.hours(24))), default: "60s", "Between two bytes of a body, either way.")

    static let timeoutsType = ValueType<Timeouts>.mapping([connectKey, firstByteKey, idleKey]) { section, _ in
        Timeouts(connect: section[connectKey], firstByte: section[firstByteKey], idle: section[idleKey])
    }

    static let pathKey = RequiredKey("path", ValueType<String>.requestTarget, "The path that is asked for.")
    static let hostKey = OptionalKey(
        "host", ValueType<String>.host, "What the Host field of checks says; the server's own without the key.")
    static let intervalKey = DefaultedKey(
        "interval", .duration(Milliseconds(100)...(.hours(1))), default: "5s",
        "From the beginning of one check to that of the next.")
    static let timeoutKey = DefaultedKey(
        "timeout", .duration(Milliseconds(10)...(.minutes(5))), default: "2s", "For a check to be answered.")
    static let healthyAfterKey = DefaultedKey(
        "healthy_after", ValueType<Int>.integer(1...100), default: "2", "Passed checks in a row that take a server in.")
    static let unhealthyAfterKey = DefaultedKey(
        "unhealthy_after", ValueType<Int>.integer(1...100), default: "3",
        "Failed checks in a row that take a server out.")
    static let expectedStatusKey = DefaultedKey(
        "expected_status", ValueType<[Int]>.set(of: .integer(200...599), count: 0...100), default: "[]",
        "The status codes that pass; every 2xx where none stands here.")

    static let healthCheckType = ValueType<HealthCheckSettings>.mapping([
        pathKey, hostKey, intervalKey, timeoutKey, healthyAfterKey, unhealthyAfterKey, expectedStatusKey,
    ]) { section, _ in
        let (host, interval, timeout) = (section[hostKey], section[intervalKey], section[timeoutKey])
        let (healthyAfter, unhealthyAfter) = (section[healthyAfterKey], section[unhealthyAfterKey])
        let expectedStatus = section[expectedStatusKey]
        guard let path = section[pathKey] else { return nil }
        return HealthCheckSettings(
            path: path, host: host, interval: interval, timeout: timeout, healthyAfter: healthyAfter,
            unhealthyAfter: unhealthyAfter, expectedStatus: expectedStatus)
    }

    static let connectionsKey = DefaultedKey(
        "connections", ValueType<Int>.integer(1...1_000_000), default: "10000",
        "Open connections to all servers together; each event loop has its share, one at least.")
    static let pendingKey = DefaultedKey(
        "pending", ValueType<Int>.integer(0...10_000), default: "1000",
        "Requests that wait for a connection, each for timeouts.connect at most; others are answered 503.")

    static let limitsType = ValueType<UpstreamLimits>.mapping([connectionsKey, pendingKey]) { section, _ in
        UpstreamLimits(connections: section[connectionsKey], pending: section[pendingKey])
    }

    static let type = ValueType<Settings>.mapping([
        serversKey, authorityFileKey, serverNameKey, clientCertificateKey, http2Key, balanceKey, healthCheckKey,
        limitsKey, audienceKey, sharedSecretFileKey,
        timeoutsKey, retriesKey,
    ]) { section, _ in
        Settings(
            servers: section[serversKey] ?? [], authorityFile: section[authorityFileKey],
            serverName: section[serverNameKey], clientCertificate: section[clientCertificateKey],
            http2: section[http2Key], balance: section[balanceKey], healthCheck: section[healthCheckKey],
            limits: section[limitsKey], audience: section[audienceKey],
            sharedSecretFile: section[sharedSecretFileKey], timeouts: section[timeoutsKey],
            retries: section[retriesKey])
    }
}

extension ValueType where Value == String {
    /// A path with its query, as a request line has it (RFC 9112 §3.2.1).
    static var requestTarget: ValueType {
        let shape = ScalarShape(
            noun: "a path", allowed: "/ and up to 1000 visible ASCII characters",
            json: .object([("type", .string("string")), ("pattern", .string("^/[!-~]{0,1000}$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard text.hasPrefix("/") else {
                throw ScalarProblem(
                    text.isEmpty ? "the path is empty" : "\(ShownText.quoted(text)) does not begin with /")
            }
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#") else {
                throw ScalarProblem("\(ShownText.quoted(text)) holds a space, a # or what is not visible ASCII")
            }
            guard text.utf8.count <= 1001 else { throw ScalarProblem("the path has \(text.utf8.count) bytes") }
            return text
        }
    }

    /// The audience of a signed assertion (RFC 7519 §4.1.3).
    static var audience: ValueType {
        let shape = ScalarShape(
            noun: "an audience", allowed: "1 to 200 visible ASCII characters",
            json: .object([("type", .string("string")), ("pattern", .string("^[!-~]{1,200}$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard (1...200).contains(text.utf8.count) else {
                throw ScalarProblem(text.isEmpty ? "the text is empty" : "the text has \(text.utf8.count) bytes")
            }
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ScalarProblem("\(ShownText.quoted(text)) holds a space or what is not visible ASCII")
            }
            return text
        }
    }
}
