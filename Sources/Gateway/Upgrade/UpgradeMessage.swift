import Access
import Core
import EventLoop
import Foundation
import Proxy

/// What two Gatehouses say to each other while one takes over from the other, in the order in which they say it.
enum UpgradeMessage: Codable, Sendable {
    /// Old to new: sockets (by descriptor, in this order, and the data folder's lock behind them) and what belongs to them.
    case handover(Handover)
    /// New to old: the configuration is read and good; only the store is missing.
    case prepared
    /// New to old: it cannot start, and why.
    case refused(String)
    /// Old to new: nobody is accepted any more, and the store is yours.
    case take
    /// New to old: it serves.
    case serving
    /// Old to new: systemd knows you.
    case released
    /// Either way, from then on: what has happened to sessions.
    case notice(Notice)

    /// What the new process needs besides the descriptors.
    struct Handover: Codable, Sendable {
        /// Counts up where an older Gatehouse could not read it.
        static let currentVersion = 1

        var version = currentVersion
        var listeners: [Listener]
        /// Where the lock belongs to.
        var dataFolder: String
        /// `TicketKeys`, so that clients resume; only this channel ever carries them.
        var ticketKeys: [UInt8]
    }

    /// A listening socket.
    struct Listener: Codable, Sendable {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var port: UInt16 = 0
        var isDualStack = false
        /// A unix socket's; nil for an address.
        var path: String?
        /// systemd has it too.
        var isShared: Bool

        init(_ place: ListenPlace, isShared: Bool) {
            self.isShared = isShared
            switch place {
            case .address(let address):
                (high, low, port) = (address.address.high, address.address.low, address.port)
                isDualStack = address.isDualStack
            case .socket(let path): self.path = path
            }
        }

        var place: ListenPlace {
            if let path { return .socket(path: path) }
            return .address(
                ListenAddress(address: ClientAddress(high: high, low: low), port: port, isDualStack: isDualStack))
        }
    }

    /// A `SessionNotice`.
    struct Notice: Codable, Sendable {
        var session: String?
        var user: String?
        var tenant: String?
        var hasChanged = false
        /// A session whose token is another one; an older Gatehouse sees nothing in such a notice.
        var renewed: Renewal?

        struct Renewal: Codable, Sendable {
            var session: String
            /// What the new token is found by.
            var digest: [UInt8]
        }

        init(_ notice: SessionNotice) {
            switch notice {
            case .ended(.handle(let handle)): session = handle.description
            case .ended(.user(let user, let tenant)): (self.user, self.tenant) = ("\(user)", tenant.text)
            case .ended(.tenant(let tenant)): self.tenant = tenant.text
            case .changed(let user, let tenant):
                (self.user, self.tenant) = ("\(user)", tenant.text)
                hasChanged = true
            case .renewed(let handle, let digest): renewed = Renewal(session: handle.description, digest: digest)
            }
        }

        /// Nil where it says nothing that can be meant.
        var notice: SessionNotice? {
            if let renewed { return SessionHandle(renewed.session).map { .renewed($0, digest: renewed.digest) } }
            if let session { return SessionHandle(session).map { .ended(.handle($0)) } }
            guard let tenant = tenant.flatMap(TenantID.init) else { return nil }
            guard let user else { return .ended(.tenant(tenant)) }
            guard let user = UserID(user) else { return nil }
            return hasChanged ? .changed(user: user, of: tenant) : .ended(.user(user, of: tenant))
        }
    }
}

/// The channel between an old process and the new one.
struct UpgradeChannel: Sendable {
    /// Names the descriptor in the new process's environment.
    static let variable = "GATEHOUSE_UPGRADE_CHANNEL"
    /// The descriptor that it is.
    static let number: Int32 = 3

    let channel: MessageChannel

    /// What came instead of a message.
    enum Fault: Error { case ended, late, unreadable }

    func send(_ message: UpgradeMessage, descriptors: [Int32] = []) throws {
        try channel.send([UInt8](JSONEncoder().encode(message)), descriptors: descriptors)
    }

    /// The next message.
    /// - Parameter limit: nil waits for as long as it takes.
    func receive(within limit: Milliseconds?) throws -> (UpgradeMessage, descriptors: [Int32]) {
        switch try channel.receive(within: limit.map { Int32(clamping: $0.count) }) {
        case .ended: throw Fault.ended
        case .nothing: throw Fault.late
        case .message(let bytes, let descriptors):
            guard let message = try? JSONDecoder().decode(UpgradeMessage.self, from: Data(bytes)) else {
                MessageChannel.close(descriptors)
                throw Fault.unreadable
            }
            return (message, descriptors)
        }
    }
}
