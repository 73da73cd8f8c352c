public import Core
import EventLoop
import Synchronization

/// What loops and health checks have found out about application servers, and what follows from it, for all loops.
///
/// Written when a connection is made or fails, when a server that had failed answers, and by checks; never for a request
/// to a server that is well.  A loop reads its own copies of the standings, which reach it by its mailbox.
public final class ServerBoard: Sendable {
    /// What is known of a server.
    public struct Sighting: Sendable, Hashable {
        /// The last attempt to connect succeeded; nil where there was none.
        public var isReachable: Bool?
        /// When that was, on the monotonic clock.
        public var at = MonotonicInstant(milliseconds: 0)
        /// Why it is not reachable or not healthy, where that is known.
        public var fault: String?
        /// What its health checks say; true where there are none.
        public var isHealthy = true
        /// How often it was left out because of failures.
        public var ejections: UInt64 = 0
        /// Until when it is left out.
        public var outUntil = MonotonicInstant(milliseconds: 0)
        /// How many health checks were made, and how many of them failed.
        public var checks: UInt64 = 0
        public var checksFailed: UInt64 = 0
    }

    /// A server's change of state, worth a line in the log.
    public struct Change: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            case unreachable, reachable
            /// It gets no requests for so long.
            case ejected(Milliseconds)
            /// It has answered after that.
            case returned
            case unhealthy, healthy
        }

        public var name: ServerName
        public var kind: Kind
        /// Why, where that is known.
        public var fault: String?
    }

    private struct Entry {
        var record = ServerRecord()
        var sighting = Sighting()
        /// Whether the log's last word is that it is reachable, and when that was said.
        var isLoggedReachable = true
        var loggedAt: UInt64 = 0
    }

    private struct State {
        var entries: [ServerName: Entry] = [:]
        var groups: [String: [ServerName]] = [:]
        var loops: [Mailbox<WorkerMessage>] = []
        var listener: @Sendable (Change) -> Void = { _ in }
    }

    /// Lines about one server's reachability are at least so far apart.
    static let logInterval: UInt64 = 10_000

    private let state = Mutex(State())

    public init() {}

    /// Names a loop that is told of changed standings.
    func join(_ mailbox: Mailbox<WorkerMessage>) { state.withLock { $0.loops.append(mailbox) } }

    /// Names who learns of changes; called on loops, so it must not block.
    func listen(_ listener: @escaping @Sendable (Change) -> Void) { state.withLock { $0.listener = listener } }

    /// Keeps what is known of the servers of these upstreams, and forgets the others.
    func configure(_ upstreams: [UpstreamSettings]) {
        state.withLock { state in
            let before = state.entries
            state.entries.removeAll()
            state.groups.removeAll()
            for upstream in upstreams {
                let names = upstream.servers.map { ServerName(upstream: upstream.name, server: $0.description) }
                state.groups[upstream.name] = names
                for name in names {
                    var entry = before[name] ?? Entry()
                    if upstream.healthCheck == nil { entry.record.forgetChecks() }
                    state.entries[name] = entry
                }
            }
        }
    }

    /// Every server's standing.
    var standings: [ServerName: ServerStanding] { state.withLock { $0.entries.mapValues(\.record.standing) } }

    /// Every server that is configured, and what is known of it.
    public var all: [ServerName: Sighting] {
        state.withLock { state in
            state.entries.mapValues { entry in
                var sighting = entry.sighting
                sighting.isHealthy = entry.record.standing.isHealthy
                sighting.outUntil = MonotonicInstant(milliseconds: entry.record.standing.outUntil)
                return sighting
            }
        }
    }

    /// A connection was made and answered on.
    func noteReachable(_ name: ServerName, at now: UInt64) {
        update(name, at: now) { entry, _ in
            entry.sighting.isReachable = true
            entry.sighting.at = MonotonicInstant(milliseconds: now)
            if entry.record.standing.isHealthy { entry.sighting.fault = nil }
            return nil
        }
    }

    /// A connection could not be made, or broke before a byte of an answer.
    func noteFailure(_ name: ServerName, at now: UInt64, _ fault: String? = nil) {
        update(name, at: now) { entry, isAnotherLeft in
            entry.sighting.isReachable = false
            entry.sighting.at = MonotonicInstant(milliseconds: now)
            entry.sighting.fault = fault
            guard case .ejected(let length) = entry.record.failed(at: now, mayEject: isAnotherLeft) else { return nil }
            entry.sighting.ejections += 1
            return .ejected(Milliseconds(length))
        }
    }

    /// A server that had failed has answered.
    func noteAnswer(_ name: ServerName, at now: UInt64) {
        update(name, at: now) { entry, _ in entry.record.answered(at: now) == .returned ? .returned : nil }
    }

    /// A health check has ended.
    /// - Parameter fault: nil where it has passed.
    func noteCheck(_ name: ServerName, fault: String?, _ settings: HealthCheckSettings, at now: UInt64) {
        update(name, at: now) { entry, _ in
            entry.sighting.checks += 1
            if let fault {
                entry.sighting.checksFailed += 1
                entry.sighting.fault = fault
            }
            let change = entry.record.checked(
                fault == nil, healthyAfter: settings.healthyAfter, unhealthyAfter: settings.unhealthyAfter, at: now)
            switch change {
            case .healthy:
                entry.sighting.fault = nil
                return .healthy
            case .unhealthy: return .unhealthy
            default: return nil
            }
        }
    }

    private func update(_ name: ServerName, at now: UInt64, _ body: (inout Entry, Bool) -> Change.Kind?) {
        let (changes, standing, loops, listener) = state.withLock {
            state -> ([Change], ServerStanding?, [Mailbox<WorkerMessage>], @Sendable (Change) -> Void) in
            guard var entry = state.entries[name] else { return ([], nil, [], state.listener) }
            let isAnotherLeft = (state.groups[name.upstream] ?? []).contains { other in
                other != name && (state.entries[other]?.record.standing.share(at: now) ?? 0) > 0
            }
            let before = entry.record.standing
            var kinds = [body(&entry, isAnotherLeft)].compactMap { $0 }
            if let reachable = Self.reachability(&entry, at: now) { kinds.insert(reachable, at: 0) }
            state.entries[name] = entry
            let after = entry.record.standing
            return (
                kinds.map { Change(name: name, kind: $0, fault: entry.sighting.fault) },
                before == after ? nil : after, state.loops, state.listener
            )
        }
        if let standing {
            for loop in loops { loop.post(.standing(name, standing)) }
        }
        for change in changes { listener(change) }
    }

    /// What the log should say of reachability now, if anything.
    private static func reachability(_ entry: inout Entry, at now: UInt64) -> Change.Kind? {
        guard let isReachable = entry.sighting.isReachable, isReachable != entry.isLoggedReachable,
            entry.loggedAt == 0 || now &- entry.loggedAt >= logInterval
        else { return nil }
        entry.isLoggedReachable = isReachable
        entry.loggedAt = now
        return isReachable ? .reachable : .unreachable
    }
}
