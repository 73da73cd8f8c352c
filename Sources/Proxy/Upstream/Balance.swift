/// Which servers of an upstream an exchange has been sent to: positions below 128.
struct ServerSet: Sendable, Hashable {
    private(set) var bits: UInt128 = 0

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }

    func contains(_ place: Int) -> Bool { bits >> UInt128(place) & 1 == 1 }
    mutating func insert(_ place: Int) { bits |= 1 << UInt128(place) }

    /// The member with so many before it.
    func member(at position: Int) -> Int {
        var rest = bits
        for _ in 0..<position { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }

    /// The first member at or behind `place`, else the first of all.
    func first(from place: Int) -> Int {
        let behind = bits >> UInt128(place)
        return behind == 0 ? bits.trailingZeroBitCount : place + behind.trailingZeroBitCount
    }
}

/// Chooses among the servers of one upstream; a loop has its own for each.
struct Balance {
    let policy: BalancePolicy
    /// Where `round_robin` goes on.
    private var next = 0

    init(_ policy: BalancePolicy) { self.policy = policy }

    /// What is asked of a server at a position.
    struct View {
        /// How much of its share it gets, 0 to `ServerStanding.wholeShare`.
        var share: Int
        /// Exchanges under way.
        var load: Int
        /// Names it: the same on every loop and after every start.
        var key: UInt64
    }

    /// The server to ask; nil where all were tried.
    ///
    /// Servers that are out are asked only where no other is left: a wrong guess about all of them must not be what
    /// takes the application down.
    /// - Parameters:
    ///   - count: of servers, at most 128.
    ///   - client: for `client_address` the client's key, the same client's always the same.
    mutating func choose(
        count: Int, tried: ServerSet, client: UInt64, random: inout LoopRandom, _ view: (Int) -> View
    ) -> Int? {
        // The common case costs nothing.
        if count == 1 { return tried.isEmpty ? 0 : nil }
        var (candidates, reserves, rest) = (ServerSet(), ServerSet(), ServerSet())
        for place in 0..<count where !tried.contains(place) {
            let share = view(place).share
            if share >= ServerStanding.wholeShare || (share > 0 && Int(random.next() & 0xFF) < share) {
                candidates.insert(place)
            } else if share > 0 {
                reserves.insert(place)
            } else {
                rest.insert(place)
            }
        }
        if candidates.isEmpty { candidates = reserves.isEmpty ? rest : reserves }
        guard !candidates.isEmpty else { return nil }
        switch policy {
        case .roundRobin:
            let chosen = candidates.first(from: next)
            next = chosen + 1 < count ? chosen + 1 : 0
            return chosen
        case .leastRequests: return lessLoaded(of: candidates, random: &random, view)
        case .clientAddress: return nearest(of: candidates, client: client, view)
        }
    }

    /// The less loaded of two that were drawn: nearly as even as the least of all, and loops do not all run to the same
    /// server (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing").
    private func lessLoaded(of candidates: ServerSet, random: inout LoopRandom, _ view: (Int) -> View) -> Int {
        let count = candidates.count
        let first = Int(random.next() % UInt64(count))
        guard count > 1 else { return candidates.member(at: first) }
        // Another one: any of those behind the first, in a circle.
        let second = (first + 1 + Int(random.next() % UInt64(count - 1))) % count
        let (one, other) = (candidates.member(at: first), candidates.member(at: second))
        return view(other).load < view(one).load ? other : one
    }

    /// The highest of the scores that client and server make together (rendezvous hashing): a server that comes or goes
    /// moves its own clients alone.
    private func nearest(of candidates: ServerSet, client: UInt64, _ view: (Int) -> View) -> Int {
        var (best, highest) = (0, UInt64(0))
        for position in 0..<candidates.count {
            let place = candidates.member(at: position)
            let score = Mixing.mixed(client ^ view(place).key)
            if position == 0 || score > highest { (best, highest) = (place, score) }
        }
        return best
    }
}

/// Numbers that nobody must be unable to guess: for spreading alone (SplitMix64).
struct LoopRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Mixing.mixed(state)
    }
}

/// Keys for `client_address`, the same in every process.
enum Mixing {
    /// The finalizer of SplitMix64: every bit of the result depends on every bit of `number`.
    static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A text's key (FNV-1a, mixed).
    static func key(of text: String) -> UInt64 {
        mixed(text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// An address's key.
    static func key(high: UInt64, low: UInt64) -> UInt64 { mixed(mixed(high) ^ low) }
}
