import Testing

@testable import Proxy

@Suite("Servers are chosen as the policy says, among those that are there")
struct BalanceTests {
    private static let whole = ServerStanding.wholeShare

    /// How often each server was chosen in `turns`.
    private func counts(
        _ policy: BalancePolicy, turns: Int = 10_000, shares: [Int], loads: [Int]? = nil,
        tried: ServerSet = ServerSet(),
        client: (Int) -> UInt64 = { _ in 0 }
    ) -> [Int] {
        var balance = Balance(policy)
        var random = LoopRandom(seed: 7)
        var counts = [Int](repeating: 0, count: shares.count)
        for turn in 0..<turns {
            let chosen = balance.choose(
                count: shares.count, tried: tried, client: Mixing.mixed(client(turn)), random: &random
            ) { Balance.View(share: shares[$0], load: loads?[$0] ?? 0, key: Mixing.key(of: "http://s\($0)")) }
            if let chosen { counts[chosen] += 1 }
        }
        return counts
    }

    @Test("round_robin goes from one to the next, and passes over those that are out")
    func roundRobin() {
        #expect(counts(.roundRobin, turns: 9, shares: [Self.whole, Self.whole, Self.whole]) == [3, 3, 3])
        #expect(counts(.roundRobin, turns: 9, shares: [Self.whole, 0, Self.whole]) == [5, 0, 4])
    }

    @Test("least_requests takes the less loaded of two: never the most loaded, and the others evenly")
    func leastRequests() {
        #expect(counts(.leastRequests, shares: [Self.whole, Self.whole], loads: [5, 4]) == [0, 10_000])
        let three = counts(.leastRequests, shares: [Self.whole, Self.whole, Self.whole], loads: [9, 1, 1])
        #expect(three[0] == 0)
        let equal = counts(.leastRequests, shares: .init(repeating: Self.whole, count: 5))
        #expect(equal.allSatisfy { (1_700...2_300).contains($0) }, "\(equal)")
    }

    @Test("client_address sends a client to the same server, and the clients evenly")
    func clientAddress() {
        let all = [Int](repeating: Self.whole, count: 4)
        for client in [1, 2, 3] as [UInt64] {
            #expect(counts(.clientAddress, turns: 100, shares: all, client: { _ in client }).max() == 100)
        }
        let spread = counts(.clientAddress, shares: all) { UInt64($0) }
        #expect(spread.allSatisfy { (2_200...2_800).contains($0) }, "\(spread)")
    }

    @Test("client_address: a server that goes moves its own clients alone, and gets them back")
    func consistency() {
        func choices(_ shares: [Int]) -> [Int] {
            (0..<1_000).map { client in
                counts(.clientAddress, turns: 1, shares: shares, client: { _ in client }).firstIndex(of: 1) ?? -1
            }
        }
        let all = choices([Self.whole, Self.whole, Self.whole])
        let without = choices([Self.whole, 0, Self.whole])
        #expect(zip(all, without).allSatisfy { $0 == $1 || $0 == 1 })
        #expect(!without.contains(1))
        #expect(choices([Self.whole, Self.whole, Self.whole]) == all)
    }

    @Test("a server that comes back slowly gets its share alone", arguments: BalancePolicy.allCases)
    func slowReturn(_ policy: BalancePolicy) {
        let found = counts(policy, shares: [Self.whole, Self.whole / 10]) { UInt64($0) }
        #expect((200...1_200).contains(found[1]), "\(found)")
        let alone = counts(policy, turns: 100, shares: [0, Self.whole / 10])
        #expect(alone == [0, 100])
    }

    @Test("where all are out all are asked; where all were tried nobody is", arguments: BalancePolicy.allCases)
    func nobodyLeft(_ policy: BalancePolicy) {
        #expect(counts(policy, turns: 100, shares: [0, 0]).reduce(0, +) == 100)
        var tried = ServerSet()
        tried.insert(0)
        #expect(counts(policy, turns: 10, shares: [Self.whole, 0], tried: tried) == [0, 10])
        #expect(counts(policy, turns: 10, shares: [Self.whole], tried: tried) == [0])
        tried.insert(1)
        #expect(counts(policy, turns: 10, shares: [Self.whole, Self.whole], tried: tried) == [0, 0])
    }

    @Test("a set of servers knows its members, up to the last place")
    func set() {
        var set = ServerSet()
        for place in [3, 64, 127] { set.insert(place) }
        #expect((0..<3).map(set.member) == [3, 64, 127])
        #expect([0, 3, 4, 65, 127].map(set.first) == [3, 3, 64, 127, 127])
        #expect(set.contains(127) && !set.contains(126))
    }
}
