/// What a loop keeps of one upstream besides its connections: whose turn it is, who waits, how much may be open.
struct UpstreamGroup {
    /// The upstream's name, so that a reload finds it again.
    let name: String
    var balance: Balance
    var row: WaitingRow
    /// This loop's share of `limits.connections`.
    var mostConnections: Int
    /// Positions in the loop's pools.
    var pools: [Int] = []
    /// A connection has become free, and the row is looked at before the next wait.
    var isFreed = false

    init(_ settings: UpstreamSettings, loop: Int, of loops: Int) {
        name = settings.name
        balance = Balance(settings.balance)
        mostConnections = Self.share(of: settings.limits.connections, loop: loop, of: loops)
        row = WaitingRow(bound: Self.share(of: settings.limits.pending, loop: loop, of: loops, least: 0))
    }

    /// Takes over what a reload says.
    mutating func take(_ settings: UpstreamSettings, loop: Int, of loops: Int) {
        let fresh = UpstreamGroup(settings, loop: loop, of: loops)
        if balance.policy != settings.balance { balance = fresh.balance }
        mostConnections = fresh.mostConnections
        row.bound = fresh.row.bound
    }

    /// What one of the loops may have of something that all of them share: the parts add up to the whole, but for the one
    /// that no loop can do without.
    static func share(of whole: Int, loop: Int, of loops: Int, least: Int = 1) -> Int {
        max(least, whole / loops + (loop < whole % loops ? 1 : 0))
    }
}
