public import Core

/// What the data plane is configured with.  `Gateway` fills it from `gatehouse.yaml`, already checked.
public struct ProxySettings: Sendable, Hashable {
    public var listeners: [ListenerSettings]
    public var upstreams: [UpstreamSettings]
    public var limits: LimitSettings
    /// `trusted_proxies`: from these, `X-Forwarded-For` and `-Proto` count, and the per-address connection
    /// limit does not apply.
    public var trustedProxies: [AddressRange]
    /// `identity_headers.assertion`: whether `X-Gatehouse-Assertion` is sent.
    public var signsAssertions: Bool
    /// `hsts`: nil sends no Strict-Transport-Security.
    public var strictTransport: StrictTransportSettings?

    public init(
        listeners: [ListenerSettings] = [], upstreams: [UpstreamSettings] = [], limits: LimitSettings = .init(),
        trustedProxies: [AddressRange] = [], signsAssertions: Bool = true,
        strictTransport: StrictTransportSettings? = nil
    ) {
        self.listeners = listeners
        self.upstreams = upstreams
        self.limits = limits
        self.trustedProxies = trustedProxies
        self.signsAssertions = signsAssertions
        self.strictTransport = strictTransport
    }
}

/// One entry of `listeners`.
public struct ListenerSettings: Sendable, Hashable {
    /// `address`, taken apart.
    public var address: ListenAddress
    /// Nil for one that speaks in clear, and sends everybody to https (`redirect_to: https`).
    public var tls: TLSListenerSettings?
    /// `proxy_protocol`: every connection begins with a PROXY header, and only `trusted_proxies` may come.
    public var takesProxyHeader: Bool
    /// `http2`: offered in the TLS handshake, before HTTP/1.1.
    public var offersHTTP2: Bool

    public init(
        address: ListenAddress, tls: TLSListenerSettings?, takesProxyHeader: Bool = false, offersHTTP2: Bool = true
    ) {
        self.address = address
        self.tls = tls
        self.takesProxyHeader = takesProxyHeader
        self.offersHTTP2 = offersHTTP2
    }
}

/// Where a listener binds.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    public var address: ClientAddress
    /// 0 asks the kernel for a free port.
    public var port: UInt16
    /// `[::]` and `:8443`: one socket for IPv6 and IPv4.
    public var isDualStack: Bool

    public init(address: ClientAddress, port: UInt16, isDualStack: Bool = false) {
        self.address = address
        self.port = port
        self.isDualStack = isDualStack
    }

    public var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

/// `listeners[].tls`.
public struct TLSListenerSettings: Sendable, Hashable {
    public enum MinimumVersion: String, Sendable, CaseIterable, Hashable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    public var minimumVersion: MinimumVersion
    /// Chosen by SNI; the first serves clients that name no host, or one that no certificate covers.
    public var certificates: [CertificateSettings]

    public init(minimumVersion: MinimumVersion = .tls12, certificates: [CertificateSettings]) {
        self.minimumVersion = minimumVersion
        self.certificates = certificates
    }
}

/// `listeners[].tls.certificates[]`: absolute paths of PEM files.
public struct CertificateSettings: Sendable, Hashable {
    public var chainFile: String
    public var keyFile: String

    public init(chainFile: String, keyFile: String) {
        self.chainFile = chainFile
        self.keyFile = keyFile
    }
}

/// `limits`: every bound that a client can meet.
public struct LimitSettings: Sendable, Hashable {
    /// Request line and header fields together.
    public var headerBytes: Int
    public var headers: Int
    public var bodyBytes: Int
    /// Open client connections of the whole process.
    public var connections: Int
    public var connectionsPerAddress: Int
    public var cachedSessions: Int
    /// Body of a request to the portal, held in memory.
    public var portalBodyBytes: Int
    public var handshakeTimeout: Milliseconds
    /// From a request's first byte to the end of its head.
    public var headerTimeout: Milliseconds
    /// Bytes per second below which a body is cut off, after the first 5 seconds.
    public var bodyMinimumRate: Int
    /// How long a keep-alive connection may wait for its next request.
    public var idleTimeout: Milliseconds

    public init(
        headerBytes: Int = 32 * 1024, headers: Int = 100, bodyBytes: Int = 100 * 1024 * 1024,
        connections: Int = 10_000, connectionsPerAddress: Int = 1_000, cachedSessions: Int = 1_000_000,
        portalBodyBytes: Int = 1024 * 1024, handshakeTimeout: Milliseconds = .seconds(5),
        headerTimeout: Milliseconds = .seconds(10), bodyMinimumRate: Int = 240,
        idleTimeout: Milliseconds = .seconds(60)
    ) {
        self.headerBytes = headerBytes
        self.headers = headers
        self.bodyBytes = bodyBytes
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
        self.cachedSessions = cachedSessions
        self.portalBodyBytes = portalBodyBytes
        self.handshakeTimeout = handshakeTimeout
        self.headerTimeout = headerTimeout
        self.bodyMinimumRate = bodyMinimumRate
        self.idleTimeout = idleTimeout
    }
}
