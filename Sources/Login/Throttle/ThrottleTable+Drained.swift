import Core

extension ThrottleTable {
    /// Whether all failures of an address, or of its network, are why it may not try: not those at one account alone.
    mutating func isDrained(_ address: ClientAddress, at time: WallTime) -> Bool {
        let now = reading(time)
        var keys = [ThrottleKey(kind: .address, subject: ThrottleKey.text(address, ipv6Prefix: settings.ipv6Prefix))]
        if !address.isIPv4 { keys.append(.network(of: address)) }
        return keys.contains { key in
            guard var bucket = self[key] else { return false }
            let rate = rate(key.kind)
            bucket.refill(at: now, rate)
            return bucket.debt + ThrottleBucket.failure > rate.capacity
        }
    }
}

extension LoginThrottle {
    /// Whether all failures of an address are why it may not try.
    func isDrained(_ address: ClientAddress) -> Bool { withTable { table, now in table.isDrained(address, at: now) } }
}
