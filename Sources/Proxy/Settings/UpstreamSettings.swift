public import Core

/// One entry of `upstreams`.
public struct UpstreamSettings: Sendable, Hashable {
    public var name: String
    /// `servers`.
    public var servers: [UpstreamServer]
    /// How its `https` servers are spoken to.
    public var tls: TLSUpstreamSettings
    /// The content of `shared_secret_file`, sent as `X-Gatehouse-Secret`; nil sends none.
    public var sharedSecret: String?
    /// For the connection to open, TLS included.
    public var connectTimeout: Milliseconds
    /// From the last byte of the request to the first of the answer.
    public var firstByteTimeout: Milliseconds
    /// Between two bytes of a body, either way.
    public var idleTimeout: Milliseconds
    /// How often an idempotent request without a body is tried again, before the first byte of an answer.
    public var retries: Int
    /// `audience`: `aud` of the assertion that this upstream gets.
    public var audience: String

    /// - Parameter audience: nil is the upstream's name.
    public init(
        name: String, servers: [UpstreamServer], tls: TLSUpstreamSettings = TLSUpstreamSettings(),
        sharedSecret: String? = nil,
        connectTimeout: Milliseconds = .seconds(2), firstByteTimeout: Milliseconds = .seconds(60),
        idleTimeout: Milliseconds = .seconds(60), retries: Int = 1, audience: String? = nil
    ) {
        self.name = name
        self.servers = servers
        self.tls = tls
        self.sharedSecret = sharedSecret
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.retries = retries
        self.audience = audience ?? name
    }
}

/// How an upstream's `https` servers are verified, and what they are shown.
public struct TLSUpstreamSettings: Sendable, Hashable {
    /// `ca_file`: absolute path of a PEM file with the only certificates to trust; nil trusts whom the system trusts.
    public var authorityFile: String?
    /// `server_name`: whom the certificates must be for; nil is each server's own host.
    public var serverName: String?
    /// `client_certificate`.
    public var clientCertificate: CertificateSettings?

    public init(
        authorityFile: String? = nil, serverName: String? = nil, clientCertificate: CertificateSettings? = nil
    ) {
        self.authorityFile = authorityFile
        self.serverName = serverName
        self.clientCertificate = clientCertificate
    }
}

/// One of an upstream's `servers`: `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH`.
public struct UpstreamServer: Sendable, Hashable, CustomStringConvertible {
    /// How it is spoken to.
    public enum Scheme: String, Sendable, Hashable {
        case http, https, unix
    }

    public var scheme: Scheme
    /// A host name or an address in text form, as configured; the absolute path where the scheme is `unix`.
    public var host: String
    /// 0 where the scheme is `unix`.
    public var port: UInt16

    public init(_ scheme: Scheme = .http, host: String, port: UInt16) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// A unix socket at an absolute path.
    public init(path: String) { self.init(.unix, host: path, port: 0) }

    public var description: String {
        guard scheme != .unix else { return "unix:\(host)" }
        return "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
