import Testing

@testable import Proxy

@Suite("A server that fails is left out for a while, and comes back slowly")
struct ServerRecordTests {
    private static let limit = ServerRecord.failuresBeforeEjection

    /// A server that was just ejected at `now`.
    private func ejected(at now: UInt64) -> ServerRecord {
        var record = ServerRecord()
        for _ in 0..<Self.limit { _ = record.failed(at: now, mayEject: true) }
        return record
    }

    @Test("several failures in a row eject it, fewer do not, and an answer between them starts anew")
    func threshold() {
        var record = ServerRecord()
        for _ in 1..<Self.limit { #expect(record.failed(at: 1000, mayEject: true) == nil) }
        #expect(record.standing.isSuspect)
        #expect(record.answered(at: 1000) == nil)
        #expect(!record.standing.isSuspect)
        for _ in 1..<Self.limit { #expect(record.failed(at: 1000, mayEject: true) == nil) }
        #expect(record.standing.share(at: 1000) == ServerStanding.wholeShare)
        #expect(record.failed(at: 1000, mayEject: true) == .ejected(ServerRecord.shortestEjection))
        #expect(record.standing.share(at: 1000) == 0)
    }

    @Test("the last server is never ejected")
    func last() {
        var record = ServerRecord()
        for _ in 0..<100 { #expect(record.failed(at: 1000, mayEject: false) == nil) }
        #expect(record.standing.share(at: 1000) == ServerStanding.wholeShare)
        #expect(record.failed(at: 1000, mayEject: true) == .ejected(ServerRecord.shortestEjection))
    }

    @Test("each ejection is twice as long, up to a bound; one failure on probation is enough")
    func growth() {
        var record = ejected(at: 1000)
        var lengths = [ServerRecord.shortestEjection]
        for _ in 0..<8 {
            let end = record.standing.outUntil
            guard case .ejected(let length) = record.failed(at: end, mayEject: true) else {
                Issue.record("one failure after an ejection was not enough")
                return
            }
            lengths.append(length)
            #expect(record.standing.outUntil == end + length)
        }
        #expect(lengths == [3000, 6000, 12_000, 24_000, 48_000, 60_000, 60_000, 60_000, 60_000])
    }

    @Test("what was under way when it was ejected changes nothing")
    func late() {
        var record = ejected(at: 1000)
        let before = record
        #expect(record.failed(at: 2000, mayEject: true) == nil)
        #expect(record.answered(at: 2000) == nil)
        #expect(record == before)
    }

    @Test("its first answer brings it back, with a share that grows to the whole")
    func slowReturn() {
        var record = ejected(at: 1000)
        let end = record.standing.outUntil
        #expect(record.standing.share(at: end - 1) == 0)
        #expect(record.standing.share(at: end) == ServerStanding.wholeShare / 10)
        #expect(record.answered(at: end + 50_000) == .returned)
        #expect(record.answered(at: end + 50_000) == nil)
        let shares = (0...10).map { record.standing.share(at: end + 50_000 + $0 * ServerStanding.slowStart / 10) }
        #expect(shares == shares.sorted())
        #expect(shares[5] == ServerStanding.wholeShare / 2)
        #expect(shares.last == ServerStanding.wholeShare)
        for _ in 1..<Self.limit { #expect(record.failed(at: end + 60_000, mayEject: true) == nil) }
    }

    @Test("after a long time without an ejection the next one is short again")
    func forgiven() {
        var record = ejected(at: 1000)
        _ = record.failed(at: record.standing.outUntil, mayEject: true)
        let end = record.standing.outUntil
        _ = record.answered(at: end)
        for attempt in 1...Self.limit {
            let change = record.failed(at: end + ServerRecord.forgivenAfter + 1, mayEject: true)
            #expect(change == (attempt == Self.limit ? .ejected(ServerRecord.shortestEjection) : nil))
        }
    }

    @Test("checks take it out and in by their own numbers in a row")
    func checks() {
        var record = ServerRecord()
        func checked(_ hasPassed: Bool) -> ServerRecord.Change? {
            record.checked(hasPassed, healthyAfter: 2, unhealthyAfter: 3, at: 1000)
        }
        #expect([false, false, true, false, false].map(checked) == [nil, nil, nil, nil, nil])
        #expect(checked(false) == .unhealthy)
        #expect(record.standing.share(at: 1000) == 0)
        #expect([true, false, true].map(checked) == [nil, nil, nil])
        #expect(checked(true) == .healthy)
        #expect(record.standing.share(at: 1000) == ServerStanding.wholeShare / 10)
        record.forgetChecks()
        #expect([false, false].map(checked) == [nil, nil])
    }

    @Test("passed checks end an ejection")
    func checkedIn() {
        var record = ejected(at: 1000)
        for _ in 0..<3 { _ = record.checked(false, healthyAfter: 1, unhealthyAfter: 3, at: 1100) }
        #expect(record.checked(true, healthyAfter: 1, unhealthyAfter: 3, at: 1200) == .healthy)
        #expect(record.standing.share(at: 1200) > 0)
    }
}
