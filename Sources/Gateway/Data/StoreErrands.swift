import Access
import Core
import Synchronization

/// What the event loops ask of the store without waiting for it: last uses, and sessions that applications end.
///
/// Nothing that was asked is lost when the process ends in order.  A session whose end could not be written yet counts as
/// ended all the same, and its end is tried again until it is durable.
final class StoreErrands: Sendable {
    /// Uses that wait to be written, at most; beyond that they are told again with the sessions' next use.
    static let mostUses = 1_000_000

    private struct State {
        var uses: [SessionUse] = []
        /// Sessions whose end is not durable yet, with their tenants.
        var ending: [SessionHandle: TenantID] = [:]
        var running: [UInt64: Task<Void, Never>] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())
    private let data: GatewayData

    init(_ data: GatewayData) { self.data = data }

    /// Takes uses in; they are written with the next `writeUses`.
    func note(_ uses: [SessionUse]) {
        state.withLock { state in
            state.uses += uses.prefix(max(0, Self.mostUses - state.uses.count))
        }
    }

    /// Ends a session for good; from now on it counts as ended.
    func end(_ session: SessionHandle, of tenant: TenantID) {
        state.withLock { state in
            state.ending[session] = tenant
            let number = state.next
            state.next += 1
            state.running[number] = Task {
                await self.finish(session, of: tenant)
                self.state.withLock { $0.running[number] = nil }
            }
        }
    }

    /// True for a session whose end is not durable yet.
    func isEnding(_ session: SessionHandle) -> Bool { state.withLock { $0.ending[session] != nil } }

    /// Tries the ends again that could not be written.
    func retryEnds() async {
        let waiting = state.withLock { state -> [SessionHandle: TenantID] in state.running.isEmpty ? state.ending : [:]
        }
        for entry in waiting { await finish(entry.key, of: entry.value) }
    }

    private func finish(_ session: SessionHandle, of tenant: TenantID) async {
        guard await data.endByApplication(session, of: tenant) else { return }
        state.withLock { $0.ending[session] = nil }
    }

    /// Writes the uses that have been told.
    func writeUses() async {
        let uses = state.withLock { state in
            let uses = state.uses
            state.uses = []
            return uses
        }
        if !uses.isEmpty { await data.write(uses) }
    }

    /// Waits until all is done.
    func settle() async {
        for task in state.withLock({ Array($0.running.values) }) { await task.value }
        await retryEnds()
        await writeUses()
    }
}
