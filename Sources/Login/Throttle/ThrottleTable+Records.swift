import Core
import Store

/// Counters on their way to the store and back, and as operators read them.
extension ThrottleTable {
    /// What one transaction writes.
    struct Batch: Sendable {
        var counters: [ThrottleCounter] = []
        var forgotten: [ThrottleKey] = []
        fileprivate var keys: [ThrottleKey] = []

        var isEmpty: Bool { counters.isEmpty && forgotten.isEmpty }
    }

    /// Takes up to `limit` changes and as many deletions that the store does not know; full buckets are deleted.
    mutating func takeBatch(limit: Int, at now: WallTime) -> Batch {
        sweep(at: now)
        var batch = Batch()
        for key in changed.prefix(limit) {
            guard var bucket = self[key] else { continue }
            bucket.isSaved = true
            note(bucket)
            batch.keys.append(key)
            batch.counters.append(
                ThrottleCounter(
                    kind: key.kind.rawValue, subject: key.subject, tokens: rate(key.kind).capacity - bucket.debt,
                    updatedAt: bucket.updatedAt))
        }
        batch.forgotten = Array(forgotten.prefix(limit))
        changed.subtract(Array(changed.prefix(limit)))
        forgotten.subtract(batch.forgotten)
        return batch
    }

    /// The store did not take the batch: it is to be taken again.
    mutating func putBack(_ batch: Batch) {
        for key in batch.keys where self[key] != nil { changed.insert(key) }
        for key in batch.forgotten where forgotten.count < bound { forgotten.insert(key) }
    }

    /// Takes counters of an earlier run in.  A moment that lies ahead counts as now.
    mutating func restore(_ saved: [ThrottleCounter], at time: WallTime) {
        let now = reading(time)
        for counter in saved {
            guard let kind = ThrottleKind(rawValue: counter.kind) else { continue }
            let (key, rate) = (ThrottleKey(kind: kind, subject: counter.subject), rate(kind))
            var bucket = ThrottleBucket(
                key, debt: rate.capacity - min(rate.capacity, max(0, counter.tokens)),
                at: min(counter.updatedAt, now), origin: key.origin, rate: rate)
            bucket.isSaved = true
            bucket.refill(at: now, rate)
            guard self[key] == nil else { continue }
            put(bucket)
            changed.remove(key)
            if bucket.debt == 0 { forget(key) }
        }
    }

    /// Counters as operators read them, those that are full left out.
    func readings(at now: WallTime) -> [LoginThrottle.Reading] {
        (counters.keys + networks.keys).compactMap { key in
            let rate = rate(key.kind)
            guard var bucket = self[key] else { return nil }
            bucket.refill(at: now, rate)
            guard bucket.debt > 0 else { return nil }
            return LoginThrottle.Reading(
                kind: key.kind.rawValue, subject: key.subject,
                failuresLeft: Int((rate.capacity - bucket.debt) / ThrottleBucket.failure),
                capacity: Int(rate.capacity / ThrottleBucket.failure), fullAt: bucket.fullAt)
        }
    }

    /// Forgets every counter that would refuse the address: its own, its accounts', its network's, and those of devices
    /// that failed there last.
    mutating func clear(_ address: ClientAddress) -> Int {
        let origin = address.isIPv4 ? address : address.network(prefix: settings.ipv6Prefix)
        var cleared = counters.keys.filter { self[$0]?.origin == origin }
        let network = ThrottleKey.network(of: address)
        if networks[network] != nil { cleared.append(network) }
        for kind in [ThrottleKind.invitationNetwork, .resetNetwork] {
            let key = ThrottleKey(kind: kind, subject: network.subject)
            if counters[key] != nil, !cleared.contains(key) { cleared.append(key) }
        }
        for key in cleared { forget(key) }
        return cleared.count
    }

    /// Forgets all; the store is emptied as a whole.
    mutating func clearAll() -> Int {
        let count = count
        counters.removeAll()
        networks.removeAll()
        changed.removeAll()
        forgotten.removeAll()
        return count
    }

    /// Changes a bucket that is there already, without noting a change.
    private mutating func note(_ bucket: ThrottleBucket) {
        if bucket.key.kind == .network { networks.replace(bucket) } else { counters.replace(bucket) }
    }
}
