import Synchronization

/// The server, for those who are made before it and must not keep it alive.
final class ServerReference: Sendable {
    private final class Weak: Sendable {
        weak let server: GatewayServer?
        init(_ server: GatewayServer) { self.server = server }
    }

    private let held = Mutex<Weak?>(nil)

    func set(_ server: GatewayServer) { held.withLock { $0 = Weak(server) } }

    /// Nil before it is made and after it has ended.
    var server: GatewayServer? { held.withLock { $0?.server } }
}
