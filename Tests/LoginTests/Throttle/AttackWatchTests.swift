import Core
import Store
import Testing

@testable import Login

@Suite("What administrators hear of attacks")
struct AttackWatchTests {
    private let acme: TenantID
    private let other: TenantID
    private let erika = UserID(high: 1, low: 1)
    private let max = UserID(high: 2, low: 2)

    init() throws { (acme, other) = (try tenantID("acme"), try tenantID("other")) }

    private func time(_ seconds: Int64) -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + seconds * 1000) }

    @Test("an address that is shut out is told to the tenants whose accounts it failed at, and to no other")
    func address() {
        var watch = AttackWatch()
        for second in 0..<10 as Range<Int64> {
            watch.failed(.init(tenant: acme, user: second < 7 ? erika : max), from: "203.0.113.7", at: time(second))
        }
        watch.failed(.init(tenant: other, user: erika), from: "198.51.100.1", at: time(9))
        #expect(watch.due(at: time(100)).isEmpty)
        watch.drained("203.0.113.7", at: time(100))
        #expect(watch.due(at: time(104)).isEmpty)
        #expect(
            watch.due(at: time(105)) == [
                acme: .init(subject: .address("203.0.113.7"), failures: 10, names: 2, since: time(0), others: 0)
            ])
    }

    @Test("what happens at once makes one mail, and an account says more than an address")
    func gathered() {
        var watch = AttackWatch()
        for number in 0..<50 {
            watch.failed(.init(tenant: acme, user: erika), from: "127.0.0.\(number)", at: time(0))
            watch.drained("127.0.0.\(number)", at: time(0))
        }
        watch.slowed(.init(tenant: acme, user: erika), at: time(1))
        #expect(
            watch.due(at: time(5)) == [
                acme: .init(subject: .account(erika), failures: 50, names: 50, since: time(0), others: 50)
            ])
        #expect(watch.due(at: time(6)).isEmpty)
    }

    @Test("there is one mail an hour, whatever goes on; the rest waits for the next")
    func hourly() {
        var watch = AttackWatch()
        watch.failed(.init(tenant: acme, user: erika), from: "203.0.113.7", at: time(0))
        watch.slowed(.init(tenant: acme, user: erika), at: time(0))
        #expect(watch.due(at: time(5)).count == 1)
        // The same attack goes on: nothing new.
        watch.slowed(.init(tenant: acme, user: erika), at: time(60))
        watch.drained("203.0.113.7", at: time(60))
        #expect(watch.due(at: time(3600 + 10)).isEmpty)
        // Another one within the hour of a mail.
        watch.slowed(.init(tenant: acme, user: erika), at: time(3620))
        #expect(watch.due(at: time(3625)).count == 1)
        watch.failed(.init(tenant: acme, user: max), from: "198.51.100.1", at: time(3700))
        watch.drained("198.51.100.1", at: time(3700))
        #expect(watch.due(at: time(3625 + 3599)).isEmpty)
        #expect(
            watch.due(at: time(3625 + 3600)) == [
                acme: .init(subject: .address("198.51.100.1"), failures: 1, names: 1, since: time(3700), others: 0)
            ])
    }

    @Test("an earlier run's mail counts")
    func told() {
        var watch = AttackWatch()
        watch.failed(.init(tenant: acme, user: erika), from: "203.0.113.7", at: time(0))
        watch.drained("203.0.113.7", at: time(0))
        #expect(watch.due(at: time(5)).count == 1)
        watch.wasTold(acme, at: time(-1800))
        #expect(watch.due(at: time(1799)).isEmpty)
        #expect(watch.due(at: time(1800)).count == 1)
    }

    @Test("ten thousand addresses leave no more than the bound behind, the latest among them")
    func bounded() {
        var watch = AttackWatch()
        for number in 0..<10_000 as Range<Int64> {
            watch.failed(
                .init(tenant: acme, user: UserID(high: 3, low: UInt64(number))), from: "a\(number)", at: time(number))
        }
        #expect(watch.counted <= AttackWatch.bound)
        watch.drained("a0", at: time(10_000))
        watch.drained("a9999", at: time(10_000))
        #expect(watch.due(at: time(10_005))[acme]?.subject == .address("a9999"))
    }
}
