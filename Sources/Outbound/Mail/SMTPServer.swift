public import Core

/// The mail server that takes our mails: `mail` of the configuration.
public struct SMTPServer: Sendable, Hashable {
    /// Whether the conversation turns to TLS after its beginning (RFC 3207).
    public enum StartTLS: String, Sendable, Hashable, CaseIterable {
        /// It does, or nothing is sent.
        case required
        /// Where the server offers it; what then does not verify is not used either.
        case opportunistic
        /// Never.
        case disabled
    }

    /// Who we say we are.
    public struct Credentials: Sendable, Hashable {
        public var username: String
        public var password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    /// A name, an IPv4 address, or an IPv6 address in brackets.
    public var host: String
    public var port: UInt16
    /// `smtps`: TLS from the first byte on (RFC 8314 §3.3).
    public var isImplicitTLS: Bool
    /// Means nothing where TLS is implicit.
    public var startTLS: StartTLS
    /// A file of certificate authorities in PEM; nil for this machine's.
    public var authorityFile: String?
    /// Never sent in clear over a network: see `mayTellSecrets`.
    public var credentials: Credentials?
    /// From the look-up of the name to the last answer.
    public var timeout: Milliseconds
    /// What we call ourselves in the greeting (RFC 5321 §4.1.1.1); empty for what libcurl says, `localhost`.
    public var greetingName: String

    public init(
        host: String, port: UInt16, isImplicitTLS: Bool = false, startTLS: StartTLS = .required,
        authorityFile: String? = nil, credentials: Credentials? = nil, timeout: Milliseconds = .seconds(30),
        greetingName: String = ""
    ) {
        self.host = host
        self.port = port
        self.isImplicitTLS = isImplicitTLS
        self.startTLS = startTLS
        self.authorityFile = authorityFile
        self.credentials = credentials
        self.timeout = timeout
        self.greetingName = greetingName
    }

    /// Whether what is said stays on this machine.
    public var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard let address = ClientAddress(bare) else { return false }
        return Self.loopbacks.contains { $0.contains(address) }
    }

    private static let loopbacks = ["127.0.0.0/8", "::1/128"].compactMap { AddressRange($0) }

    /// Whether a name and a password may be sent: over TLS that is sure to be there, or to this machine.
    public var mayTellSecrets: Bool { isImplicitTLS || startTLS == .required || isLoopback }

    /// `smtp://mail.example.org:587`, for people.
    public var url: String { "\(isImplicitTLS ? "smtps" : "smtp")://\(host):\(port)" }
}
