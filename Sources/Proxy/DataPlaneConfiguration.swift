public import Access
import Core
public import EventLoop
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
    /// One for each of `settings.listeners`.
    public var tls: [TLSServerContext]
    /// The resolved addresses of each server of each upstream; empty where a name did not resolve.
    public var upstreamAddresses: [[[SocketAddress]]]
    public var pages: RefusalPages
    /// The Content-Security-Policy of every refusal page.
    public var pagePolicy: String
    /// `public_url`, without a slash at its end; for `realm` and problem documents.
    public var publicURL: String
    public var requestLog: RequestLogSettings

    public init(
        generation: UInt64, settings: ProxySettings, access: AccessSnapshot, routeNames: [String],
        tls: [TLSServerContext], upstreamAddresses: [[[SocketAddress]]], pages: RefusalPages, pagePolicy: String,
        publicURL: String, requestLog: RequestLogSettings = RequestLogSettings()
    ) {
        self.generation = generation
        self.settings = settings
        self.access = access
        self.routeNames = routeNames
        self.tls = tls
        self.upstreamAddresses = upstreamAddresses
        self.pages = pages
        self.pagePolicy = pagePolicy
        self.publicURL = publicURL
        self.requestLog = requestLog
    }
}

/// What the data plane asks of the rest of the house, off its threads.
public struct DataPlaneSeams: Sendable {
    /// Answers the paths that are Gatehouse's own.
    public var portal: PortalHandler
    /// Loads a session by the hash of its token; nil where the store has none.
    public var loadSession: @Sendable (SessionKey) async -> SessionEntry?

    public init(
        portal: @escaping PortalHandler, loadSession: @escaping @Sendable (SessionKey) async -> SessionEntry?
    ) {
        self.portal = portal
        self.loadSession = loadSession
    }
}

/// A cleartext listener whose every request goes to one handler: the operations listener, the echo
/// application.  It has the same codec and the same bounds as a public listener.
public struct LocalListener: Sendable {
    public var address: ListenAddress
    public var handler: PortalHandler

    public init(address: ListenAddress, handler: @escaping PortalHandler) {
        self.address = address
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
