public import EventLoop

/// Where one server can be reached.
public enum ServerAddress: Sendable, Hashable {
    /// By TCP.
    case network(SocketAddress)
    /// By a unix socket at an absolute path.
    case local(path: String)

    /// Begins to connect.
    func connect() throws(SystemError) -> Socket {
        switch self {
        case .network(let address): try Socket.connecting(to: address)
        case .local(let path): try Socket.connecting(toPath: path)
        }
    }
}
