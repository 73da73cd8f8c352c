import Core
public import EventLoop

/// Where one server can be reached.
public enum ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// By TCP.
    case network(SocketAddress)
    /// By a unix socket at an absolute path.
    case local(path: String)

    /// The address without its port, or the path.
    public var description: String {
        switch self {
        case .network(let address): "\(ClientAddress(high: address.high, low: address.low))"
        case .local(let path): path
        }
    }

    /// Begins to connect.
    func connect() throws(SystemError) -> Socket {
        switch self {
        case .network(let address): try Socket.connecting(to: address)
        case .local(let path): try Socket.connecting(toPath: path)
        }
    }
}

extension SystemError {
    /// What the operator reads of a connection that could not be made.
    static func words(ofConnecting number: Int32) -> String {
        number == 0 ? "the connection broke" : SystemError(number: number, attempt: "connect").words
    }
}
