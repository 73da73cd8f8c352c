import Core
import EventLoop

/// Two processes that serve for a while, the one that takes over and the one that finishes, tell each other what happens to
/// sessions: a revocation holds in both within a second.
enum SessionNoticeExchange {
    /// Tells the other process from now on, and takes in what it tells, until one of the two ends.
    /// - Parameter tenantChanged: a tenant may not come in any more.
    static func begin(
        _ channel: UpgradeChannel, _ notices: SessionNotices, tenantChanged: @escaping @Sendable () -> Void
    ) {
        let name = notices.join { try? channel.send(.notice(.init($0))) }
        LoopThread.start(name: "gatehouse-news") {
            while true {
                do {
                    guard case .notice(let coded) = try channel.receive(within: nil).0, let notice = coded.notice else {
                        continue
                    }
                    notices.take(notice, from: name)
                    if case .ended(.tenant) = notice { tenantChanged() }
                } catch UpgradeChannel.Fault.unreadable {
                    continue
                } catch {
                    return notices.leave(name)
                }
            }
        }
    }
}
