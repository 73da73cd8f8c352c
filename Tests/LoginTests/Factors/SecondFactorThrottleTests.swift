import Core
import Store
import TestAuthenticator
import Testing

@testable import Login

@Suite("Guesses at a second factor")
struct SecondFactorThrottleTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)

    /// Guesses until the bucket is empty.
    private func drain(_ stage: FactorWorld) async throws -> ProvedMember {
        let member = try await stage.secondStep().member
        for _ in 0..<5 {
            #expect(try await stage.prove(.totp(stage.wrongCode()), of: member).fault == .wrong)
        }
        return member
    }

    @Test("after five wrong ones in a quarter of an hour none is looked at, right or wrong, of whatever kind")
    func bucket() async throws {
        let stage = try await FactorWorld()
        let code = RecoveryCode.make()
        try await stage.addApp(codes: [code])
        let key = try await stage.addPasskey()
        let member = try await drain(stage)
        let entries = try await stage.audit().count
        let held = stage.world.holds.value.count
        for proof in [FactorProof.totp(stage.code()), .recoveryCode(code), key.proof(Self.challenge)] {
            #expect(try await stage.prove(proof, of: member) == .ended(.throttled(retryAfter: .minutes(3))))
        }
        #expect(stage.world.holds.value.count == held + 3)
        // Nothing of it was used, and nobody fills the log.
        #expect(try await stage.tenant.factors.all(of: stage.user.id).recoveryCodesLeft == 1)
        #expect(try await stage.audit().count == entries)
        #expect(stage.factors.metrics.throttled == [.totp: 1, .recoveryCode: 1, .passkey: 1])
        stage.world.clock.advance(.minutes(3))
        #expect(try await stage.prove(.totp(stage.code()), of: member).session != nil)
    }

    @Test("addresses and devices do not matter: neither another one nor a known one has guesses of its own")
    func anywhere() async throws {
        let stage = try await FactorWorld()
        let device = try await stage.world.plantDevice(of: stage.user, in: stage.tenant)
        try await stage.addApp()
        let member = try await stage.secondStep().member
        for number in 0..<5 {
            let outcome = try await stage.prove(
                .totp(stage.wrongCode()), of: member, from: "198.51.100.\(number)", device: number == 0 ? device : nil)
            #expect(outcome.fault == .wrong)
        }
        #expect(try await stage.prove(.totp(stage.code()), of: member, from: "2001:db8::1", device: device).isThrottled)
    }

    @Test("a success puts back its own guess and no other; signing in again and again costs nothing")
    func success() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let member = try await stage.secondStep().member
        for _ in 0..<4 { _ = try await stage.prove(.totp(stage.wrongCode()), of: member) }
        for _ in 0..<3 {
            stage.world.clock.advance(.seconds(30))
            #expect(try await stage.signedIn().handle.description.isEmpty == false)
        }
        // Four failures, of which half a one came back in ninety seconds.
        #expect(stage.guessesLeft() == 1)
    }

    @Test("the passwords' buckets are apart: neither empties the other's")
    func apart() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        _ = try await drain(stage)
        #expect(stage.world.throttle.list().map(\.kind).sorted() == ["second-factor", "second-factor-mail"])
        _ = try await stage.secondStep()
        for _ in 0..<10 { _ = try await stage.world.signIn(LoginWorld.email, "wrong") }
        #expect(stage.guessesLeft() == 0)
    }

    @Test("another member's guesses are not mine, and guesses are possible only after the first factor")
    func others() async throws {
        let stage = try await FactorWorld()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        try await stage.addApp()
        try await stage.addApp(Array("app of max, 20 bytes".utf8), to: other)
        _ = try await drain(stage)
        #expect(stage.guessesLeft(of: other) == nil)
        guard case .secondFactor(let step) = try await stage.world.signIn("max@acme.example") else { throw Missing() }
        #expect(try await stage.prove(.totp(stage.wrongCode()), of: step.member).fault == .wrong)
        let stale = ProvedMember(
            tenant: step.member.tenant, user: other.id, epoch: 99, at: stage.world.clock.wall())
        #expect(try await stage.prove(.totp(stage.wrongCode()), of: stale) == .ended(.refused))
        #expect(stage.guessesLeft(of: other) == 4)
    }

    @Test("guesses at once cannot overrun the bucket")
    func parallel() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let member = try await stage.secondStep().member
        let wrong = stage.wrongCode()
        let tried = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<30 {
                group.addTask { try await stage.prove(.totp(wrong), of: member).fault == .wrong }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(tried == 5)
        #expect(try await stage.audit().filter { $0.hasPrefix("login.factor-failed") }.count == 5)
    }

    @Test("whoever is guessed at until nothing is left is told so by mail, once an hour at most")
    func mail() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let member = try await stage.secondStep().member
        for _ in 0..<4 { _ = try await stage.prove(.totp(stage.wrongCode()), of: member) }
        #expect(try await stage.mails().isEmpty)
        _ = try await stage.prove(.totp(stage.wrongCode()), of: member)
        let letters = try await stage.world.letters(stage.tenant)
        #expect(letters.map(\.kind) == ["factor-guessed"])
        #expect(letters.first?.recipient == LoginWorld.email)
        #expect(letters.first?.fields["address"] == FactorWorld.address)
        for minutes in stride(from: UInt64(3), through: 60, by: 3) {
            stage.world.clock.advance(.minutes(3))
            let member = try await stage.secondStep().member
            _ = try await stage.prove(.totp(stage.wrongCode()), of: member)
            #expect(try await stage.mails() == (minutes < 60 ? [] : ["factor-guessed"]), "\(minutes)")
        }
    }

    @Test("without mail nobody is told, and the guesses are bounded all the same")
    func withoutMail() async throws {
        let stage = try await FactorWorld(hasMail: false)
        try await stage.addApp()
        let member = try await drain(stage)
        #expect(try await stage.prove(.totp(stage.code()), of: member).isThrottled)
        #expect(try await stage.mails().isEmpty)
    }

    @Test("the counters survive a restart, and an operator clears them")
    func restart() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let member = try await drain(stage)
        try await stage.world.throttle.flush()
        let (world, settings, clock) = (stage.world, stage.world.settings, stage.world.clock)
        let again = LoginThrottle(
            store: world.store.throttles, settings: { settings.value.throttle }, now: { clock.wall() })
        try await again.load()
        #expect(again.list() == world.throttle.list())
        let guess = ThrottleMember(tenant: member.tenant, user: member.user)
        guard case .refused = again.reserve(factorOf: guess, from: try clientAddress("192.0.2.9")) else {
            throw Missing()
        }
        #expect(try await world.throttle.clear(address: clientAddress(FactorWorld.address)) == 1)
        #expect(try await stage.prove(.totp(stage.code()), of: member).session != nil)
        #expect(try await again.clearAll() == 2)
        guard case .reserved = again.reserve(factorOf: guess, from: try clientAddress("192.0.2.9")) else {
            throw Missing()
        }
    }

    @Test("mode monitor does not ease them: six digits could be tried without end")
    func monitor() async throws {
        let stage = try await FactorWorld()
        stage.world.settings.change { $0.throttle.mode = .monitor }
        try await stage.addApp()
        let member = try await drain(stage)
        #expect(try await stage.prove(.totp(stage.wrongCode()), of: member).isThrottled)
        #expect(try await stage.prove(.totp(stage.code()), of: member).isThrottled)
        #expect(stage.world.throttle.metrics.monitored == 0)
        #expect(try await stage.mails() == ["factor-guessed"])
    }

    @Test("failures with passwords make no room by which guesses are forgotten")
    func eviction() throws {
        let now = WallTime(milliseconds: 1_700_000_000_000)
        var table = ThrottleTable(settings: ThrottleSettings(), bound: 64)
        let member = ThrottleMember(tenant: try tenantID("acme"), user: .random())
        for _ in 0..<5 {
            guard case .reserved = table.reserve(factorOf: member, from: try clientAddress("192.0.2.1"), at: now) else {
                throw Missing()
            }
        }
        for number in 0..<400 {
            let address = try clientAddress("10.0.\(number / 250).\(number % 250)")
            let attempt = ThrottleAttempt(
                address: address, tenant: try tenantID("acme"), email: NormalizedEmail("a\(number)@acme.example"))
            _ = table.reserve(attempt, at: now)
        }
        #expect(table.evictions > 200)
        let isDrained = table.isDrained(member, at: now)
        #expect(isDrained)
        guard case .refused = table.reserve(factorOf: member, from: try clientAddress("192.0.2.1"), at: now) else {
            throw Missing()
        }
    }

    @Test("a table full of second factors has room for one more all the same")
    func fullOfFactors() throws {
        let now = WallTime(milliseconds: 1_700_000_000_000)
        var table = ThrottleTable(settings: ThrottleSettings(), bound: 64)
        for _ in 0..<200 {
            let member = ThrottleMember(tenant: try tenantID("acme"), user: .random())
            guard case .reserved = table.reserve(factorOf: member, from: try clientAddress("192.0.2.1"), at: now) else {
                throw Missing()
            }
        }
        #expect(table.count <= 64)
    }
}
