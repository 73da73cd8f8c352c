import Core
import Store

/// All counters, bounded: a try goes in, whether it may be made comes out (security rule 15).  Pure: it has no clock
/// and no lock.
///
/// A try takes its tokens before its password is hashed, so that tries at once cannot overrun a bucket; a success puts
/// back what it took, no more.
struct ThrottleTable: Sendable {
    /// Whether a try may be made.
    enum Answer: Sendable, Hashable {
        case reserved(ThrottleReservation)
        case refused(retryAfter: Milliseconds)
    }

    /// A clock that goes back by less has only been read by two threads at once.
    static let tolerance: Int64 = 1000
    /// Counters of second factors that are passed over where one has to go.
    static let mostSpared = 1000

    /// A bucket that a try asks.
    struct Wanted {
        let key: ThrottleKey
        /// Nil where it belongs to no address.
        let origin: ClientAddress?
    }

    /// Counters at most, roll-ups included.
    let bound: Int
    private(set) var settings: ThrottleSettings
    private var rates: [ThrottleKind: ThrottleRate]
    /// Addresses, accounts and devices.
    var counters = BucketSlab()
    /// Roll-ups have a share of their own, so that a counter that goes finds room for what it leaves there.
    var networks = BucketSlab()
    private let counterBound: Int
    private let networkBound: Int
    private var clock = WallTime(milliseconds: .min)
    /// Counters that the store does not hold as they are.
    var changed: Set<ThrottleKey> = []
    /// Counters that the store may hold and that are no more.
    var forgotten: Set<ThrottleKey> = []
    /// Tries that were refused.
    private(set) var refusals: UInt64 = 0
    /// Counters that were not full and had to go.
    private(set) var evictions: UInt64 = 0

    init(settings: ThrottleSettings, bound: Int) {
        self.settings = settings
        self.bound = max(16, bound)
        networkBound = self.bound / 4
        counterBound = self.bound - networkBound
        rates = Self.rates(settings)
    }

    var count: Int { counters.count + networks.count }

    // MARK: Tries

    /// Takes the tokens of a try from a device that is not known, or none of them.
    mutating func reserve(_ attempt: ThrottleAttempt, at now: WallTime) -> Answer {
        let address = attempt.address
        let origin = address.isIPv4 ? address : address.network(prefix: settings.ipv6Prefix)
        var wanted = [Wanted(key: attempt.account(ipv6Prefix: settings.ipv6Prefix), origin: origin)]
        if !settings.allow.contains(where: { $0.contains(address) }) {
            let text = ThrottleKey.text(address, ipv6Prefix: settings.ipv6Prefix)
            wanted.append(Wanted(key: ThrottleKey(kind: .address, subject: text), origin: origin))
            if !address.isIPv4 { wanted.append(Wanted(key: .network(of: address), origin: origin)) }
        }
        return reserve(wanted, at: now)
    }

    /// Takes the token of a try from a known device: its own bucket alone is asked.
    mutating func reserve(_ device: ThrottleDevice, at now: WallTime) -> Answer {
        let address = device.address
        let origin = address.isIPv4 ? address : address.network(prefix: settings.ipv6Prefix)
        return reserve([Wanted(key: device.key, origin: origin)], at: now)
    }

    /// Puts back what a try took: it succeeded, or was not made.
    mutating func refund(_ reservation: ThrottleReservation, at now: WallTime) {
        let now = reading(now)
        for key in reservation.keys {
            guard var bucket = self[key] else { continue }
            let rate = rate(key.kind)
            bucket.refill(at: now, rate)
            bucket.refund(ThrottleBucket.failure, rate)
            if bucket.debt == 0 { forget(key) } else { put(bucket) }
        }
    }

    mutating func reserve(_ wanted: [Wanted], at time: WallTime) -> Answer {
        let now = reading(time)
        var buckets: [ThrottleBucket] = []
        var retryAfter = Milliseconds(0)
        for wanted in wanted {
            let rate = rate(wanted.key.kind)
            var bucket = self[wanted.key] ?? newborn(wanted, at: now)
            bucket.refill(at: now, rate)
            bucket.origin = wanted.origin
            retryAfter = max(retryAfter, rate.wait(debt: bucket.debt, since: bucket.updatedAt, at: now))
            bucket.charge(ThrottleBucket.failure, rate)
            buckets.append(bucket)
        }
        guard retryAfter.count == 0 else {
            refusals += 1
            for wanted in wanted {
                counters.touch(wanted.key)
                networks.touch(wanted.key)
            }
            return .refused(retryAfter: retryAfter)
        }
        for bucket in buckets { put(bucket) }
        return .reserved(ThrottleReservation(keys: wanted.map(\.key)))
    }

    /// A counter that was not there.  An IPv4 address takes over what its network was charged with by evictions: the
    /// /24 itself limits nobody, for it is not one household as a /48 is.
    private func newborn(_ wanted: Wanted, at now: WallTime) -> ThrottleBucket {
        var inherited: Int64 = 0
        if let origin = wanted.origin, wanted.key.kind.inherits(isIPv4: origin.isIPv4),
            var network = networks[.network(of: origin)]
        {
            network.refill(at: now, rate(.network))
            inherited = network.debt
        }
        return ThrottleBucket(
            wanted.key, inherited: inherited, at: now, origin: wanted.origin, rate: rate(wanted.key.kind))
    }

    // MARK: Room

    subscript(key: ThrottleKey) -> ThrottleBucket? { key.kind == .network ? networks[key] : counters[key] }

    func rate(_ kind: ThrottleKind) -> ThrottleRate { rates[kind] ?? ThrottleRate(kind, settings) }

    /// Puts a bucket in, after room was made where it is a new one.
    mutating func put(_ bucket: ThrottleBucket) {
        changed.insert(bucket.key)
        if bucket.key.kind == .network {
            if networks[bucket.key] == nil { makeNetworkRoom() }
            networks.put(bucket)
        } else {
            if counters[bucket.key] == nil { makeRoom() }
            counters.put(bucket)
        }
    }

    /// A full bucket is forgotten, for it says nothing; else the one that was used least recently goes, and what it
    /// misses is charged to its network.
    private mutating func makeRoom() {
        var spared = 0
        while counters.count >= counterBound {
            if let full = counters.fullFirst, full.fullAt <= clock {
                forget(full.key)
            } else if var evicted = counters.leastRecentlyUsed {
                // Nobody makes room for more guesses at a second factor by failing with passwords.
                if evicted.key.kind == .factor, spared < Self.mostSpared {
                    spared += 1
                    counters.touch(evicted.key)
                    continue
                }
                evicted.refill(at: clock, rate(evicted.key.kind))
                forget(evicted.key)
                evictions += 1
                guard let origin = evicted.origin, evicted.debt > evicted.inherited else { continue }
                var network =
                    networks[.network(of: origin)]
                    ?? ThrottleBucket(.network(of: origin), at: clock, origin: origin, rate: rate(.network))
                network.refill(at: clock, rate(.network))
                network.charge(evicted.debt - evicted.inherited, rate(.network))
                put(network)
            }
        }
    }

    private mutating func makeNetworkRoom() {
        while networks.count >= networkBound {
            if let full = networks.fullFirst, full.fullAt <= clock {
                forget(full.key)
            } else if let evicted = networks.leastRecentlyUsed {
                forget(evicted.key)
                evictions += 1
            }
        }
    }

    /// Takes a counter out; the store is told where it may hold it.
    mutating func forget(_ key: ThrottleKey) {
        changed.remove(key)
        guard let bucket = key.kind == .network ? networks.remove(key) : counters.remove(key) else { return }
        // Beyond the bound its row stays, and is found full at the next start or by its age.
        if bucket.isSaved, forgotten.count < bound { forgotten.insert(key) }
    }

    /// Takes out the buckets that are full by `now`.
    mutating func sweep(at time: WallTime) {
        let now = reading(time)
        while let full = counters.fullFirst, full.fullAt <= now { forget(full.key) }
        while let full = networks.fullFirst, full.fullAt <= now { forget(full.key) }
    }

    // MARK: Settings and clock

    /// Other settings count from now on; what is missing stays missing.
    mutating func apply(_ settings: ThrottleSettings, at time: WallTime) {
        guard settings != self.settings else { return }
        let now = reading(time)
        let former = rates
        self.settings = settings
        rates = Self.rates(settings)
        changeAll { bucket, rate in
            if let former = former[bucket.key.kind] { bucket.refill(at: now, former) }
            bucket.rebase(to: now, rate)
        }
    }

    /// The time that counts: a clock that went back gives nothing, and what comes after is counted from there.
    mutating func reading(_ now: WallTime) -> WallTime {
        if now >= clock {
            clock = now
        } else if clock.milliseconds - now.milliseconds > Self.tolerance {
            let before = clock
            clock = now
            changeAll { bucket, rate in
                bucket.refill(at: before, rate)
                bucket.rebase(to: now, rate)
            }
        }
        return clock
    }

    private mutating func changeAll(_ change: (inout ThrottleBucket, ThrottleRate) -> Void) {
        let rates = rates
        let changeOne = { (bucket: inout ThrottleBucket) in
            if let rate = rates[bucket.key.kind] { change(&bucket, rate) }
        }
        counters.changeAll(changeOne)
        networks.changeAll(changeOne)
    }

    private static func rates(_ settings: ThrottleSettings) -> [ThrottleKind: ThrottleRate] {
        Dictionary(uniqueKeysWithValues: ThrottleKind.allCases.map { ($0, ThrottleRate($0, settings)) })
    }
}
