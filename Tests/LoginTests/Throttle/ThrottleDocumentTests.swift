import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Login

/// The table of Throttling.md is what these attempts give; what Auth0 documents is quoted beside.
@Suite("Attempt by attempt, the throttle does what its page says")
struct ThrottleDocumentTests {
    private static let page = "../Sources/Gateway/Documentation.docc/Throttling.md"

    @Test("each row of the page is what happens, and the page has no other")
    func rows() async throws {
        let page = String(decoding: try TestFile.bytes(Self.page), as: UTF8.self)
        let written = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map(String.init)
        var happened: [String] = []
        for story in Self.stories + Self.linkStories {
            happened.append("| \(story.attempt) | \(story.auth0) | \(try await story.gatehouse()) |")
        }
        #expect(written == happened)
    }

    private struct Story: Sendable {
        let attempt: String
        let auth0: String
        let gatehouse: @Sendable () async throws -> String
    }

    private static func attempt(_ address: String, _ account: String) throws -> ThrottleAttempt {
        ThrottleAttempt(
            address: try clientAddress(address), tenant: try tenantID("acme"),
            email: NormalizedEmail("\(account)@acme.example"))
    }

    /// What becomes of one more failure.
    private static func fail(_ throttle: LoginThrottle, _ address: String, _ account: String) throws -> String {
        words(throttle.reserve(try attempt(address, account)))
    }

    private static func words(_ answer: LoginThrottle.Answer) -> String {
        switch answer {
        case .reserved(let reservation) where reservation.slowdown.count > 0:
            "allowed, answered \(reservation.slowdown.count / 1000) s later"
        case .reserved: "allowed"
        case .refused(let wait): "429, `Retry-After: \((wait.count + 999) / 1000)`"
        }
    }

    /// A world in which an address has failed so often, each time against another account.
    private static func drained(_ failures: Int = 100, _ address: String = "192.0.2.1") async throws -> LoginWorld {
        let world = try await LoginWorld()
        for index in 0..<failures {
            guard case "allowed" = try fail(world.throttle, address, "a\(index)") else { throw Missing() }
        }
        return world
    }

    /// A world in which one account was guessed so often from one address.
    private static func guessed() async throws -> LoginWorld {
        let world = try await LoginWorld()
        for _ in 0..<10 {
            guard case "allowed" = try fail(world.throttle, "192.0.2.1", "erika") else { throw Missing() }
        }
        return world
    }

    /// A world in which one account was guessed once from each of fifty addresses.
    private static func attacked() async throws -> LoginWorld {
        let world = try await LoginWorld()
        for index in 0..<50 {
            guard case "allowed" = try fail(world.throttle, "198.51.100.\(index)", "erika") else { throw Missing() }
        }
        return world
    }

    private static func device(_ address: String) throws -> ThrottleDevice {
        guard let digest = TokenDigest([UInt8](repeating: 7, count: 32)) else { throw Missing() }
        return ThrottleDevice(
            tenant: try tenantID("acme"), user: .random(), digest: digest, address: try clientAddress(address))
    }

    private static let stories: [Story] = [
        Story(attempt: "1st to 100th failure of an address, each against another account", auth0: "allowed") {
            _ = try await drained()
            return "allowed"
        },
        Story(attempt: "101st", auth0: "429; one attempt is given back every 864 s") {
            try fail(try await drained().throttle, "192.0.2.1", "b")
        },
        Story(attempt: "101st again, 864 s later", auth0: "allowed") {
            let world = try await drained()
            world.clock.advance(.seconds(864))
            return try fail(world.throttle, "192.0.2.1", "b")
        },
        Story(attempt: "102nd, at once behind it", auth0: "429") {
            let world = try await drained()
            world.clock.advance(.seconds(864))
            _ = try fail(world.throttle, "192.0.2.1", "b")
            return try fail(world.throttle, "192.0.2.1", "c")
        },
        Story(attempt: "another address, meanwhile", auth0: "allowed") {
            try fail(try await drained().throttle, "192.0.2.2", "b")
        },
        Story(attempt: "101st, a day later", auth0: "allowed") {
            let world = try await drained()
            world.clock.advance(.hours(24))
            return try fail(world.throttle, "192.0.2.1", "b")
        },
        Story(attempt: "101st, of an address on the allow list", auth0: "allowed") {
            let world = try await drained(0)
            world.settings.change { $0.throttle.allow = [AddressRange("192.0.2.0/24")].compactMap(\.self) }
            for index in 0..<100 { _ = try fail(world.throttle, "192.0.2.1", "a\(index)") }
            return try fail(world.throttle, "192.0.2.1", "b")
        },
        Story(attempt: "101st, in monitoring mode", auth0: "allowed, and an event in the log") {
            let world = try await drained()
            world.settings.change { $0.throttle.mode = .monitor }
            let said = try fail(world.throttle, "192.0.2.1", "b")
            return "\(said), and \(world.throttle.metrics.monitored) more in a metric"
        },
        Story(attempt: "101st of an IPv6 /64, from another address of it", auth0: "not documented") {
            try fail(try await drained(100, "2001:db8:1:2::1").throttle, "2001:db8:1:2::ffff", "b")
        },
        Story(attempt: "1,001st of an IPv6 /48, from an eleventh /64", auth0: "not documented") {
            let world = try await LoginWorld()
            for net in 0..<10 {
                for index in 0..<100 { _ = try fail(world.throttle, "2001:db8:1:\(net)::1", "a\(net)-\(index)") }
            }
            return try fail(world.throttle, "2001:db8:1:a::1", "b")
        },
        Story(attempt: "the right password from a device that the account knows, at the 101st", auth0: "429") {
            words(try await drained().throttle.reserve(try device("192.0.2.1")))
        },
        Story(attempt: "1st to 10th failure of an address against one account", auth0: "allowed") {
            _ = try await guessed()
            return "allowed"
        },
        Story(
            attempt: "11th",
            auth0: "blocked there until unblocked, another password is set, or 30 days pass"
        ) { try fail(try await guessed().throttle, "192.0.2.1", "erika") },
        Story(attempt: "11th again, 90 s later", auth0: "blocked") {
            let world = try await guessed()
            world.clock.advance(.seconds(90))
            return try fail(world.throttle, "192.0.2.1", "erika")
        },
        Story(attempt: "the same account from another address", auth0: "allowed") {
            try fail(try await guessed().throttle, "192.0.2.2", "erika")
        },
        Story(
            attempt: "51st against one account, each from another address",
            auth0: "allowed; with account lockout, everybody is blocked"
        ) { try fail(try await attacked().throttle, "203.0.113.1", "erika") },
        Story(attempt: "the same, from a device that the account knows", auth0: "as above") {
            words(try await attacked().throttle.reserve(try device("203.0.113.1")))
        },
        Story(attempt: "the same, an hour later", auth0: "as above") {
            let world = try await attacked()
            world.clock.advance(.hours(1))
            return try fail(world.throttle, "203.0.113.1", "erika")
        },
    ]

    /// What becomes of one more request for a mail to reset a password.
    private static func ask(_ throttle: LoginThrottle, _ address: String, _ account: String) throws -> String {
        guard let email = NormalizedEmail("\(account)@acme.example") else { throw Missing() }
        return words(
            throttle.reserve(
                ResetAttempt(address: try clientAddress(address), tenant: try tenantID("acme"), email: email)))
    }

    /// A world in which links that fit nothing came from an address so often.
    private static func misled() async throws -> LoginWorld {
        let world = try await LoginWorld()
        for _ in 0..<50 {
            guard case .reserved = world.throttle.reserve(linkFrom: try clientAddress("192.0.2.1")) else {
                throw Missing()
            }
        }
        return world
    }

    private static let linkStories: [Story] = [
        Story(
            attempt: "1st to 50th link of an invitation or a reset that fits nothing, of an address",
            auth0: "allowed (sign-ups)"
        ) {
            _ = try await misled()
            return "allowed"
        },
        Story(attempt: "51st", auth0: "429; one attempt is given back every 1,728 s (sign-ups)") {
            words(try await misled().throttle.reserve(linkFrom: try clientAddress("192.0.2.1")))
        },
        Story(attempt: "a failed login there, meanwhile", auth0: "allowed") {
            try fail(try await misled().throttle, "192.0.2.1", "b")
        },
        Story(
            attempt: "1st to 10th mail to reset a password that an address asks for, each for another account",
            auth0: "not documented"
        ) {
            let world = try await LoginWorld()
            for index in 0..<9 { _ = try ask(world.throttle, "192.0.2.1", "a\(index)") }
            return try ask(world.throttle, "192.0.2.1", "a9")
        },
        Story(attempt: "11th", auth0: "not documented") {
            let world = try await LoginWorld()
            for index in 0..<10 { _ = try ask(world.throttle, "192.0.2.1", "a\(index)") }
            return try ask(world.throttle, "192.0.2.1", "b")
        },
        Story(attempt: "6th that an address asks for one account", auth0: "not documented") {
            let world = try await LoginWorld()
            for _ in 0..<5 { _ = try ask(world.throttle, "192.0.2.1", "erika") }
            return try ask(world.throttle, "192.0.2.1", "erika")
        },
        Story(attempt: "6th for one account, each from another address", auth0: "not documented") {
            let world = try await LoginWorld()
            let (user, tenant) = (UserID.random(), try tenantID("acme"))
            for index in 0..<5 {
                guard case "allowed" = try ask(world.throttle, "198.51.100.\(index)", "erika"),
                    world.throttle.admits(mailTo: user, of: tenant)
                else { throw Missing() }
            }
            let said = try ask(world.throttle, "203.0.113.1", "erika")
            return world.throttle.admits(mailTo: user, of: tenant)
                ? said : "\(said); the last mail's link goes on to work"
        },
        Story(attempt: "1st, from an address with 100 failed logins", auth0: "not documented") {
            try ask(try await drained().throttle, "192.0.2.1", "erika")
        },
    ]
}

@Suite("An account that is guessed from many addresses")
struct SlowedAccountTests {
    private func attack(_ world: LoginWorld, _ email: String = LoginWorld.email) async throws {
        world.settings.change { $0.throttle.perAccount.failures = 3 }
        for index in 0..<3 {
            #expect(try await world.signIn(email, "wrong", from: "198.51.100.\(index)") == .refused)
        }
    }

    @Test("strangers wait, right or wrong, there or not; nobody is refused")
    func slowed() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        try await attack(world)
        try await attack(world, "nobody@acme.example")
        world.holds.value = []
        #expect(try await world.signIn(LoginWorld.email, "wrong", from: "203.0.113.9") == .refused)
        #expect(world.holds.value == [.seconds(4), AnswerPacing.standardStep])
        world.holds.value = []
        #expect(try await world.signIn("nobody@acme.example", "wrong", from: "203.0.113.9") == .refused)
        #expect(world.holds.value == [.seconds(4), AnswerPacing.standardStep])
        world.holds.value = []
        #expect(try await world.signIn(from: "203.0.113.10").session != nil)
        #expect(world.holds.value == [.seconds(4)])
        #expect(world.throttle.list().filter { $0.kind == "slowed" }.count == 2)
        #expect(world.throttle.metrics.slowed == 3)
    }

    @Test("a device that the account knows does not wait, nor does anybody at another account")
    func known() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        try await world.makeUser(acme, email: "max@acme.example")
        let device = try await world.plantDevice(of: user, in: acme)
        try await attack(world)
        world.holds.value = []
        #expect(try await world.signIn(from: "203.0.113.9", device: device).session != nil)
        #expect(try await world.signIn("max@acme.example", from: "203.0.113.9").session != nil)
        #expect(world.holds.value == [])
    }

    @Test("it passes with time, by clearing all, and with a slowdown of nothing it never begins")
    func ends() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        for end in ["time", "clear", "off"] {
            _ = try await world.throttle.clearAll()
            try await attack(world)
            switch end {
            case "time": world.clock.advance(.minutes(20))
            case "clear": _ = try await world.throttle.clearAll()
            default: world.settings.change { $0.throttle.slowdown = Milliseconds(0) }
            }
            world.holds.value = []
            #expect(try await world.signIn(from: "203.0.113.9").session != nil)
            #expect(world.holds.value == [], "\(end)")
        }
    }

    @Test("accounts that are counted and tries that wait are bounded")
    func bounded() {
        var slowdown = AccountSlowdown()
        let settings = ThrottleSettings(perAccount: .init(failures: 1, per: .hours(1)))
        let now = WallTime(milliseconds: 1_700_000_000_000)
        func key(_ index: Int) -> ThrottleKey {
            ThrottleKey(kind: .slowed, subject: "acme a\(index)@acme.example")
        }
        #expect(slowdown.charge(key(0), settings, at: now) == Milliseconds(0))
        for _ in 0..<AccountSlowdown.mostWaiting {
            #expect(slowdown.charge(key(0), settings, at: now) == .seconds(4))
            slowdown.enter()
        }
        #expect(slowdown.charge(key(0), settings, at: now) == nil)
        slowdown.release()
        #expect(slowdown.charge(key(0), settings, at: now) == .seconds(4))
        for index in 1...AccountSlowdown.bound { _ = slowdown.charge(key(index), settings, at: now) }
        #expect(slowdown.readings(settings, at: now).count == AccountSlowdown.bound)
    }

    @Test("in monitoring mode everybody passes, and what would have been refused is counted")
    func monitoring() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        world.settings.change { $0.throttle.mode = .monitor }
        for _ in 0..<12 { #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused) }
        #expect(try await world.signIn().session != nil)
        #expect(world.throttle.metrics.monitored == 3)
        #expect(world.throttle.metrics.refusals == 0)
        world.settings.change { $0.throttle.mode = .enforce }
        #expect(try await world.signIn().isThrottled)
    }
}
