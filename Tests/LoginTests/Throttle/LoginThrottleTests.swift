import Core
import Store
import Testing

@testable import Login

@Suite("Login throttle")
struct LoginThrottleTests {
    private func again(_ world: LoginWorld, bound: Int = 1000) -> LoginThrottle {
        let (clock, settings) = (world.clock, world.settings)
        return LoginThrottle(
            store: world.store.throttles, settings: { settings.value.throttle }, now: { clock.wall() }, bound: bound)
    }

    private func attempt(_ address: String, _ email: String = LoginWorld.email) throws -> ThrottleAttempt {
        ThrottleAttempt(
            address: try clientAddress(address), tenant: try tenantID("acme"), email: NormalizedEmail(email))
    }

    @Test("counters survive a restart, and what was given back meanwhile counts")
    func restart() async throws {
        let world = try await LoginWorld()
        for _ in 0..<10 { _ = world.throttle.reserve(try attempt("203.0.113.7")) }
        for _ in 0..<3 { _ = world.throttle.reserve(try attempt("2001:db8:1:2::7")) }
        try await world.throttle.flush()
        let throttle = again(world)
        try await throttle.load()
        #expect(throttle.list() == world.throttle.list())
        guard case .refused = throttle.reserve(try attempt("203.0.113.7")) else { throw Missing() }
        world.clock.advance(.seconds(90))
        let later = again(world)
        try await later.load()
        guard case .reserved = later.reserve(try attempt("203.0.113.7")) else { throw Missing() }
    }

    @Test("a counter that was saved ahead of the clock is not locked until then")
    func savedAhead() async throws {
        let world = try await LoginWorld()
        for _ in 0..<10 { _ = world.throttle.reserve(try attempt("203.0.113.7")) }
        try await world.throttle.flush()
        world.clock.goBack(.hours(1000))
        let throttle = again(world)
        try await throttle.load()
        #expect(throttle.reserve(try attempt("203.0.113.7")) == .refused(retryAfter: .seconds(90)))
    }

    @Test("a full bucket's row is deleted, and one that success emptied too")
    func deletesFull() async throws {
        let world = try await LoginWorld()
        guard case .reserved(let reservation) = world.throttle.reserve(try attempt("203.0.113.7")) else {
            throw Missing()
        }
        try await world.throttle.flush()
        #expect(try await world.store.throttles.list().count == 2)
        world.throttle.refund(reservation)
        try await world.throttle.flush()
        #expect(try await world.store.throttles.list().isEmpty)
        _ = world.throttle.reserve(try attempt("203.0.113.7"))
        try await world.throttle.flush()
        world.clock.advance(.hours(24))
        try await world.throttle.flush()
        #expect(try await world.store.throttles.list().isEmpty && world.throttle.metrics.counters == 0)
    }

    @Test("what a flush cannot write is written by the next one")
    func failedFlush() async throws {
        var table = ThrottleTable(settings: .init(), bound: 100)
        let now = WallTime(milliseconds: 0)
        _ = table.reserve(try attempt("203.0.113.7"), at: now)
        let batch = table.takeBatch(limit: 1000, at: now)
        #expect(batch.counters.count == 2 && table.takeBatch(limit: 1000, at: now).isEmpty)
        table.putBack(batch)
        #expect(Set(table.takeBatch(limit: 1000, at: now).counters) == Set(batch.counters))
    }

    @Test("more rows than the bound are read no further than it")
    func loadBound() async throws {
        let world = try await LoginWorld()
        for index in 0..<60 { _ = world.throttle.reserve(try attempt("203.0.113.\(index)")) }
        try await world.throttle.flush()
        let throttle = again(world, bound: 40)
        try await throttle.load()
        #expect(throttle.metrics.counters <= 40)
    }

    @Test("clearing an address lets it in again, accounts and network included, and others stay")
    func clear() async throws {
        let world = try await LoginWorld()
        let addresses = ["203.0.113.7", "2001:db8:1:2::7"]
        for address in addresses + ["198.51.100.1"] {
            for _ in 0..<10 { _ = world.throttle.reserve(try attempt(address)) }
        }
        try await world.throttle.flush()
        #expect(try await world.throttle.clear(address: try clientAddress("203.0.113.7")) == 2)
        #expect(try await world.throttle.clear(address: try clientAddress("2001:db8:1:2::99")) == 3)
        for address in addresses {
            guard case .reserved = world.throttle.reserve(try attempt(address)) else { throw Missing() }
        }
        guard case .refused = world.throttle.reserve(try attempt("198.51.100.1")) else { throw Missing() }
        #expect(try await world.store.throttles.list().count == 2)
        #expect(try await world.throttle.clear(address: try clientAddress("192.0.2.1")) == 0)
    }

    @Test("clearing all leaves nothing in memory and in the store")
    func clearAll() async throws {
        let world = try await LoginWorld()
        for index in 0..<5 { _ = world.throttle.reserve(try attempt("203.0.113.\(index)")) }
        try await world.throttle.flush()
        #expect(try await world.throttle.clearAll() == 10)
        #expect(world.throttle.list().isEmpty)
        #expect(try await world.store.throttles.list().isEmpty)
    }

    @Test("the list is readable: what is counted, how many failures are left, and when the bucket is full")
    func list() async throws {
        let world = try await LoginWorld()
        for _ in 0..<2 { _ = world.throttle.reserve(try attempt("2001:db8:1:2::7")) }
        let readings = world.throttle.list()
        #expect(readings.map(\.kind) == ["account", "address", "network"])
        #expect(
            readings.map(\.subject) == [
                "acme erika.muster@acme.example 2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1::/48",
            ])
        #expect(readings.map(\.failuresLeft) == [8, 98, 998] && readings.map(\.capacity) == [10, 100, 1000])
        #expect(readings[0].fullAt.milliseconds == world.clock.wall().milliseconds + 180_000)
        #expect(world.throttle.list(limit: 1).count == 1)
    }
}
