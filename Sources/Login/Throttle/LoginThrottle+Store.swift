public import Core
import Store

/// Counters survive restarts: read at the start, written behind.
extension LoginThrottle {
    /// Counters of one transaction.
    static let batch = 1000

    /// Reads the counters of an earlier run; before the first try.
    /// - Throws: `StoreFault`.
    public func load() async throws {
        var last: ThrottleCounter?
        repeat {
            let page = try await store.list(after: last)
            last = page.last
            withTable { table, now in table.restore(page, at: now) }
        } while last != nil
    }

    /// Writes what has changed since, and deletes what is no more; each second, and at the end.  One flush waits for the
    /// one before.
    /// - Throws: `StoreFault`; nothing is lost then, and the next flush writes it.
    public func flush() async throws {
        try await turns.run { [self] in
            // What changes meanwhile waits for the next flush.
            var isMore = true
            while isMore {
                let batch = withTable { table, now in table.takeBatch(limit: Self.batch, at: now) }
                guard !batch.isEmpty else { return }
                isMore = max(batch.counters.count, batch.forgotten.count) == Self.batch
                do {
                    try await store.save(
                        batch.counters, deleting: batch.forgotten.map { ($0.kind.rawValue, $0.subject) })
                } catch {
                    withTable { table, _ in table.putBack(batch) }
                    throw error
                }
            }
        }
    }

    /// Forgets every counter that would refuse the address, in memory and in the store, accounts' included.
    /// - Returns: how many.
    /// - Throws: `StoreFault`; they are forgotten in memory all the same.
    @discardableResult
    public func clear(address: ClientAddress) async throws -> Int {
        let count = withTable { table, _ in table.clear(address) }
        try await flush()
        return count
    }

    /// Forgets every counter, in memory and in the store.
    /// - Returns: how many.
    /// - Throws: `StoreFault`; they are forgotten in memory all the same.
    @discardableResult
    public func clearAll() async throws -> Int {
        let count = withTable { table, _ in table.clearAll() }
        clearSlowdown()
        try await turns.run { [store] in _ = try await store.clearAll() }
        return count
    }

    /// Deletes rows whose buckets are full, whatever they held: what memory had no room to remember.  Now and then.
    /// - Throws: `StoreFault`.
    public func deleteForgotten() async throws {
        let moment = withTable { table, now in
            let span = ThrottleKind.allCases.map { table.rate($0).span }.max() ?? 0
            return WallTime(milliseconds: now.milliseconds - min(span, 1 << 50))
        }
        try await turns.run { [store] in _ = try await store.deleteUntouched(since: moment) }
    }
}

/// Lets one thing be done after the other, in the order of their coming, though each waits in between.
actor ThrottleTurns {
    private var last: Task<Void, any Error>?

    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let before = last
        let task = Task {
            _ = await before?.result
            try await body()
        }
        last = task
        try await task.value
    }
}
