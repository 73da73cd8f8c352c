import Core
import Store
import Testing

@testable import Login

@Suite("Throttle table")
struct ThrottleTableTests {
    private func time(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + milliseconds) }

    private func attempt(
        _ address: String, _ email: String = "erika@acme.example", tenant: String? = "acme"
    ) throws -> ThrottleAttempt {
        ThrottleAttempt(
            address: try clientAddress(address), tenant: try tenant.map { try tenantID($0) },
            email: NormalizedEmail(email))
    }

    /// So many failures, each against another account.
    private func fail(
        _ table: inout ThrottleTable, _ address: String, _ count: Int, at now: WallTime
    ) throws -> Int {
        var allowed = 0
        for index in 0..<count {
            if case .reserved = table.reserve(try attempt(address, "a\(index)@acme.example"), at: now) { allowed += 1 }
        }
        return allowed
    }

    private func left(_ table: ThrottleTable, _ kind: String, at now: WallTime) -> [Int] {
        table.readings(at: now).filter { $0.kind == kind }.map(\.failuresLeft).sorted()
    }

    @Test("an address has a hundred failures a day, whatever the accounts; one is back after 14.4 minutes")
    func perAddress() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        #expect(try fail(&table, "203.0.113.7", 101, at: time(0)) == 100)
        let next = try attempt("203.0.113.7", "b@acme.example")
        #expect(table.reserve(next, at: time(0)) == .refused(retryAfter: Milliseconds(864_000)))
        #expect(table.reserve(next, at: time(863_999)) == .refused(retryAfter: Milliseconds(1)))
        #expect(table.reserve(next, at: time(864_000)) != .refused(retryAfter: Milliseconds(0)))
        #expect(try fail(&table, "203.0.113.8", 1, at: time(0)) == 1)
        #expect(table.refusals == 3)
    }

    @Test("asking often does not hinder a bucket from filling")
    func fractions() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        #expect(try fail(&table, "203.0.113.7", 100, at: time(0)) == 100)
        let next = try attempt("203.0.113.7", "b@acme.example")
        for moment in stride(from: Int64(100), to: 864_000, by: 100) {
            guard case .refused = table.reserve(next, at: time(moment)) else { throw Missing() }
        }
        guard case .reserved = table.reserve(next, at: time(864_000)) else { throw Missing() }
    }

    @Test("IPv6 is one address by its prefix")
    func prefix() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        #expect(try fail(&table, "2001:db8:1:2::1", 60, at: time(0)) == 60)
        #expect(try fail(&table, "2001:db8:1:2:ffff::9", 60, at: time(0)) == 40)
        #expect(try fail(&table, "2001:db8:1:3::1", 1, at: time(0)) == 1)
        var wide = ThrottleTable(settings: .init(ipv6Prefix: 56), bound: 1000)
        #expect(try fail(&wide, "2001:db8:1:2::1", 60, at: time(0)) == 60)
        #expect(try fail(&wide, "2001:db8:1:3::1", 60, at: time(0)) == 40)
    }

    @Test("an IPv6 /48 has ten times what an address has; an IPv4 /24 limits nobody")
    func network() throws {
        var table = ThrottleTable(settings: .init(), bound: 10_000)
        var (six, four) = (0, 0)
        for index in 0..<12 {
            six += try fail(&table, "2001:db8:1:\(index)::1", 100, at: time(0))
            four += try fail(&table, "203.0.113.\(index)", 100, at: time(0))
        }
        #expect(six == 1000 && four == 1200)
        #expect(try fail(&table, "2001:db8:2::1", 1, at: time(0)) == 1)
    }

    @Test("networks that are allowed skip the buckets per address, not those of accounts")
    func allow() throws {
        let office = try #require(AddressRange("203.0.113.0/24"))
        var table = ThrottleTable(settings: .init(allow: [office]), bound: 1000)
        #expect(try fail(&table, "203.0.113.7", 150, at: time(0)) == 150)
        for _ in 0..<9 { _ = table.reserve(try attempt("203.0.113.7", "a0@acme.example"), at: time(0)) }
        guard case .refused = table.reserve(try attempt("203.0.113.7", "a0@acme.example"), at: time(0)) else {
            throw Missing()
        }
        #expect(try fail(&table, "198.51.100.1", 150, at: time(0)) == 100)
    }

    @Test("a refused try takes nothing from any bucket")
    func allOrNothing() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        for _ in 0..<20 { _ = table.reserve(try attempt("203.0.113.7"), at: time(0)) }
        #expect(left(table, "address", at: time(0)) == [90])
        #expect(left(table, "account", at: time(0)) == [0])
    }

    @Test("a refund puts back what the try took, no more, and leaves nothing of a full bucket")
    func refund() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        guard case .reserved(let first) = table.reserve(try attempt("203.0.113.7"), at: time(0)) else {
            throw Missing()
        }
        table.refund(first, at: time(0))
        #expect(table.count == 0)
        table.refund(first, at: time(0))
        #expect(table.count == 0)
        _ = table.reserve(try attempt("203.0.113.7"), at: time(0))
        guard case .reserved(let second) = table.reserve(try attempt("203.0.113.7"), at: time(0)) else {
            throw Missing()
        }
        table.refund(second, at: time(0))
        #expect(left(table, "account", at: time(0)) == [9])
    }

    @Test("a clock that goes back fills nothing, and locks nobody out for longer than before")
    func backwards() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        #expect(try fail(&table, "203.0.113.7", 100, at: time(0)) == 100)
        let day: Int64 = 86_400_000
        let next = try attempt("203.0.113.7", "b@acme.example")
        #expect(table.reserve(next, at: time(-400 * day)) == .refused(retryAfter: Milliseconds(864_000)))
        #expect(table.reserve(next, at: time(-400 * day + 863_999)) == .refused(retryAfter: Milliseconds(1)))
        guard case .reserved = table.reserve(next, at: time(-400 * day + 864_000)) else { throw Missing() }
    }

    @Test("a smaller allowance applies at once, and so does a larger one")
    func reload() throws {
        var table = ThrottleTable(settings: .init(), bound: 1000)
        #expect(try fail(&table, "203.0.113.7", 60, at: time(0)) == 60)
        table.apply(.init(perAddress: .init(failures: 50, per: .hours(24))), at: time(0))
        #expect(try fail(&table, "203.0.113.7", 1, at: time(0)) == 0)
        table.apply(.init(perAddress: .init(failures: 200, per: .hours(24))), at: time(0))
        #expect(left(table, "address", at: time(0)) == [150])
    }

    @Test("a full bucket is forgotten before one that is not, however recently it was used")
    func forgetsFull() throws {
        // 12 counters and 4 roll-ups.
        var table = ThrottleTable(settings: .init(), bound: 16)
        _ = table.reserve(try attempt("198.51.100.1"), at: time(0))
        #expect(try fail(&table, "203.0.113.7", 9, at: time(1000)) == 9)
        // After 90 seconds the accounts' failures are given back, the addresses' are not.
        let later = time(100_000)
        #expect(try fail(&table, "192.0.2.1", 3, at: later) == 3)
        #expect(table.count <= 16 && table.evictions == 0)
        #expect(left(table, "address", at: later) == [91, 97, 99])
    }

    @Test("evicting an IPv4 counter charges its /24, and an address that comes there next takes that over")
    func evictionIPv4() throws {
        var table = ThrottleTable(settings: .init(), bound: 16)
        for _ in 0..<10 { _ = table.reserve(try attempt("203.0.113.7"), at: time(0)) }
        // Twelve others use the room up.
        for index in 0..<6 { #expect(try fail(&table, "198.51.100.\(index)", 1, at: time(0)) == 1) }
        #expect(table.evictions == 2)
        // Ten failures of the account and ten of the address.
        #expect(left(table, "network", at: time(0)) == [980])
        _ = table.reserve(try attempt("203.0.113.200"), at: time(0))
        let reading = table.readings(at: time(0)).first { $0.kind == "address" && $0.subject == "203.0.113.200" }
        #expect(reading?.failuresLeft == 79)
    }

    @Test("what an address took over is not charged to its network again")
    func inherited() throws {
        var table = ThrottleTable(settings: .init(), bound: 16)
        for _ in 0..<10 { _ = table.reserve(try attempt("203.0.113.7"), at: time(0)) }
        for round in 0..<5 {
            for index in 0..<6 { _ = try fail(&table, "198.51.\(round).\(index)", 1, at: time(0)) }
            _ = table.reserve(try attempt("203.0.113.\(100 + round)"), at: time(0))
        }
        for index in 0..<6 { _ = try fail(&table, "192.0.2.\(index)", 1, at: time(0)) }
        let network = table.networks[.network(of: try clientAddress("203.0.113.7"))]
        // Ten and ten, and one and one for each round.
        #expect(network.map { $0.debt } == 30_000)
    }

    @Test("evicting an IPv6 counter charges its /48")
    func evictionIPv6() throws {
        var table = ThrottleTable(settings: .init(), bound: 16)
        for _ in 0..<10 { _ = table.reserve(try attempt("2001:db8:1:2::7"), at: time(0)) }
        #expect(left(table, "network", at: time(0)) == [990])
        for index in 0..<6 { #expect(try fail(&table, "198.51.100.\(index)", 1, at: time(0)) == 1) }
        #expect(left(table, "network", at: time(0)) == [970])
    }

    @Test("10,000 failures from 1,000 addresses leave no more counters than the bound, roll-ups included")
    func flood() throws {
        var table = ThrottleTable(settings: .init(), bound: 500)
        for index in 0..<10_000 {
            let address = "203.\(index % 1000 / 250).113.\(index % 250)"
            _ = table.reserve(try attempt(address, "a\(index % 77)@acme.example"), at: time(Int64(index)))
            #expect(table.count <= 500)
        }
        #expect(table.evictions > 0 && table.forgotten.count <= 500 && table.changed.count <= 500)
        var roomy = ThrottleTable(settings: .init(), bound: LoginThrottle.standardBound)
        for index in 0..<10_000 {
            let address = "203.\(index % 1000 / 250).113.\(index % 250)"
            _ = roomy.reserve(try attempt(address, "a\(index / 1000)@acme.example"), at: time(0))
        }
        #expect(roomy.count == 11_000 && roomy.evictions == 0)
        roomy.sweep(at: time(86_400_000))
        #expect(roomy.count == 0)
    }

    @Test("a refused address stays, though others fill the table")
    func usedRecently() throws {
        var table = ThrottleTable(settings: .init(), bound: 16)
        let drained = try attempt("203.0.113.7")
        for _ in 0..<10 { _ = table.reserve(drained, at: time(0)) }
        for index in 0..<50 {
            _ = try fail(&table, "198.51.100.\(index)", 1, at: time(0))
            guard case .refused = table.reserve(drained, at: time(0)) else { throw Missing() }
        }
    }
}
