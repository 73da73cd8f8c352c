import Access
import Core
import EventLoop
import HostCrypto
import Synchronization

/// Where a listener binds.
public enum ListenPlace: Sendable, Hashable, CustomStringConvertible {
    case address(ListenAddress)
    /// A unix socket at an absolute path, mode 0600; peers other than this process's user and root are refused,
    /// and those that come in are the operator.
    case socket(path: String)

    public var description: String {
        switch self {
        case .address(let address): "\(address)"
        case .socket(let path): path
        }
    }
}

/// A listening socket of the process.  Every loop watches it; it is closed when the last of them has let go of it.
final class ListeningSocket: Sendable {
    /// What was asked for: by this a reload, or the process that comes after this one, finds it again.
    let place: ListenPlace
    let socket: Socket
    /// As bound.
    let port: UInt16
    private let sharing: Mutex<Sharing>

    private struct Sharing {
        /// Loops that have not left it.
        var loops: Int
        /// Another process has the socket too: its queue is not this one's to end.
        var isShared: Bool
    }

    init(_ socket: consuming Socket, at place: ListenPlace, loops: Int, isShared: Bool = false) {
        port = socket.localPort
        self.place = place
        self.socket = socket
        sharing = Mutex(Sharing(loops: loops, isShared: isShared))
    }

    /// A loop accepts from it no more; after the last one connections are refused, where they are nobody else's to take.
    func leave() {
        let ends = sharing.withLock { sharing in
            sharing.loops -= 1
            return sharing.loops == 0 && !sharing.isShared
        }
        if ends { socket.stopListening() }
    }

    /// True where another process has it too.
    var isShared: Bool { sharing.withLock { $0.isShared } }

    /// It is handed to another process: from now on leaving it refuses nobody.
    func share() { sharing.withLock { $0.isShared = true } }

    /// The process that it was handed to has ended, and so many loops take it up again.
    func takeBack(loops: Int, isShared: Bool) {
        sharing.withLock { $0 = Sharing(loops: loops, isShared: isShared) }
    }
}

/// What is done with the connections of a listener, as one snapshot of the configuration has it.  A connection keeps the
/// one that it was accepted under: a reload changes nothing for it.
final class ListenerRole: Sendable {
    enum Kind: Sendable {
        /// For browsers; without a TLS context it sends everybody to https.
        case gateway(ListenerSettings, TLSServerContext?)
        case local(PortalHandler)
        /// The control socket, whose peers are the operator.
        case control(PortalHandler)
    }

    let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    /// No browser comes here.
    var isLocal: Bool {
        switch kind {
        case .gateway: false
        case .local, .control: true
        }
    }

    /// It answers commands.
    var isControl: Bool {
        switch kind {
        case .control: true
        case .gateway, .local: false
        }
    }
}

/// A socket and what is done with its connections.
struct BoundListener: Sendable {
    let socket: ListeningSocket
    let role: ListenerRole
}
