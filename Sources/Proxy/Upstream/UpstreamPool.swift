import EventLoop
import HostCrypto

/// A loop's connections to one server: the idle ones as a stack, so that the warmest is lent first and the
/// surplus grows cold and is closed.
struct UpstreamPool {
    /// Which server, so that a reload finds it again.
    let name: ServerName
    /// Position in the loop's groups.
    let group: Int
    /// For `client_address`.
    let key: UInt64
    /// How it stands, as far as the board has said.
    var standing = ServerStanding()
    /// No current configuration names it.
    var isRetired = false
    /// Where it is.
    var addresses: AddressBook
    /// How it is spoken to, where that is not in clear.
    var tls: TLS?
    /// HTTP/2, with many exchanges on one connection.
    let speaksHTTP2: Bool
    var idle: [Handle] = []
    /// The connections that carry streams, the oldest first.
    var carriers: [Handle] = []
    /// Open connections, idle ones included.
    var count = 0

    /// Exchanges on the connections that carry streams.
    var streams = 0

    /// Exchanges that the server has from this loop.
    var load: Int { speaksHTTP2 ? streams : count - idle.count }

    /// Idle connections kept; more are closed when they become idle.
    static let mostIdle = 256
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

    init(name: ServerName, group: Int, addresses: [ServerAddress], tls: TLS?, speaksHTTP2: Bool) {
        self.name = name
        self.group = group
        key = Mixing.key(of: name.server)
        self.addresses = AddressBook(addresses)
        self.speaksHTTP2 = speaksHTTP2
        self.tls = tls
    }

    /// True where connections that were made as `other` says are this pool's, too.
    func isSpokenTo(as other: TLS?, http2: Bool) -> Bool {
        guard speaksHTTP2 == http2 else { return false }
        return switch (tls, other) {
        case (nil, nil): true
        case (let tls?, let other?): tls.isAlike(other)
        case (nil, _?), (_?, nil): false
        }
    }
}
