import EventLoop
import Synchronization

/// Which loops have served their last client in a drain: they end together.
///
/// A loop that ended alone would take the probes with it that it had accepted, and look like one that hangs.
final class DrainBoard: Sendable {
    private let state = Mutex((drained: 0, loops: [Mailbox<WorkerMessage>]()))

    /// Names a loop that has to be waited for.
    func join(_ mailbox: Mailbox<WorkerMessage>) { state.withLock { $0.loops.append(mailbox) } }

    /// Notes that one of the loops has no client of a public listener left; to be called once by each.  The last
    /// one ends them all.
    func noteDrained() {
        let loops = state.withLock { state in
            state.drained += 1
            return state.drained == state.loops.count ? state.loops : []
        }
        for loop in loops { loop.post(.stop) }
    }
}
