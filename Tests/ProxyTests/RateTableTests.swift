import Access
import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("Token buckets")
struct RateTableTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 1_000 * second

    /// A bucket of so many tokens a minute, asked at a time in seconds.
    private func take(_ table: RateTable, _ key: UInt64 = 7, of count: UInt64 = 6, at seconds: Double)
        -> RateTable.Verdict
    {
        let span = 60 * Self.second
        return table.take(
            key: key, step: span / count, span: span, now: Self.start + UInt64(seconds * Double(Self.second)))
    }

    @Test("a full bucket holds all its tokens and not one more")
    func burst() {
        let table = RateTable()
        for left in (0..<6).reversed() {
            let verdict = take(table, at: 0)
            #expect(verdict.isAdmitted && verdict.remaining == UInt64(left))
        }
        let refused = take(table, at: 0)
        #expect(!refused.isAdmitted && refused.wait == 10 * Self.second)
    }

    @Test("tokens come back evenly, one at a time")
    func refill() {
        let table = RateTable()
        for _ in 0..<6 { _ = take(table, at: 0) }
        #expect(!take(table, at: 9.9).isAdmitted)
        #expect(take(table, at: 10).isAdmitted)
        #expect(!take(table, at: 10).isAdmitted)
        #expect(take(table, at: 30).remaining == 1)
        #expect(take(table, at: 1000).remaining == 5)
    }

    @Test("a refused request costs nothing")
    func refusalIsFree() {
        let table = RateTable()
        for _ in 0..<6 { _ = take(table, at: 0) }
        for _ in 0..<100 { #expect(!take(table, at: 5).isAdmitted) }
        #expect(take(table, at: 10).isAdmitted)
    }

    @Test("what remains and how long it takes is told")
    func told() {
        let table = RateTable()
        #expect(take(table, at: 0) == .init(isAdmitted: true, remaining: 5, wait: 10 * Self.second))
        for _ in 0..<4 { _ = take(table, at: 0) }
        #expect(take(table, at: 0) == .init(isAdmitted: true, remaining: 0, wait: 10 * Self.second))
        #expect(take(table, at: 4) == .init(isAdmitted: false, remaining: 0, wait: 6 * Self.second))
    }

    @Test("callers do not share a bucket")
    func apart() {
        let table = RateTable()
        for _ in 0..<6 { _ = take(table, 1, at: 0) }
        #expect(!take(table, 1, at: 0).isAdmitted)
        #expect(take(table, 2, at: 0).remaining == 5)
        // The same set of the table, another caller.
        #expect(take(table, 1 + 1 << 20, at: 0).remaining == 5)
        #expect(!take(table, 1, at: 0).isAdmitted)
    }

    @Test("every number is a key", arguments: [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
    func keys(_ key: UInt64) {
        let table = RateTable()
        #expect(take(table, key, of: 1, at: 0).isAdmitted)
        #expect(!take(table, key, of: 1, at: 0).isAdmitted)
    }

    @Test("the table has a bound: what would be full soonest gives way")
    func bound() {
        let table = RateTable()
        for _ in 0..<6 { _ = take(table, 1, at: 0) }
        // Seven more callers of the same set, then one too many.
        for other in 1...7 { _ = take(table, 1 + UInt64(other) << 20, at: 0) }
        #expect(table.evicted == 0)
        _ = take(table, 1 + 8 << 20, at: 0)
        #expect(table.evicted == 1)
        #expect(!take(table, 1, at: 0).isAdmitted, "the emptiest bucket stays")
        // Buckets that are full give way without anybody's loss.
        for other in 20..<40 { _ = take(table, 1 + UInt64(other) << 20, at: 100) }
        #expect(table.evicted > 1)
        let fresh = RateTable()
        for other in 0..<100 { _ = take(fresh, UInt64(other) << 20, at: Double(other) * 20) }
        #expect(fresh.evicted == 0)
    }

    @Test("loops that ask at once get no more than the bucket holds")
    func together() async {
        let table = RateTable()
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).count { _ in self.take(table, of: 1000, at: 0).isAdmitted } }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 1000)
    }

    @Test("policy and standing are written as structured fields")
    func fields() throws {
        let rates = try #require(
            RateRules(
                RateLimits(
                    perAddress: RateLimit(requests: 100, per: .minutes(1)),
                    perTenant: RateLimit(requests: 5, per: .hours(1))), route: "r"))
        var out = WireBuffer()
        rates.write(.init(kind: .tenant, remaining: 4, seconds: 720), into: &out)
        #expect(
            out.text == "RateLimit-Policy: \"address\";q=100;w=60, \"tenant\";q=5;w=3600\r\n"
                + "RateLimit: \"tenant\";r=4;t=720\r\n")
        #expect(RateRules(RateLimits(), route: "r") == nil)
    }

    @Test("routes and kinds have buckets of their own, the same on every loop")
    func seeds() throws {
        let limits = RateLimits(
            perAddress: RateLimit(requests: 1, per: .minutes(1)), perSession: RateLimit(requests: 1, per: .minutes(1)))
        let (one, same, other) = (
            try #require(RateRules(limits, route: "a")), try #require(RateRules(limits, route: "a")),
            try #require(RateRules(limits, route: "b"))
        )
        #expect(one.rules.map(\.seed) == same.rules.map(\.seed))
        #expect(Set(one.rules.map(\.seed) + other.rules.map(\.seed)).count == 4)
    }
}

@Suite("Requests under way")
struct InFlightGaugeTests {
    @Test("places are bounded and come back")
    func bounded() {
        let gauge = InFlightGauge()
        #expect(gauge.enter(most: 2, isSignedIn: true) && gauge.enter(most: 2, isSignedIn: true))
        #expect(!gauge.enter(most: 2, isSignedIn: true))
        #expect(gauge.current == 2)
        gauge.leave()
        #expect(gauge.enter(most: 2, isSignedIn: true))
    }

    @Test("an eighth of the places is for members; a single place is everybody's")
    func kept() {
        let gauge = InFlightGauge()
        for _ in 0..<7 { #expect(gauge.enter(most: 8, isSignedIn: false)) }
        #expect(!gauge.enter(most: 8, isSignedIn: false))
        #expect(gauge.enter(most: 8, isSignedIn: true))
        #expect(!gauge.enter(most: 8, isSignedIn: true))
        #expect(InFlightGauge().enter(most: 1, isSignedIn: false))
    }

    @Test("a route keeps its count across reloads, and is forgotten when it goes")
    func board() {
        let board = RouteBoard()
        #expect(board.gauge(of: "a").enter(most: 1, isSignedIn: true))
        board.keep(["a", "b"])
        #expect(board.gauge(of: "a").current == 1 && board.gauge(of: "b").current == 0)
        board.keep(["b"])
        #expect(board.gauge(of: "a").current == 0)
    }
}
