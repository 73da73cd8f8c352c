/// One server of one upstream: two upstreams may name the same server, and each sees it its own way.
public struct ServerName: Sendable, Hashable {
    /// The upstream's name.
    public var upstream: String
    /// The server as configured.
    public var server: String

    public init(upstream: String, server: String) {
        self.upstream = upstream
        self.server = server
    }
}
