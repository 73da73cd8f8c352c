public import Access
public import Core
public import Login
public import Outbound
public import Proxy

/// Everything that the configuration files say, checked, for each target in its own settings.
public struct GatewaySettings: Sendable, Hashable {
    /// For the access decision.
    public var access: AccessSettings
    /// For the data plane.
    public var proxy: ProxySettings
    /// For the operations listener.
    public var operations: OperationsSettings
    /// For the end of the process.
    public var drain: DrainSettings
    /// For logs and metrics.
    public var telemetry: TelemetrySettings
    /// For the data folder, its master key and the control socket.
    public var store: StoreSettings
    /// For logins and sessions.
    public var login: LoginSettings
    /// For the mail server; nil where no mail is sent.
    public var mail: MailDeliverySettings?
    /// For what tenants' files have fetched.
    public var outbound: OutboundSettings
    /// What each tenant's file says, to be applied to the store's tenants, in the order of the files' names.
    public var tenantFiles: [TenantFileClaims]
    /// Every file that was read, and `tenants_directory`: what a reload reads again.
    public var sources: [ConfigurationSource]

    /// Puts the parts together.
    public init(
        access: AccessSettings, proxy: ProxySettings, operations: OperationsSettings,
        drain: DrainSettings = DrainSettings(), telemetry: TelemetrySettings,
        store: StoreSettings = StoreSettings(), login: LoginSettings = LoginSettings(),
        mail: MailDeliverySettings? = nil, outbound: OutboundSettings = OutboundSettings(),
        tenantFiles: [TenantFileClaims] = [], sources: [ConfigurationSource]
    ) {
        self.access = access
        self.proxy = proxy
        self.operations = operations
        self.drain = drain
        self.telemetry = telemetry
        self.store = store
        self.login = login
        self.mail = mail
        self.outbound = outbound
        self.tenantFiles = tenantFiles
        self.sources = sources
    }
}

/// `mail`: by which server mails go out, and from whom.
public struct MailDeliverySettings: Sendable, Hashable {
    public var server: SMTPServer
    public var from: MailAddress

    /// Puts both together.
    public init(server: SMTPServer, from: MailAddress) {
        self.server = server
        self.from = from
    }
}

extension GatewaySettings {
    /// Everything that says how long sessions last.
    var sessionLimits: [TenantID?: [Milliseconds]] {
        var limits: [TenantID?: [Milliseconds]] = [nil: login.session.spans]
        for file in tenantFiles where file.session != nil {
            limits[file.id] = login.session.narrowed(by: file.session).spans
        }
        return limits
    }
}

extension SessionSettings {
    fileprivate var spans: [Milliseconds] {
        [idle, absolute, remember, outageGrace]
    }
}

/// A file or folder that the settings came from.
public struct ConfigurationSource: Sendable, Hashable {
    /// What it is for.
    public enum Kind: Sendable, Hashable {
        case gatehouse, tenantsDirectory, tenant, certificateChain, certificateKey, certificateAuthority, sharedSecret,
            headerValue, passwordBlocklist, mailPassword, tenantLogo,
            connectionMetadata
    }

    /// What it is for.
    public var kind: Kind
    /// Absolute.
    public var path: String

    /// Names a source.
    public init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }
}

/// `operations`: probes and metrics.
public struct OperationsSettings: Sendable, Hashable {
    /// `operations.address`.
    public var address: ListenAddress

    /// 127.0.0.1:9902 unless given.
    public init(address: ListenAddress = ListenAddress(address: ClientAddress(ipv4: 0x7F00_0001), port: 9902)) {
        self.address = address
    }
}

/// `drain`: how the process ends when it is asked to.
public struct DrainSettings: Sendable, Hashable {
    /// `drain.delay`: readiness is red for so long before new connections are refused.
    public var delay: Milliseconds
    /// `drain.timeout`: how long requests under way may take from then on.
    public var timeout: Milliseconds

    /// At once, and 25 seconds, unless given.
    public init(delay: Milliseconds = Milliseconds(0), timeout: Milliseconds = .seconds(25)) {
        self.delay = delay
        self.timeout = timeout
    }
}
