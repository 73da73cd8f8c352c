public import Core

/// `hsts`: what browsers are told about this host and plain HTTP (RFC 6797 §6.1).
public struct StrictTransportSettings: Sendable, Hashable {
    /// How long they remember it; zero takes it back.
    public var maximumAge: Milliseconds
    /// Every host below this one is meant, too.
    public var includesSubdomains: Bool
    /// Asks the makers of browsers to put the host into their own lists (hstspreload.org).
    public var isPreloadable: Bool

    public init(maximumAge: Milliseconds, includesSubdomains: Bool = false, isPreloadable: Bool = false) {
        self.maximumAge = maximumAge
        self.includesSubdomains = includesSubdomains
        self.isPreloadable = isPreloadable
    }

    /// The header line with its end.
    var line: [UInt8] {
        var text = "Strict-Transport-Security: max-age=\(maximumAge.count / 1000)"
        if includesSubdomains { text += "; includeSubDomains" }
        if isPreloadable { text += "; preload" }
        return Array((text + "\r\n").utf8)
    }
}
