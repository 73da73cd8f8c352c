public import HostCrypto

/// One question to a server, asked as an outsider would: what came back, and over what.
///
/// It blocks its thread and is bounded in time and size.  It follows no redirect, heeds no proxy of the environment,
/// keeps no connection and no cookie, and speaks HTTP/1.1 over `https` or `http` alone.  The address is the word of
/// whoever runs the command, so private networks are not refused (security rule 29 is for everybody else's URLs).
public struct HTTPSProbe: Sendable, Hashable {
    /// Until there is a connection, TLS included.
    public static let connectMilliseconds = 5_000
    /// From the look-up of the name to the last byte.
    public static let totalMilliseconds = 10_000
    /// Bytes of a body that are read; what follows is cut.
    public static let longestBody = 256 * 1024
    /// Bytes of a head that are read; a longer one breaks the probe.
    public static let longestHead = 64 * 1024
    /// Certificates of a chain that are looked at.
    public static let longestChain = 10

    /// Whose word the peer's certificate is taken on.
    public enum Trust: Sendable, Hashable {
        /// The certificate authorities of this machine.
        case systemStore
        /// Those in this file, in PEM, and no others.
        case file(String)
        /// Anybody's: for seeing what is wrong with a certificate, never for saying or believing a secret.
        case withoutVerification
    }

    public var url: String
    public var method: String
    /// Sent after `Host`, `User-Agent` and `Accept`, each of which one of the same name replaces.
    public var fields: [ProbeField]
    /// Offered in the handshake; old ones are offered with the suites and keys of their time.
    public var versions: ClosedRange<TLSVersion>
    public var trust: Trust
    public var resolve: [ResolveOverride]
    /// In place of `totalMilliseconds`, for those who wait less long; a longer one is cut to that.
    public var longestWaitMilliseconds = totalMilliseconds

    public init(
        url: String, method: String = "GET", fields: [ProbeField] = [],
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13, trust: Trust = .systemStore,
        resolve: [ResolveOverride] = []
    ) {
        self.url = url
        self.method = method
        self.fields = fields
        self.versions = versions
        self.trust = trust
        self.resolve = resolve
    }
}

/// A field of a request or an answer.
public struct ProbeField: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What came back.
public struct ProbeAnswer: Sendable, Hashable {
    public var status: Int
    public var fields: [ProbeField]
    /// The first bytes, `HTTPSProbe.longestBody` at most.
    public var body: [UInt8]
    /// The body went on.
    public var isBodyCut: Bool
    /// Nil over cleartext.
    public var version: TLSVersion?
    /// What the peer showed, its own certificate first.  Verified where the probe asked for it: without, there had been
    /// no answer.
    public var chain: [PeerCertificate]

    public init(
        status: Int, fields: [ProbeField] = [], body: [UInt8] = [], isBodyCut: Bool = false,
        version: TLSVersion? = nil, chain: [PeerCertificate] = []
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        self.isBodyCut = isBodyCut
        self.version = version
        self.chain = chain
    }

    /// The values of every field of this name; case does not matter.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// Why nothing came back; libcurl's words where they say more than the case does.
public enum ProbeFailure: Error, Sendable, Hashable {
    /// The URL, a field or the method cannot be sent.
    case malformed(String)
    /// The name leads nowhere.
    case unresolved(String)
    /// Nobody listens there, or the way is shut.
    case unreachable(String)
    /// The bounds of time have passed.
    case timedOut(String)
    /// The peer ended the handshake: by an alert, or by closing.
    case handshakeRefused(String)
    /// This machine's TLS library ended it: it offers nothing of what was asked for, or takes nothing of the answer.
    case handshakeBroken(String)
    /// The certificate, its chain or its names do not verify.
    case certificateRefused(String)
    /// The file of certificate authorities cannot be read.
    case trustUnreadable(String)
    /// The peer did not answer in HTTP, or ended before it had.
    case broken(String)
}

extension ProbeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let words), .unresolved(let words), .unreachable(let words), .timedOut(let words),
            .handshakeRefused(let words), .handshakeBroken(let words), .certificateRefused(let words),
            .trustUnreadable(let words), .broken(let words):
            words
        }
    }
}
