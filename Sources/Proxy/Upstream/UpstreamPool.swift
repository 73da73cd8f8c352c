import EventLoop

/// A loop's connections to one server: the idle ones as a stack, so that the warmest is lent first and the
/// surplus grows cold and is closed.
struct UpstreamPool {
    /// Which server: the configured text, so that a reload finds it again.
    let server: String
    /// The resolved addresses, tried in turn.
    var addresses: [SocketAddress]
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

    init(server: String, addresses: [SocketAddress]) {
        self.server = server
        self.addresses = addresses
    }

    /// The address to try next; nil where the name did not resolve.
    mutating func address() -> SocketAddress? {
        guard !addresses.isEmpty else { return nil }
        let address = addresses[nextAddress % addresses.count]
        nextAddress = (nextAddress + 1) % addresses.count
        return address
    }
}
