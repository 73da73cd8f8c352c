import Core
import Store

/// Whose letters are due, and whether the mail server is worth asking.  Pure: it has no clock and no lock.
struct PostmanState: Sendable {
    /// Tenants that are to be served at the next turn.
    private var ready: Set<TenantID> = []
    /// Tenants that are served again then.
    private var next: [TenantID: WallTime] = [:]
    private var oldest: [TenantID: WallTime] = [:]
    private var lookedAt: WallTime?
    /// Nobody is asked before.
    private var heldUntil: WallTime?
    /// How often the server could not be used, one time after the other.
    private var failures = 0
    /// Why it cannot be used.
    private(set) var fault: String?
    /// Letters that are being sent.
    var underWay = 0
    private var counts = PostmanMetrics()

    var metrics: PostmanMetrics {
        var metrics = counts
        metrics.oldest = oldest.values.min()
        return metrics
    }

    /// A tenant may have letters that are due.
    mutating func isReady(_ tenant: TenantID) { ready.insert(tenant) }

    /// A clock that went back is time to look, too.
    func isTimeToLook(at now: WallTime) -> Bool {
        guard let lookedAt, lookedAt <= now else { return true }
        return lookedAt.advanced(by: Postman.lookInterval) <= now
    }

    mutating func looked(at now: WallTime) { lookedAt = now }

    /// The tenants whose turn it is, none while the server is not asked.
    mutating func takeReady(at now: WallTime) -> [TenantID] {
        guard !isHeld(at: now) else { return [] }
        for (tenant, moment) in next where moment <= now {
            ready.insert(tenant)
            next[tenant] = nil
        }
        defer { ready.removeAll() }
        return ready.sorted { $0.text < $1.text }
    }

    /// A tenant was served: when its next letter is due, and since when its oldest waits.
    mutating func served(_ tenant: TenantID, next due: WallTime?, oldest: WallTime?) {
        next[tenant] = due
        self.oldest[tenant] = oldest
    }

    /// A tenant could not be served.
    mutating func isLate(_ tenant: TenantID, until moment: WallTime) { next[tenant] = moment }

    func isHeld(at now: WallTime) -> Bool {
        guard let heldUntil else { return false }
        // A clock that went back does not hold for longer than the longest delay.
        return heldUntil > now
            && heldUntil <= now.advanced(by: Postman.serverDelays.last ?? Milliseconds(0))
    }

    /// The server cannot be used.
    /// - Returns: when it is asked again, and whether it could be used before.
    mutating func hold(_ words: String, at now: WallTime) -> (until: WallTime, isNew: Bool) {
        let isNew = fault == nil
        // Several that were under way at once are one failure.
        if !isHeld(at: now) {
            let delay = Postman.serverDelays[min(failures, Postman.serverDelays.count - 1)]
            heldUntil = now.advanced(by: delay)
            failures += 1
        }
        fault = words
        counts.unavailable += 1
        return (heldUntil ?? now, isNew)
    }

    /// The server took a mail.
    /// - Returns: whether it could not be used before.
    mutating func sent() -> Bool {
        counts.sent += 1
        return answered()
    }

    /// The server put a mail off.
    mutating func deferred() {
        counts.deferred += 1
        _ = answered()
    }

    /// A letter will never go.
    mutating func gaveUp() { counts.givenUp += 1 }

    /// The server answered to a mail, whatever it said.
    /// - Returns: whether it could not be used before.
    mutating func answered() -> Bool {
        defer { (fault, failures, heldUntil) = (nil, 0, nil) }
        return fault != nil
    }
}
