/// Where one server is: all of its addresses in turn, those that failed lately only where no other is left.
///
/// A name with one dead address is not a dead server: `localhost` where the application listens on one family alone, a
/// machine of several that is down.
struct AddressBook {
    /// How long an address that failed is passed over, in milliseconds.
    static let avoidance: UInt64 = 30_000

    private(set) var all: [ServerAddress]
    private var next = 0
    /// Until when an address is passed over.
    private var avoided: [ServerAddress: UInt64] = [:]

    init(_ addresses: [ServerAddress]) { all = addresses }

    /// Takes over what the resolver says.
    mutating func take(_ addresses: [ServerAddress]) {
        all = addresses
        avoided = avoided.filter { addresses.contains($0.key) }
    }

    /// The address to try next; nil where there is none.
    mutating func turn(at now: UInt64) -> ServerAddress? {
        guard !all.isEmpty else { return nil }
        for _ in all.indices {
            let address = all[next % all.count]
            next = (next + 1) % all.count
            if avoided.isEmpty || !isAvoided(address, at: now) { return address }
        }
        let address = all[next % all.count]
        next = (next + 1) % all.count
        return address
    }

    /// An address has failed.
    /// - Returns: true where none is left that has not: then it is the server that fails.
    mutating func failed(_ address: ServerAddress, at now: UInt64) -> Bool {
        guard all.count > 1 else { return true }
        if all.contains(address) { avoided[address] = now + Self.avoidance }
        return all.allSatisfy { isAvoided($0, at: now) }
    }

    /// An address has answered.
    mutating func answered(_ address: ServerAddress) {
        guard !avoided.isEmpty else { return }
        avoided[address] = nil
    }

    private func isAvoided(_ address: ServerAddress, at now: UInt64) -> Bool {
        avoided[address].map { now < $0 } ?? false
    }
}
