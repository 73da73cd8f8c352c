import Core
public import EventLoop
import Synchronization

/// A listening socket that another process opened and left to this one: systemd, or the Gatehouse that this one takes
/// over from.  It is closed with this value unless a listener takes it.
public final class InheritedListener: Sendable {
    /// What the other process calls it: the unit's `FileDescriptorName=`, or the configured address.
    public let name: String
    /// Where it is bound.
    public let bound: Socket.Bound
    /// What it was asked for by, where the other process says so.
    public let place: ListenPlace?
    /// The other process keeps it open.
    public let isShared: Bool
    private let socket: Mutex<Socket?>

    /// - Parameter place: nil where the address alone tells which listener's it is.
    public init(_ socket: consuming Socket, name: String, place: ListenPlace? = nil, isShared: Bool) {
        bound = socket.bound
        self.socket = Mutex(consume socket)
        self.name = name
        self.place = place
        self.isShared = isShared
    }

    /// True where a listener at this place can use it.
    public func serves(_ wanted: ListenPlace) -> Bool {
        if let place { return place == wanted }
        switch (wanted, bound) {
        case (.address(let address), .address(let found, let isDualStack)):
            return found.port == address.port && found.high == address.address.high
                && found.low == address.address.low && isDualStack == address.isDualStack
        case (.socket(let path), .path(let found)): return path == found
        case (.address, _), (.socket, _): return false
        }
    }

    /// The socket as a listener's; once.
    func listening(at place: ListenPlace, loops: Int) -> ListeningSocket? {
        guard let taken = socket.withLock({ $0.take() }) else { return nil }
        return ListeningSocket(taken, at: place, loops: loops, isShared: isShared)
    }
}
