import Core
public import EventLoop

/// The open sockets of a configuration's listeners: `DataPlane.open` gives them, `DataPlane.reconfigure` takes them.
/// Those that were opened for it and are never taken are closed with it.
public struct OpenListeners: Sendable {
    /// One for each of `ProxySettings.listeners`, in their order.
    var gateway: [ListeningSocket] = []
    var locals: [(socket: ListeningSocket, listener: LocalListener)] = []

    /// What the loops do with them.
    func bound(_ configuration: DataPlaneConfiguration) -> [BoundListener] {
        precondition(gateway.count == configuration.settings.listeners.count)
        let gateways = gateway.enumerated().map { index, socket in
            BoundListener(
                socket: socket,
                role: ListenerRole(.gateway(configuration.settings.listeners[index], configuration.tls[index])))
        }
        return gateways
            + locals.map { socket, listener in
                switch listener.place {
                case .address: BoundListener(socket: socket, role: ListenerRole(.local(listener.handler)))
                case .socket: BoundListener(socket: socket, role: ListenerRole(.control(listener.handler)))
                }
            }
    }

    var all: [ListeningSocket] { gateway + locals.map(\.socket) }

    /// Finds or opens a socket for each place.  An open one is taken over with all who wait in its queue; the others are
    /// bound.  Nothing that is open now is changed.
    /// - Parameters:
    ///   - held: sockets in use; one that is asked for by the same place is kept.
    ///   - inherited: sockets that another process opened; those that are used are taken out.
    /// - Throws: `DataPlane.ListenFailure`, `DataPlane.SocketFailure`.
    static func open(
        _ settings: [ListenerSettings], _ locals: [LocalListener], held: [ListeningSocket],
        inherited: inout [InheritedListener], loops: Int
    ) throws -> OpenListeners {
        var free = held
        func socket(_ place: ListenPlace, _ inherited: inout [InheritedListener]) throws -> ListeningSocket {
            if let index = free.firstIndex(where: { $0.place == place }) { return free.remove(at: index) }
            if let index = inherited.firstIndex(where: { $0.serves(place) }),
                let socket = inherited.remove(at: index).listening(at: place, loops: loops)
            {
                return socket
            }
            return try bind(place, held: held, loops: loops)
        }
        var opened = OpenListeners()
        for listener in settings { opened.gateway.append(try socket(.address(listener.address), &inherited)) }
        for local in locals { opened.locals.append((try socket(local.place, &inherited), local)) }
        return opened
    }

    private static func bind(_ place: ListenPlace, held: [ListeningSocket], loops: Int) throws -> ListeningSocket {
        switch place {
        case .address(let address):
            do {
                let socket = try Socket.listening(
                    on: SocketAddress(high: address.address.high, low: address.address.low, port: address.port),
                    isDualStack: address.isDualStack)
                return ListeningSocket(socket, at: place, loops: loops)
            } catch {
                let holder = held.first { $0.port == address.port && address.port != 0 }
                throw DataPlane.ListenFailure(address: address, cause: error, holder: holder?.place)
            }
        case .socket(let path):
            do {
                return ListeningSocket(try Socket.listening(atPath: path), at: place, loops: loops)
            } catch {
                throw DataPlane.SocketFailure(path: path, cause: error)
            }
        }
    }
}

extension DataPlane {
    /// A listener that could not be opened.
    public struct ListenFailure: Error, Sendable, Hashable {
        public let address: ListenAddress
        public let cause: SystemError
        /// A listener of this process at the same port, which may be in the way.
        public var holder: ListenPlace?
    }

    /// A unix socket that could not be made.
    public struct SocketFailure: Error, Sendable, Hashable {
        public let path: String
        public let cause: SystemError
    }
}
