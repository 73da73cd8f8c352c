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
        "The application's servers: http://HOST:PORT, https://HOST:PORT (verified) or unix:/PATH.")
    static let authorityFileKey = DefaultedKey(
        "ca_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "A PEM file with the only certificates to trust of https servers; \"\" trusts whom the system trusts.")
    static let serverNameKey = OptionalKey(
        "server_name", ValueType<String>.host.located,
        "Whom the certificates of https servers must be for, also sent as SNI; each server's own host without the key.")
    static let clientCertificateKey = OptionalKey(
        "client_certificate", CertificateEntry.type.located, "Shown to https servers that ask who we are.")
    static let audienceKey = OptionalKey(
        "audience", ValueType<String>.audience, "`aud` of the assertion; the upstream's name without the key.")
    static let sharedSecretFileKey = DefaultedKey(
        "shared_secret_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "A file with a secret of at least 32 visible ASCII characters, sent as X-Gatehouse-Secret, so that the "
            + "application can refuse everybody else.")
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

    static let type = ValueType<Settings>.mapping([
        serversKey, authorityFileKey, serverNameKey, clientCertificateKey, audienceKey, sharedSecretFileKey,
        timeoutsKey, retriesKey,
    ]) { section, _ in
        Settings(
            servers: section[serversKey] ?? [], authorityFile: section[authorityFileKey],
            serverName: section[serverNameKey], clientCertificate: section[clientCertificateKey],
            audience: section[audienceKey],
            sharedSecretFile: section[sharedSecretFileKey], timeouts: section[timeoutsKey],
            retries: section[retriesKey])
    }
}

extension ValueType where Value == String {
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
