import Core

/// Who waits for a hash: bounded, fair by network, known devices first, though not without end.
///
/// Known devices go before strangers three times in a row at most: one member who keeps signing in holds nobody up.
/// Networks take turns, so that one that sends much waits behind itself, not before others.  Where the queue is full,
/// a newcomer takes the last place of the network that has most, as long as that leaves it with more; a known device
/// takes it from strangers in any case.  Pure: it has no thread and no clock.
struct FairQueue<Element> {
    /// What became of a newcomer.
    enum Admission {
        case waiting
        /// It waits in the place of another, which is to be told.
        case displacing(Element)
        case refused
    }

    /// Elements that wait, at most.
    let bound: Int
    /// Elements of one network that wait, at most; known devices are counted for themselves.
    let networkBound: Int
    /// So many known devices in a row go before a stranger who waits; the next turn is the stranger's.
    static var longestPrecedence: Int { 3 }
    private var known = FairLane<Element>()
    private var strangers = FairLane<Element>()
    /// How many known devices have gone before strangers who waited, since a stranger last had a turn.
    private var preceded = 0

    init(bound: Int, networkBound: Int = 8) {
        self.bound = max(1, bound)
        self.networkBound = max(1, networkBound)
    }

    /// How many wait.
    var count: Int { known.count + strangers.count }
    /// How many known devices wait.
    var knownCount: Int { known.count }

    /// What is one network: a /24 of IPv4, a /48 of IPv6.
    static func network(of address: ClientAddress) -> ClientAddress {
        address.network(prefix: address.isIPv4 ? 24 : 48)
    }

    /// Puts an element behind those of its network.
    /// - Parameter ticket: names it, for `remove`; no other has it.
    mutating func push(
        _ element: Element, ticket: UInt64, from address: ClientAddress, isKnownDevice: Bool, at now: MonotonicInstant
    ) -> Admission {
        let network = Self.network(of: address)
        let own = isKnownDevice ? known.count(of: network) : strangers.count(of: network)
        guard own < networkBound else { return .refused }
        var displaced: Element?
        if count >= bound {
            displaced = strangers.takeLast(ofMoreThan: isKnownDevice ? 0 : own + 1)
            if displaced == nil, isKnownDevice { displaced = known.takeLast(ofMoreThan: own + 1) }
            guard displaced != nil else { return .refused }
        }
        let entry = FairLane.Entry(ticket: ticket, element: element, since: now)
        if isKnownDevice { known.append(entry, network) } else { strangers.append(entry, network) }
        return displaced.map { .displacing($0) } ?? .waiting
    }

    /// Whether a stranger of that network would find a place now.
    func hasRoom(forStrangerFrom address: ClientAddress) -> Bool {
        let own = strangers.count(of: Self.network(of: address))
        return own < networkBound && (count < bound || strangers.most > own + 1)
    }

    /// The element whose turn it is; nil where none waits.
    mutating func pop() -> Element? {
        guard strangers.count > 0 else { return known.popFirst()?.element }
        guard known.count > 0, preceded < Self.longestPrecedence else {
            preceded = 0
            return strangers.popFirst()?.element
        }
        preceded += 1
        return known.popFirst()?.element
    }

    /// Takes an element out; nil where it does not wait any more.
    mutating func remove(_ ticket: UInt64) -> Element? {
        known.remove { $0.ticket == ticket }.first ?? strangers.remove { $0.ticket == ticket }.first
    }

    /// Takes out those that wait since before `moment`.
    mutating func removeAll(waitingSinceBefore moment: MonotonicInstant) -> [Element] {
        known.remove { $0.since < moment } + strangers.remove { $0.since < moment }
    }

    /// Takes all out.
    mutating func removeAll() -> [Element] { known.remove { _ in true } + strangers.remove { _ in true } }
}

/// Those of one rank, network after network.
struct FairLane<Element> {
    struct Entry {
        let ticket: UInt64
        let element: Element
        let since: MonotonicInstant
    }

    private(set) var count = 0
    /// Networks in the order of their turns; each that stands here has somebody waiting.
    private var turns: [ClientAddress] = []
    private var entries: [ClientAddress: [Entry]] = [:]

    /// How many wait of the network that has most.
    var most: Int { entries.values.reduce(0) { max($0, $1.count) } }

    /// How many of a network wait.
    func count(of network: ClientAddress) -> Int { entries[network]?.count ?? 0 }

    mutating func append(_ entry: Entry, _ network: ClientAddress) {
        if entries[network] == nil { turns.append(network) }
        entries[network, default: []].append(entry)
        count += 1
    }

    mutating func popFirst() -> Entry? {
        guard !turns.isEmpty else { return nil }
        let network = turns.removeFirst()
        guard var waiting = entries[network], !waiting.isEmpty else { return nil }
        let first = waiting.removeFirst()
        entries[network] = waiting.isEmpty ? nil : waiting
        if !waiting.isEmpty { turns.append(network) }
        count -= 1
        return first
    }

    /// The last of the network that has most, where that is more than `least`.
    mutating func takeLast(ofMoreThan least: Int) -> Element? {
        guard let longest = turns.max(by: { count(of: $0) < count(of: $1) }), count(of: longest) > least,
            let last = entries[longest]?.last
        else { return nil }
        return remove { $0.ticket == last.ticket }.first
    }

    mutating func remove(where matches: (Entry) -> Bool) -> [Element] {
        var removed: [Element] = []
        for network in turns {
            guard let waiting = entries[network], waiting.contains(where: matches) else { continue }
            removed += waiting.filter(matches).map(\.element)
            let rest = waiting.filter { !matches($0) }
            entries[network] = rest.isEmpty ? nil : rest
        }
        turns.removeAll { entries[$0] == nil }
        count -= removed.count
        return removed
    }
}
