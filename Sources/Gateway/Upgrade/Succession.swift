import Core
import EventLoop
import HostCrypto
import Proxy

/// The new process's side of an upgrade: it gets listening sockets, ticket keys and at last the store of the process that
/// started it.
final class Succession: Sendable {
    /// How long the first message, which was sent before this process began, may take.
    static let greetingLimit = Milliseconds.seconds(10)
    /// How long the old process may take to finish with the store.
    static let storeLimit = Milliseconds.seconds(60)

    let listeners: [InheritedListener]
    let tickets: TicketKeys?
    private let channel: UpgradeChannel
    private let dataFolder: String
    private let lock: Int32

    /// The upgrade that this process was started for; nil where it was started for none.
    static func begin(_ environment: [String: String]) throws -> Succession? {
        guard environment[UpgradeChannel.variable] == "\(UpgradeChannel.number)" else { return nil }
        let channel = UpgradeChannel(channel: MessageChannel(descriptor: UpgradeChannel.number))
        guard case (.handover(let handover), let descriptors)? = try? channel.receive(within: greetingLimit) else {
            throw GatewayServer.StartFailure.unavailable(
                "upgrade: the process that started this one does not say what to take over; start Gatehouse without \(UpgradeChannel.variable)"
            )
        }
        do {
            return try Succession(channel, handover, descriptors)
        } catch {
            try? channel.send(.refused("\(error)"))
            throw error
        }
    }

    private init(_ channel: UpgradeChannel, _ handover: UpgradeMessage.Handover, _ descriptors: [Int32]) throws {
        guard handover.version == UpgradeMessage.Handover.currentVersion,
            descriptors.count == handover.listeners.count + 1, let lock = descriptors.last
        else {
            MessageChannel.close(descriptors)
            throw GatewayServer.StartFailure.unavailable(
                "upgrade: the running Gatehouse hands over in another way than this version takes over; restart instead"
            )
        }
        self.channel = channel
        self.lock = lock
        dataFolder = handover.dataFolder
        tickets = TicketKeys(handedOver: handover.ticketKeys)
        listeners = try zip(handover.listeners, descriptors).map { listener, descriptor in
            InheritedListener(
                try Socket.adopting(listener: descriptor), name: "\(listener.place)", place: listener.place,
                isShared: listener.isShared)
        }
    }

    /// Everything else is good: waits until the old process has finished with the store.
    /// - Returns: the descriptor of the data folder's lock, which is held.
    func takeStore(of settings: GatewaySettings) throws -> Int32 {
        guard settings.store.directory == dataFolder else {
            throw GatewayServer.StartFailure.configuration(
                "store.sqlite.directory: an upgrade takes over \(dataFolder), and the configuration names \(settings.store.directory); restart to change the data folder"
            )
        }
        try channel.send(.prepared)
        guard case (.take, _)? = try? channel.receive(within: Self.storeLimit) else {
            throw GatewayServer.StartFailure.unavailable(
                "upgrade: the process that started this one has given it up; it goes on, or has ended")
        }
        return lock
    }

    /// It does not start; the old process is told why.
    func refuse(_ words: String) { try? channel.send(.refused(words)) }

    /// It serves: waits until systemd knows, and hears of sessions from then on.
    func complete(_ server: GatewayServer) {
        try? channel.send(.serving)
        _ = try? channel.receive(within: Self.greetingLimit)
        SessionNoticeExchange.begin(channel, server.data.notices) { [weak server] in
            Task { await server?.takeTenants() }
        }
        server.log.info("took-over", "serving in place of the process that started this one")
    }
}
