import EventLoop
import HostCrypto

/// A loop's connections to one server: the idle ones as a stack, so that the warmest is lent first and the
/// surplus grows cold and is closed.
struct UpstreamPool {
    /// Which server: the configured text, so that a reload finds it again.
    let server: String
    /// Where it is, tried in turn.
    var addresses: [ServerAddress]
    /// How it is spoken to, where that is not in clear.
    var tls: TLS?
    var nextAddress = 0
    var idle: [Handle] = []
    /// Open connections, idle ones included.
    var count = 0

    /// Idle connections kept; more are closed when they become idle.
    static let mostIdle = 256
    /// Connections of one loop to one server.
    static let mostConnections = 4096
    /// How long an idle connection is kept, in milliseconds; below what application servers commonly keep.
    static let idleMilliseconds: UInt64 = 30_000

    /// Over TLS, and as whom.
    struct TLS {
        var context: TLSClientContext
        /// Whom the certificate must be for.
        var serverName: String
        /// Position among the servers of `context`.
        var server: Int

        /// Connections made by one are good for the other.
        func isAlike(_ other: TLS) -> Bool {
            serverName == other.serverName && server == other.server
                && context.ingredients == other.context.ingredients
        }
    }

    init(server: String, addresses: [ServerAddress], tls: TLS?) {
        self.server = server
        self.addresses = addresses
        self.tls = tls
    }

    /// True where connections that were made as `other` says are this pool's, too.
    func isSpokenTo(as other: TLS?) -> Bool {
        switch (tls, other) {
        case (nil, nil): true
        case (let tls?, let other?): tls.isAlike(other)
        case (nil, _?), (_?, nil): false
        }
    }

    /// The address to try next; nil where the name did not resolve.
    mutating func address() -> ServerAddress? {
        guard !addresses.isEmpty else { return nil }
        let address = addresses[nextAddress % addresses.count]
        nextAddress = (nextAddress + 1) % addresses.count
        return address
    }
}
