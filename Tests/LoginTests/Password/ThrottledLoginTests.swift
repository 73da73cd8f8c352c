import Core
import Store
import Testing

@testable import Login

@Suite("Throttled login")
struct ThrottledLoginTests {
    @Test("the eleventh failure of an address against an account is refused before a hash, with the time to wait")
    func eleventh() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        for _ in 0..<10 { #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused) }
        let hashes = world.hashesDone()
        // 10 failures in 15 minutes: one is back after 90 seconds.
        #expect(try await world.signIn() == .throttled(retryAfter: .seconds(90)))
        #expect(world.hashesDone() == hashes)
        #expect(world.holds.value.last == AnswerPacing.standardStep)
        world.clock.advance(.seconds(90))
        #expect(try await world.signIn().session != nil)
    }

    @Test("nobody is locked out by another's failures")
    func otherAddress() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        for _ in 0..<11 { _ = try await world.signIn(LoginWorld.email, "wrong") }
        #expect(try await world.signIn(from: "198.51.100.1").session != nil)
    }

    @Test("an account that is not there is throttled like one that is")
    func unknownAccount() async throws {
        let world = try await LoginWorld()
        try await world.makeTenant()
        for _ in 0..<10 { #expect(try await world.signIn("nobody@acme.example") == .refused) }
        #expect(try await world.signIn("nobody@acme.example").isThrottled)
        for _ in 0..<10 { #expect(try await world.signIn("no address") == .refused) }
        #expect(try await world.signIn("another one that is none").isThrottled)
    }

    @Test("a success costs nothing and gives nothing back")
    func success() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        for _ in 0..<9 { #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused) }
        for _ in 0..<3 { #expect(try await world.signIn().session != nil) }
        #expect(world.throttle.list().map(\.failuresLeft) == [1, 91])
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
        #expect(try await world.signIn().isThrottled)
    }

    @Test("the right password of a disabled user costs a try")
    func disabled() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant(), state: .disabled)
        for _ in 0..<10 { #expect(try await world.signIn() == .refused) }
        #expect(try await world.signIn().isThrottled)
    }

    @Test("guesses at once cannot overrun the bucket")
    func parallel() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        let outcomes = try await withThrowingTaskGroup(of: PasswordLoginOutcome.self) { group in
            for index in 0..<40 {
                group.addTask { try await world.signIn(LoginWorld.email, "guess \(index)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let refused = outcomes.filter { $0 == .refused }.count
        #expect((1...10).contains(refused))
        #expect(world.hashesDone() == UInt64(refused))
        // Whoever found the hash queue full was given back the try.
        let left = world.throttle.list().first { $0.kind == "account" }?.failuresLeft
        #expect(left == 10 - refused)
    }

    @Test("a device that the account knows gets in while its address is drained, an unknown one does not")
    func knownDevice() async throws {
        let world = try await LoginWorld()
        world.settings.change { $0.throttle.perAddress.failures = 5 }
        try await world.makeUser(world.makeTenant())
        let device = try await world.knownDevice(from: "198.51.100.1")
        for index in 0..<5 { _ = try await world.signIn("nobody\(index)@acme.example") }
        #expect(try await world.signIn().isThrottled)
        #expect(try await world.signIn(device: SessionTokens.makeDevice(forms: world.store.forms)).isThrottled)
        #expect(try await world.signIn(device: "no token").isThrottled)
        let signedIn = try #require(try await world.signIn(device: device).session)
        #expect(signedIn.deviceToken == device)
    }

    @Test("a known device has an allowance of its own, and only that")
    func deviceAllowance() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        let device = try await world.knownDevice(from: "198.51.100.1")
        for _ in 0..<10 { #expect(try await world.signIn(LoginWorld.email, "wrong", device: device) == .refused) }
        #expect(world.throttle.list().map(\.kind) == ["device"])
        #expect(try await world.signIn(device: device) == .throttled(retryAfter: .seconds(90)))
        #expect(try await world.signIn().session != nil)
    }

    @Test("a visitor who is throttled does not reach the store by a device cookie that is made up")
    func madeUpDevice() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        let device = try await world.knownDevice(from: "198.51.100.1")
        for _ in 0..<10 { _ = try await world.signIn(LoginWorld.email, "wrong") }
        try await world.store.close()
        let secret = String(repeating: "A", count: 43)
        let foreign = device.prefix(44) + secret
        for madeUp in [secret, "\(secret).\(secret)", "\(foreign)", "\(device.prefix(43))", "\(device)A"] {
            #expect(try await world.signIn(device: madeUp).isThrottled)
        }
        // One that was made here is looked up.
        #expect(try await world.signIn(device: device) == .unavailable)
    }

    @Test("a try that finds no place for its hash costs nothing, from a stranger, a known device or one who leaves")
    func busy() async throws {
        let world = try await LoginWorld(hashThreads: 0)
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let device = try await world.plantDevice(of: user, in: acme)
        // 1. Nothing is hashed: eight strangers and eight known devices of the network wait, who hold their tokens.
        let strangers = (0..<8).map { _ in Task { try await world.signIn() } }
        let known = (0..<8).map { _ in Task { try await world.signIn(device: device) } }
        while world.hashes.metrics.waiting < 16 { await Task.yield() }
        let held = world.throttle.list()
        #expect(held.map(\.failuresLeft) == [2, 2, 92])
        // 2. More of them find no place.
        for wanted in [nil, device] {
            guard case .busy = try await world.signIn(device: wanted) else { throw Missing() }
            #expect(world.throttle.list() == held)
        }
        // 3. Those who wait leave, or wait too long.
        for task in strangers + known.prefix(4) { task.cancel() }
        world.clock.advance(Milliseconds(10_001))
        let next = Task { try await world.signIn("nobody@acme.example", from: "198.51.100.1") }
        for task in strangers + known { guard case .busy = try await task.value else { throw Missing() } }
        next.cancel()
        guard case .busy = try await next.value else { throw Missing() }
        #expect(world.throttle.list().isEmpty)
        #expect(world.hashesDone() == 0)
    }

    @Test("a device that another user knows is a stranger, and gets a token of its own")
    func foreignDevice() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        try await world.makeUser(acme)
        try await world.makeUser(acme, email: "max@acme.example")
        let device = try await world.knownDevice(from: "198.51.100.1")
        for _ in 0..<10 { _ = try await world.signIn("max@acme.example", "wrong", device: device) }
        #expect(world.throttle.list().map(\.kind).sorted() == ["account", "address"])
        #expect(try await world.signIn("max@acme.example", device: device).isThrottled)
        world.clock.advance(.seconds(90))
        let signedIn = try #require(try await world.signIn("max@acme.example", device: device).session)
        #expect(signedIn.deviceToken != device)
    }

    @Test("a device that is known in one tenant gives no guesses against the same address in another")
    func deviceOfAnotherTenant() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant("evil"), password: "mine alone")
        try await world.makeUser(world.makeTenant("victim"))
        for _ in 0..<11 { _ = try await world.signIn(LoginWorld.email, "wrong", tenant: nil) }
        let own = try await world.signIn(LoginWorld.email, "mine alone", tenant: "evil", from: "198.51.100.1")
        let device = try #require(own.session).deviceToken
        // The right password of the victim is not even tried.
        #expect(try await world.signIn(tenant: nil, device: device) == .refused)
        #expect(try await world.signIn(LoginWorld.email, "mine alone", tenant: nil, device: device).session != nil)
    }

    @Test("one's own account in another tenant gives no free guesses against the same address")
    func ownAccount() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant("evil"), password: "a guess")
        try await world.makeUser(world.makeTenant("victim"))
        for _ in 0..<10 { #expect(try await world.signIn(LoginWorld.email, "a guess", tenant: nil).session != nil) }
        #expect(try await world.signIn(LoginWorld.email, "a guess", tenant: nil).isThrottled)
    }
}
