import Core

/// Makes guessing one account from many addresses slow, without refusing anybody.
///
/// Each address has its own bucket, so a thousand of them have ten thousand guesses at one account.  Failures of devices
/// that the account does not know are counted for the account as a whole; beyond its bucket each such try waits before
/// it is looked at, right or wrong, there or not.  A device that the account knows never waits.  Pure: it has no clock
/// and no lock.  It is in memory alone: a restart forgets it, the buckets that refuse it does not.
struct AccountSlowdown: Sendable {
    /// Accounts that are counted at most; the one that was used least recently goes.
    static let bound = 50_000
    /// Tries that wait at once; one more is refused, so that waiting costs an attacker's connections and not ours.
    static let mostWaiting = 1000

    private var accounts = BucketSlab()
    private(set) var waiting = 0
    /// Tries that had to wait.
    private(set) var slowed: UInt64 = 0

    /// Counts a try; how long it has to wait, or nil where too many wait already.
    mutating func charge(_ key: ThrottleKey, _ settings: ThrottleSettings, at now: WallTime) -> Milliseconds? {
        guard settings.slowdown.count > 0 else { return Milliseconds(0) }
        let rate = ThrottleRate(.slowed, settings)
        var bucket = accounts[key] ?? ThrottleBucket(key, at: now, origin: nil, rate: rate)
        bucket.refill(at: now, rate)
        let isEmpty = bucket.debt + ThrottleBucket.failure > rate.capacity
        guard !isEmpty || waiting < Self.mostWaiting else { return nil }
        bucket.charge(ThrottleBucket.failure, rate)
        put(bucket, at: now)
        guard isEmpty else { return Milliseconds(0) }
        return settings.slowdown
    }

    /// A try begins to wait.
    mutating func enter() {
        waiting += 1
        slowed += 1
    }

    /// A try has waited.
    mutating func release() { waiting = max(0, waiting - 1) }

    /// Puts a try back: it succeeded, or was not made.
    mutating func refund(_ key: ThrottleKey, _ settings: ThrottleSettings, at now: WallTime) {
        guard var bucket = accounts[key] else { return }
        let rate = ThrottleRate(.slowed, settings)
        bucket.refill(at: now, rate)
        bucket.refund(ThrottleBucket.failure, rate)
        if bucket.debt == 0 { accounts.remove(key) } else { accounts.put(bucket) }
    }

    /// The accounts whose next try would wait.
    func readings(_ settings: ThrottleSettings, at now: WallTime) -> [LoginThrottle.Reading] {
        let rate = ThrottleRate(.slowed, settings)
        return accounts.keys.compactMap { key in
            guard settings.slowdown.count > 0, var bucket = accounts[key] else { return nil }
            bucket.refill(at: now, rate)
            guard bucket.debt + ThrottleBucket.failure > rate.capacity else { return nil }
            return LoginThrottle.Reading(
                kind: key.kind.rawValue, subject: key.subject, failuresLeft: 0,
                capacity: Int(rate.capacity / ThrottleBucket.failure), fullAt: bucket.fullAt)
        }
    }

    /// Forgets every account.
    mutating func clear() { accounts.removeAll() }

    private mutating func put(_ bucket: ThrottleBucket, at now: WallTime) {
        if accounts[bucket.key] == nil {
            while let full = accounts.fullFirst, full.fullAt <= now { accounts.remove(full.key) }
            while accounts.count >= Self.bound, let oldest = accounts.leastRecentlyUsed { accounts.remove(oldest.key) }
        }
        accounts.put(bucket)
    }
}
