import Synchronization

/// Token buckets of all loops, for `rate_limit`: one for each route, kind and caller.
///
/// A bucket is one number, the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371): a
/// request puts it off by the time in which one token comes back, and is refused where it would lie further ahead than
/// an empty bucket takes to fill.  A bucket that is full says nothing and needs no place.
///
/// One table is shared by the loops, so that a limit is exact however connections are spread.  It is cut into stripes,
/// each under a lock that is held for some nanoseconds; a route without a rate never comes here.  It has a bound: where
/// the eight places of a caller's set are taken, the bucket that would be full soonest gives way, which forgives its
/// caller what little was left.
final class RateTable: Sendable {
    /// Stripes, sets of a stripe, places of a set: 65,536 buckets, a mebibyte when all are used.
    static let stripes = 64
    static let sets = 128
    static let places = 8

    /// What one request met.
    struct Verdict: Hashable {
        var isAdmitted: Bool
        /// Whole tokens that are left.
        var remaining: UInt64
        /// Nanoseconds until the next whole token, where none is left; else until the bucket is full.
        var wait: UInt64
    }

    private struct Place {
        /// 0 where nobody has it.
        var key: UInt64 = 0
        /// In nanoseconds of the monotonic clock.
        var fullAt: UInt64 = 0
    }

    private final class Stripe: Sendable {
        /// Empty until it is used.
        let places = Mutex<[Place]>([])
    }

    private let all = (0..<RateTable.stripes).map { _ in Stripe() }
    private let evictions = Atomic<UInt64>(0)

    /// Buckets that gave way before they were full.
    var evicted: UInt64 { evictions.load(ordering: .relaxed) }

    /// Takes a token of a bucket.
    /// - Parameters:
    ///   - key: of route, kind and caller; spread evenly over all numbers.
    ///   - step: nanoseconds in which one token comes back; at least 1.
    ///   - span: nanoseconds in which an empty bucket fills.
    ///   - now: nanoseconds of the monotonic clock.
    func take(key: UInt64, step: UInt64, span: UInt64, now: UInt64) -> Verdict {
        let key = max(key, 1)
        let set = Int(truncatingIfNeeded: key >> 6) & (Self.sets - 1)
        return all[Int(truncatingIfNeeded: key) & (Self.stripes - 1)].places.withLock { places in
            if places.isEmpty { places = [Place](repeating: Place(), count: Self.sets * Self.places) }
            let index = place(of: key, in: &places, set: set, now: now)
            let start = max(places[index].fullAt, now)
            let after = start + step
            guard after <= now + span else {
                return Verdict(isAdmitted: false, remaining: 0, wait: after - (now + span))
            }
            places[index] = Place(key: key, fullAt: after)
            let remaining = (now + span - after) / step
            let wait = remaining > 0 ? after - now : after + step - (now + span)
            return Verdict(isAdmitted: true, remaining: remaining, wait: wait)
        }
    }

    /// The place of a bucket: its own, else the one that is full, or will be soonest.
    private func place(of key: UInt64, in places: inout [Place], set: Int, now: UInt64) -> Int {
        let range = set * Self.places..<(set + 1) * Self.places
        var soonest = range.lowerBound
        for index in range {
            if places[index].key == key { return index }
            if places[index].fullAt < places[soonest].fullAt { soonest = index }
        }
        if places[soonest].fullAt > now { evictions.wrappingAdd(1, ordering: .relaxed) }
        places[soonest] = Place()
        return soonest
    }
}
