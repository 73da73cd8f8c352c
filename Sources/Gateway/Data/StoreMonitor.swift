import Core
import Store
import Synchronization

/// Since when the store cannot be used, and why: fed by whoever works with it, asked by probes, metrics and the rule
/// that sessions in memory go on for a bounded time only (security rule 27).
final class StoreMonitor: Sendable {
    private struct State {
        var failingSince: MonotonicInstant?
        var words = ""
        var failures: UInt64 = 0
    }

    private let state = Mutex(State())

    /// What a failed operation says; conflicts and other refusals are no failure of the store.
    func note(_ error: any Error, at now: MonotonicInstant) {
        guard let fault = error as? StoreFault else { return }
        switch fault {
        // One record or one tenant is damaged: the rest goes on.
        case .recordNotAuthentic, .keyMissing, .databaseMisplaced, .databaseNotAuthentic, .databaseMissing,
            .databaseCorrupt, .schemaTooNew:
            state.withLock { $0.failures += 1 }
        default:
            state.withLock { state in
                state.failures += 1
                state.words = "\(fault)"
                if state.failingSince == nil { state.failingSince = now }
            }
        }
    }

    /// Something was written: the store works.
    func noteWritten() { state.withLock { $0.failingSince = nil } }

    /// Why it cannot be used; nil where it can.
    var fault: String? { state.withLock { $0.failingSince == nil ? nil : $0.words } }

    /// Operations that have failed since the start.
    var failures: UInt64 { state.withLock { $0.failures } }

    /// True where it has been out for longer than `limit`.
    func isOut(longerThan limit: Milliseconds, at now: MonotonicInstant) -> Bool {
        state.withLock { $0.failingSince.map { now.since($0) > limit } ?? false }
    }
}
