public import Access
public import Core
public import HostCrypto

/// One snapshot of everything that a reload replaces.  Each request sees one snapshot from its head to its
/// last byte; the loops drop an old one when its last request has ended.
public struct DataPlaneConfiguration: Sendable {
    /// Counts reloads; 1 at start.
    public var generation: UInt64
    public var settings: ProxySettings
    public var access: AccessSnapshot
    /// The names of the routes, in the order of `access`.
    public var routeNames: [String]
    /// One for each of `settings.listeners`; nil for those that speak in clear.
    public var tls: [TLSServerContext?]
    /// The resolved addresses of each server of each upstream; empty where a name did not resolve.
    public var upstreamAddresses: [[[ServerAddress]]]
    /// For each upstream with `https` servers how they are spoken to; nil for the others.
    public var upstreamTLS: [TLSClientContext?]
    public var pages: RefusalPages
    /// The Content-Security-Policy of every refusal page.
    public var pagePolicy: String
    /// `public_url`, without a slash at its end; for `realm` and problem documents.
    public var publicURL: String
    public var requestLog: RequestLogSettings
    /// Signs what members' requests carry; nil where `identity_headers.assertion` is false.
    public var assertions: AssertionSigner?

    public init(
        generation: UInt64, settings: ProxySettings, access: AccessSnapshot, routeNames: [String],
        tls: [TLSServerContext?], upstreamAddresses: [[[ServerAddress]]], upstreamTLS: [TLSClientContext?],
        pages: RefusalPages, pagePolicy: String, publicURL: String,
        requestLog: RequestLogSettings = RequestLogSettings(), assertions: AssertionSigner? = nil
    ) {
        self.generation = generation
        self.settings = settings
        self.access = access
        self.routeNames = routeNames
        self.tls = tls
        self.upstreamAddresses = upstreamAddresses
        self.upstreamTLS = upstreamTLS
        self.pages = pages
        self.pagePolicy = pagePolicy
        self.publicURL = publicURL
        self.requestLog = requestLog
        self.assertions = assertions
    }
}

extension DataPlaneConfiguration {
    /// Whether it has this server.
    func names(_ name: ServerName) -> Bool {
        settings.upstreams.contains { upstream in
            upstream.name == name.upstream && upstream.servers.contains { $0.description == name.server }
        }
    }
}

/// What the data plane asks of the rest of the house, off its threads.
public struct DataPlaneSeams: Sendable {
    /// Answers the paths that are Gatehouse's own.
    public var portal: PortalHandler
    /// Looks a session up by the hash of its token; `tenant` is the one that the token names, nil where it names none.
    public var loadSession: @Sendable (_ key: SessionKey, _ tenant: TenantID?) async -> SessionLookup
    /// Learns when sessions were used last, within a minute; must not block.
    public var noteUses: @Sendable ([SessionUse]) -> Void
    /// Ends a session for good, because the application asked for it; must not block.
    public var endSession: @Sendable (SessionHandle, _ tenant: TenantID) -> Void

    public init(
        portal: @escaping PortalHandler,
        loadSession: @escaping @Sendable (SessionKey, TenantID?) async -> SessionLookup = { _, _ in .missing },
        noteUses: @escaping @Sendable ([SessionUse]) -> Void = { _ in },
        endSession: @escaping @Sendable (SessionHandle, TenantID) -> Void = { _, _ in }
    ) {
        self.portal = portal
        self.loadSession = loadSession
        self.noteUses = noteUses
        self.endSession = endSession
    }
}

/// A cleartext listener whose every request goes to one handler: the operations listener, the echo application, the
/// control socket.  It has the same codec and the same bounds as a public listener.
public struct LocalListener: Sendable {
    public var place: ListenPlace
    public var handler: PortalHandler

    public init(address: ListenAddress, handler: @escaping PortalHandler) {
        self.init(.address(address), handler: handler)
    }

    public init(_ place: ListenPlace, handler: @escaping PortalHandler) {
        self.place = place
        self.handler = handler
    }
}

/// How requests are logged.
public struct RequestLogSettings: Sendable, Hashable {
    /// Each request leaves a line.
    public var isEnabled: Bool
    /// `key=value` pairs instead of JSON.
    public var isText: Bool

    public init(isEnabled: Bool = true, isText: Bool = false) {
        self.isEnabled = isEnabled
        self.isText = isText
    }
}
