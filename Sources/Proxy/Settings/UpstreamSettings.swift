public import Core

/// One entry of `upstreams`.
public struct UpstreamSettings: Sendable, Hashable {
    public var name: String
    /// `servers`.
    public var servers: [UpstreamServer]
    /// How its `https` servers are spoken to.
    public var tls: TLSUpstreamSettings
    /// `balance`: how servers are chosen.
    public var balance: BalancePolicy
    /// `health_check`; nil checks nothing.
    public var healthCheck: HealthCheckSettings?
    /// `limits`.
    public var limits: UpstreamLimits
    /// `http2`, or servers written as `h2c`: HTTP/2 to every server, which TLS must agree on and is known beforehand
    /// in clear.
    public var speaksHTTP2: Bool
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
        balance: BalancePolicy = .leastRequests, healthCheck: HealthCheckSettings? = nil,
        limits: UpstreamLimits = UpstreamLimits(), speaksHTTP2: Bool = false, sharedSecret: String? = nil,
        connectTimeout: Milliseconds = .seconds(2), firstByteTimeout: Milliseconds = .seconds(60),
        idleTimeout: Milliseconds = .seconds(60), retries: Int = 1, audience: String? = nil
    ) {
        self.name = name
        self.servers = servers
        self.tls = tls
        self.balance = balance
        self.healthCheck = healthCheck
        self.limits = limits
        self.speaksHTTP2 = speaksHTTP2
        self.sharedSecret = sharedSecret
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.retries = retries
        self.audience = audience ?? name
    }
}

/// How a server is chosen for a request.
public enum BalancePolicy: String, Sendable, CaseIterable, Hashable {
    /// The less loaded of two that are drawn.
    case leastRequests = "least_requests"
    /// One after the other.
    case roundRobin = "round_robin"
    /// The same client comes to the same server, as long as that is there.
    case clientAddress = "client_address"
}

/// `health_check`: what is asked of each server, and what follows.
public struct HealthCheckSettings: Sendable, Hashable {
    /// An origin-form target.
    public var path: String
    /// `host`: what the Host field says; nil is the server's own.
    public var host: String?
    /// From the beginning of one check to that of the next.
    public var interval: Milliseconds
    /// From the beginning of a check to the head of its answer.
    public var timeout: Milliseconds
    /// Passes in a row that take a server in again.
    public var healthyAfter: Int
    /// Failures in a row that take it out.
    public var unhealthyAfter: Int
    /// `expected_status`; empty is 200 to 299.
    public var expectedStatus: [Int]

    public init(
        path: String, host: String? = nil, interval: Milliseconds = .seconds(5), timeout: Milliseconds = .seconds(2),
        healthyAfter: Int = 2, unhealthyAfter: Int = 3, expectedStatus: [Int] = []
    ) {
        self.path = path
        self.host = host
        self.interval = interval
        self.timeout = timeout
        self.healthyAfter = healthyAfter
        self.unhealthyAfter = unhealthyAfter
        self.expectedStatus = expectedStatus
    }

    /// Whether an answer with this status passes.
    func expects(_ status: UInt16) -> Bool {
        expectedStatus.isEmpty ? (200..<300).contains(status) : expectedStatus.contains(Int(status))
    }
}

/// `upstreams.NAME.limits`.
public struct UpstreamLimits: Sendable, Hashable {
    /// Open connections, over all servers; shared out among the loops, one each at least.
    public var connections: Int
    /// Requests that may wait for one; shared out among the loops.
    public var pending: Int

    public init(connections: Int = 10_000, pending: Int = 1_000) {
        self.connections = connections
        self.pending = pending
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

/// One of an upstream's `servers`: `http://HOST:PORT`, `https://HOST:PORT`, `h2c://HOST:PORT` or `unix:/PATH`.
public struct UpstreamServer: Sendable, Hashable, CustomStringConvertible {
    /// How it is spoken to.
    public enum Scheme: String, Sendable, Hashable {
        case http, https, h2c, unix
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
        scheme == .unix ? "unix:\(host)" : "\(scheme.rawValue)://\(authority)"
    }

    /// Host and port as `Host` has them; `localhost` where the scheme is `unix`.
    public var authority: String {
        scheme == .unix ? "localhost" : "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
