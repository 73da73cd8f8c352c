import Access
import Core
import Proxy

/// gatehouse.yaml as written: values are typed and within their bounds, names and files are not looked up yet.
struct GatehouseFile: Sendable {
    let listeners: [ListenerEntry]
    let operations: Located<ListenAddress>
    let drain: DrainSettings
    let trustedProxies: [Located<AddressRange>]
    let publicURL: Located<PublicURL>?
    let strictTransport: StrictTransportSettings?
    let sharedHosts: [Located<String>]
    let portalHost: Located<String>
    let store: StoreEntry
    let upstreams: [UpstreamEntry]
    let routes: [RouteEntry]
    let roles: [RoleEntry]
    let plans: [PlanEntry]
    let tenantsDirectory: Located<String>
    /// False where the default folder is meant, which need not exist.
    let namesTenantsDirectory: Bool
    let login: LoginEntry
    /// Nil where no mail is sent.
    let mail: MailEntry?
    let outbound: OutboundSettings
    let identityHeaders: IdentityHeaderEntry
    let log: LogEntry
    let limits: LimitSettings

    static let listenersKey = RequiredKey(
        "listeners", .list(of: ListenerEntry.type, count: 1...64), "Where browsers connect.")
    static let operationsKey = DefaultedKey(
        "operations", OperationsEntry.type, default: "{}",
        "The listener for probes and metrics; nothing of it is on a public listener.")
    static let drainKey = DefaultedKey(
        "drain", DrainEntry.type, default: "{}", "How the process ends when it is asked to.")
    static let trustedProxiesKey = DefaultedKey(
        "trusted_proxies", ValueType<[Located<AddressRange>]>.locatedSet(of: .addressRange, count: 0...1000),
        default: "[]",
        "Networks of load balancers: from these, X-Forwarded-For and X-Forwarded-Proto count; host and port never do.")
    static let publicURLKey = RequiredKey(
        "public_url", ValueType<PublicURL>.publicURL.located, "The URL that members open.")
    static let strictTransportKey = OptionalKey(
        "hsts", StrictTransportEntry.type,
        "Strict-Transport-Security on every answer over TLS; without the key the application's own passes.")
    static let sharedHostsKey = DefaultedKey(
        "shared_hosts", ValueType<[Located<String>]>.locatedSet(of: .host, count: 0...10_000), default: "[]",
        "Hosts of no single tenant, besides public_url's.")
    static let portalHostKey = DefaultedKey(
        "portal_host", ValueType<String>.optionalHost.located, default: "\"\"",
        "The host where members of every tenant sign in; no application is there. Without one they sign in on the first of their tenant's hosts."
    )
    static let upstreamsKey = DefaultedKey(
        "upstreams",
        ValueType<[(name: Located<String>, value: UpstreamEntry.Settings)]>.entries(
            of: UpstreamEntry.type, names: .identifier("an upstream's name"), count: 0...1000),
        default: "{}", "The applications, each a named group of servers.")
    static let routesKey = DefaultedKey(
        "routes", ValueType<[RouteEntry]>.list(of: RouteEntry.type, count: 0...10_000), default: "[]",
        "Host and path choose; the first match wins; what matches none is never forwarded.")
    static let rolesKey = DefaultedKey(
        "roles", ValueType<[RoleEntry]>.list(of: RoleEntry.type, count: 0...1000),
        default: "[{ name: user, default: true }, { name: admin }]", "The catalogue of roles that routes may name.")
    static let plansKey = DefaultedKey(
        "plans",
        ValueType<[(name: Located<String>, value: PlanEntry.Settings)]>.entries(
            of: PlanEntry.type, names: .identifier("a plan's name"), count: 0...100),
        default: "{}",
        "What each plan includes that a tenant may pay for; without any, every tenant has everything.")
    static let tenantsDirectoryKey = DefaultedKey(
        "tenants_directory", ValueType<String>.filePath("a folder").located, default: "tenants",
        "The folder with one file a tenant, NAME.yaml; the default folder may be missing.")
    static let loginKey = DefaultedKey(
        "login", LoginEntry.type, default: "{}", "How members prove who they are, and what a sign-in is worth.")
    static let mailKey = OptionalKey(
        "mail", MailEntry.type,
        "The mail server that invitations, links for new passwords and warnings go out by; none is sent without the key."
    )
    static let outboundKey = DefaultedKey(
        "outbound", OutboundSettings.type, default: "{}", "What tenants' files may have fetched.")
    static let identityHeadersKey = DefaultedKey(
        "identity_headers", IdentityHeaderEntry.type, default: "{}", "How the application is told who asks.")
    static let telemetryKey = DefaultedKey(
        "telemetry", LogEntry.telemetryType, default: "{}", "What the gateway says about itself.")
    static let limitsKey = DefaultedKey(
        "limits", LimitKeys.type, default: "{}", "Every bound that a client can meet.")

    static let type = ValueType<GatehouseFile>.mapping([
        listenersKey, operationsKey, drainKey, trustedProxiesKey, publicURLKey, strictTransportKey, sharedHostsKey,
        portalHostKey, StoreEntry.controlSocketKey,
        StoreEntry.storeKey, StoreEntry.encryptionKey, upstreamsKey, routesKey, rolesKey, plansKey, tenantsDirectoryKey,
        loginKey, mailKey, outboundKey, identityHeadersKey, telemetryKey, limitsKey,
    ]) { section, _ in
        GatehouseFile(
            listeners: section[listenersKey] ?? [], operations: section[operationsKey], drain: section[drainKey],
            trustedProxies: section[trustedProxiesKey], publicURL: section[publicURLKey],
            strictTransport: section[strictTransportKey],
            sharedHosts: section[sharedHostsKey], portalHost: section[portalHostKey],
            store: StoreEntry(
                controlSocket: section[StoreEntry.controlSocketKey],
                namesControlSocket: section.has(StoreEntry.controlSocketKey), directory: section[StoreEntry.storeKey],
                masterKeyFile: section[StoreEntry.encryptionKey]),
            upstreams: section[upstreamsKey].map { UpstreamEntry(name: $0.name, settings: $0.value) },
            routes: section[routesKey], roles: section[rolesKey],
            plans: section[plansKey].map { PlanEntry(name: $0.name, settings: $0.value) },
            tenantsDirectory: section[tenantsDirectoryKey],
            namesTenantsDirectory: section.has(tenantsDirectoryKey), login: section[loginKey],
            mail: section[mailKey], outbound: section[outboundKey],
            identityHeaders: section[identityHeadersKey], log: section[telemetryKey], limits: section[limitsKey])
    }
}
