import Synchronization

/// Work that nobody waits for, done one after the other in the order of its coming; beyond a bound none is taken.
public final class BoundedErrands: Sendable {
    /// Errands that wait, unless told otherwise.
    public static let standardBound = 1000

    private struct State {
        var waiting: [@Sendable () async -> Void] = []
        var worker: Task<Void, Never>?
    }

    private let bound: Int
    private let state = Mutex(State())

    public init(bound: Int = standardBound) { self.bound = max(1, bound) }

    /// Takes an errand; false where too many wait.
    func add(_ errand: @escaping @Sendable () async -> Void) -> Bool {
        state.withLock { state in
            guard state.waiting.count < bound else { return false }
            state.waiting.append(errand)
            if state.worker == nil { state.worker = Task { await self.work() } }
            return true
        }
    }

    /// Returns when all has been done that was taken so far.
    func settle() async {
        while let worker = state.withLock({ $0.worker }) { await worker.value }
    }

    private func work() async {
        while let errand = next() { await errand() }
    }

    /// The next errand; nil where there is none, and the worker ends.
    private func next() -> (@Sendable () async -> Void)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.worker = nil
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
