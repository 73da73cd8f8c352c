import Core

/// `app_session`: the session that an application keeps of its own, beside the member's.
public struct ApplicationSession: Sendable, Hashable {
    /// `cookies`: the names of its cookies.
    public var cookies: [String]
    /// `logout_path`: where the application signs its visitors out; nil where it has no such place.
    public var logoutPath: String?

    public init(cookies: [String] = [], logoutPath: String? = nil) {
        self.cookies = cookies
        self.logoutPath = logoutPath
    }
}

/// The cookies in which applications keep sessions of their own, by the hosts of their routes.
///
/// They end in the browser when a member signs out, and before another signs in: a browser that several people use must
/// not bring one member's session with an application into another's with us.
public struct ApplicationCookies: Sendable, Hashable {
    private var rows: [Row] = []

    private struct Row: Sendable, Hashable {
        let pattern: HostPattern
        let names: [String]
    }

    /// - Parameter routes: of the configuration that is in force.
    public init(_ routes: [RouteSettings] = []) {
        for route in routes {
            guard let session = route.handling.applicationSession, let pattern = HostPattern(route.host) else {
                continue
            }
            rows.append(Row(pattern: pattern, names: session.cookies))
        }
    }

    /// The names at a host, each once.
    /// - Parameter host: with a port or without.
    public func names(at authority: String) -> [String] {
        guard !rows.isEmpty, let host = Self.host(authority) else { return [] }
        var names: [String] = []
        for row in rows where row.pattern.matches(host) {
            names += row.names.filter { !names.contains($0) }
        }
        return names
    }

    private static func host(_ authority: String) -> CanonicalHost? {
        if let host = CanonicalHost(authority) { return host }
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        return CanonicalHost(String(authority[..<colon]))
    }
}
