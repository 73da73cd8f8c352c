public import Core
import Outbound
public import Store
import Synchronization

/// The connections of all tenants: what their providers are, by metadata that is kept fresh, and what we are to them, by
/// keys of our own that are made at first use.
///
/// How a connection is set up stands in the tenant's file; what is fetched and made stands in the tenant's store.  What
/// was read from either is kept in memory until one of them changes.
public final class SSOConnections: Sendable {
    /// Fetches under way at once, of all connections.
    public static let mostFetches = 16
    /// Fetches that one turn of `refresh` begins; what is left is the next turn's.
    public static let mostFetchesOfTurn = 256
    /// How long a former key still decrypts.
    public static let formerKeyDays = 30
    /// Former keys that an encrypted assertion is tried with, the latest ones.
    public static let mostFormerKeysTried = 2
    /// How long a certificate of ours lasts, in days.
    public static let certificateDays = 5 * 365 + 1
    /// How long our metadata may be used, and how long a copy of it.
    public static let metadataLife = Milliseconds.hours(7 * 24)
    public static let metadataCacheDuration = Milliseconds.hours(24)
    /// For so long our metadata is given out as it was signed once: whoever asks for it has nothing signed.
    static let signedMetadataLife = Milliseconds.hours(1)

    let store: DataStore
    let tenants: @Sendable () -> [TenantID]
    let configured: @Sendable (TenantID) -> [ConnectionSettings]
    let mayUse: @Sendable (TenantID) -> Bool
    let origin: @Sendable (TenantID) -> String?
    let allowedNetworks: @Sendable () -> [AddressRange]
    let mail: @Sendable () -> MailSettings?
    let fetch: MetadataFetch
    let now: @Sendable () -> WallTime
    let tell: @Sendable (ConnectionReport) -> Void
    let memory = Mutex(ConnectionMemory())

    /// - Parameters:
    ///   - tenants: those that have connections.
    ///   - settings: a tenant's connections, disabled ones included.
    ///   - mayUse: whether the tenant is active, and its plan and its sign-in rule include SAML.
    ///   - origin: `https://host[:port]` of the tenant's sign-in host; nil where it has none.
    ///   - allowedNetworks: reserved networks that providers may be in (`outbound.allowed_networks`).
    ///   - mail: nil where no mail can be sent.
    ///   - report: told what happened, for the log.
    public init(
        store: DataStore, tenants: @escaping @Sendable () -> [TenantID],
        settings: @escaping @Sendable (TenantID) -> [ConnectionSettings],
        mayUse: @escaping @Sendable (TenantID) -> Bool, origin: @escaping @Sendable (TenantID) -> String?,
        allowedNetworks: @escaping @Sendable () -> [AddressRange], mail: @escaping @Sendable () -> MailSettings?,
        fetch: @escaping MetadataFetch = MetadataFetching.ask, now: @escaping @Sendable () -> WallTime,
        report: @escaping @Sendable (ConnectionReport) -> Void = { _ in }
    ) {
        self.store = store
        self.tenants = tenants
        configured = settings
        self.mayUse = mayUse
        self.origin = origin
        self.allowedNetworks = allowedNetworks
        self.mail = mail
        self.fetch = fetch
        self.now = now
        tell = report
    }

    /// What has happened since the start.
    public struct Metrics: Sendable, Hashable {
        /// Documents that came, or that were said to be unchanged.
        public internal(set) var fetched: UInt64 = 0
        /// Fetches without an answer that could be used.
        public internal(set) var failed: UInt64 = 0
        /// Providers whose signing certificates became others.
        public internal(set) var certificatesChanged: UInt64 = 0
        /// Warnings of ends and of failing fetches.
        public internal(set) var warnings: UInt64 = 0
        /// Fetches under way.
        public internal(set) var underWay = 0

        public init() {}
    }

    public var metrics: Metrics {
        memory.withLock { memory in
            var metrics = memory.metrics
            metrics.underWay = memory.fetches.count
            return metrics
        }
    }

    // MARK: Looking up

    /// The tenant's connections that can be used; empty where it may use none.
    public func settings(of tenant: TenantID) -> [ConnectionSettings] {
        guard mayUse(tenant) else { return [] }
        return configured(tenant).filter(\.isEnabled)
    }

    /// Where a connection of that name is; nil where there is none that can be used, or the tenant has no host.
    public func addresses(of name: ConnectionName, of tenant: TenantID) -> ConnectionAddresses? {
        guard let settings = settings(of: tenant).first(where: { $0.name == name }) else { return nil }
        return addresses(settings, of: tenant)
    }

    func addresses(_ settings: ConnectionSettings, of tenant: TenantID) -> ConnectionAddresses? {
        origin(tenant).map {
            ConnectionAddresses(origin: $0, tenant: tenant, connection: settings.name, entityID: settings.entityID)
        }
    }

    /// The connection, whole; nil where there is none that can be used.
    /// - Throws: `ConnectionFault`, `StoreFault`.
    public func connection(_ name: ConnectionName, of tenant: TenantID) async throws -> SSOConnection? {
        guard let settings = settings(of: tenant).first(where: { $0.name == name }),
            let addresses = addresses(settings, of: tenant), let place = try await place(settings, tenant)
        else { return nil }
        let provider = try await provider(at: place)
        let keys = try await usableKeys(at: place)
        guard let current = keys.current else { throw ConnectionFault.keysUnusable("there is none") }
        return SSOConnection(
            tenant: tenant, settings: settings, addresses: addresses, provider: provider, signingKey: current.key,
            signingCertificate: current.certificate, decryptionKeys: keys.decrypting(at: now()).map(\.key),
            publishedCertificates: keys.published.map(\.certificate))
    }

    // MARK: The store

    /// One connection, and where what it needs is kept.
    struct Place: Sendable {
        let id: ConnectionMemory.ID
        let settings: ConnectionSettings
        let store: TenantStore
    }

    /// Nil where the directory has no such tenant.
    func place(_ settings: ConnectionSettings, _ tenant: TenantID) async throws -> Place? {
        guard let (_, store) = try await store.openTenant(tenant) else { return nil }
        return Place(
            id: ConnectionMemory.ID(tenant: tenant, name: settings.name), settings: settings, store: store)
    }

    func report(_ event: ConnectionReport.Event, _ id: ConnectionMemory.ID) {
        tell(ConnectionReport(tenant: id.tenant, connection: id.name, event: event))
    }

    /// An entry of the audit log about a connection.
    static func entry(
        _ action: String, _ id: ConnectionMemory.ID, by actor: AuditEntry.Actor = .system,
        _ details: [(name: String, value: String)] = []
    ) -> AuditEntry {
        AuditEntry(
            action: action, actor: actor,
            publicDetails: [AuditEntry.Detail("connection", id.name.text)]
                + details.map { AuditEntry.Detail($0.name, $0.value) })
    }
}
