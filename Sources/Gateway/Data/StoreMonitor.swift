import Core
import Store
import Synchronization

/// Since when the store cannot be used, and why: fed by whoever works with it, asked by probes, metrics and the rule
/// that sessions in memory go on for a bounded time only (security rule 27).
final class StoreMonitor: Sendable {
    /// Told of each failure that begins, and of each end of one; for the log.
    enum Change: Sendable {
        case failing(String)
        case damaged(String)
        case working
    }

    private struct State {
        var listener: (@Sendable (Change) -> Void)?
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
            let listener = state.withLock { state in
                state.failures += 1
                return state.listener
            }
            listener?(.damaged("\(fault)"))
        default:
            let listener = state.withLock { state in
                state.failures += 1
                state.words = "\(fault)"
                guard state.failingSince == nil else { return nil as (@Sendable (Change) -> Void)? }
                state.failingSince = now
                return state.listener
            }
            listener?(.failing("\(fault)"))
        }
    }

    /// Who is told.
    func listen(_ listener: @escaping @Sendable (Change) -> Void) { state.withLock { $0.listener = listener } }

    /// Something was written: the store works.
    func noteWritten() {
        let listener = state.withLock { state in
            guard state.failingSince != nil else { return nil as (@Sendable (Change) -> Void)? }
            state.failingSince = nil
            return state.listener
        }
        listener?(.working)
    }

    /// Why it cannot be used; nil where it can.
    var fault: String? { state.withLock { $0.failingSince == nil ? nil : $0.words } }

    /// Operations that have failed since the start.
    var failures: UInt64 { state.withLock { $0.failures } }

    /// True where it has been out for longer than `limit`.
    func isOut(longerThan limit: Milliseconds, at now: MonotonicInstant) -> Bool {
        state.withLock { $0.failingSince.map { now.since($0) > limit } ?? false }
    }
}
