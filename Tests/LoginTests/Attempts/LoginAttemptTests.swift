import Core
import Store
import Testing

@testable import Login

@Suite("Login attempts")
struct LoginAttemptTests {
    private let host = "app.example.org"

    private func attempt(_ world: LoginWorld) throws -> LoginAttempt {
        let member = ProvedMember(tenant: try tenantID("acme"), user: .random(), epoch: 3, at: world.clock.wall())
        var attempt = LoginAttempt.begun(
            at: world.clock.wall(), returnTo: SafeRedirect("/orders?page=2"), tenant: try tenantID("acme"))
        attempt.email = LoginWorld.email
        attempt.proved = [member]
        return attempt
    }

    @Test("an attempt comes back as it was, for half an hour")
    func opens() async throws {
        let world = try await LoginWorld()
        let seal = LoginAttemptSeal(forms: world.store.forms)
        for attempt in [try attempt(world), .begun(at: world.clock.wall())] {
            let text = seal.seal(attempt, browser: "b1", host: host)
            #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == attempt)
        }
        let old = try attempt(world)
        let text = seal.seal(old, browser: "b1", host: host)
        world.clock.advance(LoginAttemptSeal.lifetime)
        #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == old)
        world.clock.advance(Milliseconds(1))
        #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == nil)
        world.clock.goBack(.hours(1))
        #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == nil)
    }

    @Test("what was proved travels with its member: each factor, its time, and whether the browser is trusted")
    func factors() async throws {
        let world = try await LoginWorld()
        let seal = LoginAttemptSeal(forms: world.store.forms)
        var attempt = try attempt(world)
        attempt.enrolment = TimeBasedCode.newSecret()
        var member = attempt.proved[0]
        var changed: [ProvedMember] = [member]
        member.isSure = true
        changed.append(member)
        for factor in Factor.allCases {
            member.first = factor
            member.second = ProvedFactor(factor, at: WallTime(milliseconds: -1))
            changed.append(member)
        }
        for member in changed {
            attempt.proved = [member]
            let text = seal.seal(attempt, browser: "b1", host: host)
            #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == attempt)
        }
    }

    @Test("another browser's attempt, another host's and one without a browser are refused")
    func foreign() async throws {
        let world = try await LoginWorld()
        let seal = LoginAttemptSeal(forms: world.store.forms)
        let text = seal.seal(try attempt(world), browser: "b1", host: host)
        #expect(seal.open(text, browser: "b2", host: host, now: world.clock.wall()) == nil)
        #expect(seal.open(text, browser: "b1", host: "acme.example.org", now: world.clock.wall()) == nil)
        #expect(seal.open(text, browser: "b1app", host: ".example.org", now: world.clock.wall()) == nil)
        let unbound = seal.seal(try attempt(world), browser: "", host: host)
        #expect(seal.open(unbound, browser: "", host: host, now: world.clock.wall()) == nil)
    }

    @Test("a forged attempt is refused, whichever bit was changed")
    func forged() async throws {
        let world = try await LoginWorld()
        let seal = LoginAttemptSeal(forms: world.store.forms)
        let text = seal.seal(try attempt(world), browser: "b1", host: host)
        let bytes = try #require(Base64.decode(text.utf8, alphabet: .url))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let forged = Base64.encode(changed, alphabet: .url)
            #expect(seal.open(forged, browser: "b1", host: host, now: world.clock.wall()) == nil)
        }
        for text in ["", "=", "AAAA", String(repeating: "A", count: 5000), String(text.dropLast(4))] {
            #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == nil)
        }
        // What another purpose sealed opens no attempt.
        let other = world.store.forms.seal([1, 2, 3], purpose: "other", context: [])
        let foreign = Base64.encode(other, alphabet: .url)
        #expect(seal.open(foreign, browser: "b1", host: host, now: world.clock.wall()) == nil)
    }

    @Test("the largest attempt fits its bound; an address that is too long is not carried")
    func bound() async throws {
        let world = try await LoginWorld()
        let seal = LoginAttemptSeal(forms: world.store.forms)
        let tenant = try tenantID(String(repeating: "t", count: 63))
        var attempt = LoginAttempt.begun(
            at: world.clock.wall(), returnTo: SafeRedirect("/" + String(repeating: "a", count: 2047)), tenant: tenant)
        #expect(attempt.returnTo != nil)
        attempt.email = String(repeating: "e", count: 256)
        attempt.proved = (0..<3).map { _ in
            ProvedMember(
                tenant: tenant, user: .random(), epoch: .max, at: world.clock.wall(), first: .password,
                second: ProvedFactor(.recoveryCode, at: world.clock.wall()), isSure: true)
        }
        attempt.enrolment = [UInt8](repeating: 1, count: LoginAttempt.longestEnrolment)
        let text = seal.seal(attempt, browser: "b1", host: host)
        #expect(text.utf8.count <= LoginAttemptSeal.longestText)
        #expect(seal.open(text, browser: "b1", host: host, now: world.clock.wall()) == attempt)
        attempt.email = String(repeating: "e", count: 257)
        let shorter = seal.seal(attempt, browser: "b1", host: host)
        #expect(seal.open(shorter, browser: "b1", host: host, now: world.clock.wall())?.email == nil)
    }

    @Test("an attempt is used once, also when two use it at once")
    func once() async throws {
        let used = UsedLoginAttempts()
        let (id, now) = (LoginAttempt.begun(at: WallTime(milliseconds: 0)).id, WallTime(milliseconds: 0))
        let until = WallTime(milliseconds: 10)
        let uses = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { used.use(id, until: until, now: now) } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(uses == 1 && used.count == 1)
        #expect(used.use(LoginAttempt.begun(at: now).id, until: until, now: now))
        #expect(!used.use([1, 2, 3], until: until, now: now))
    }

    @Test("a used attempt tells to which session it has led before; an unused one and what is none tell nothing")
    func led() throws {
        let used = UsedLoginAttempts()
        let (id, now) = (LoginAttempt.begun(at: WallTime(milliseconds: 0)).id, WallTime(milliseconds: 0))
        func session(_ name: String) throws -> UsedLoginAttempts.Session {
            UsedLoginAttempts.Session(
                handle: try #require(SessionHandle(name)), tenant: try tenantID("acme"), user: UserID(high: 1, low: 2))
        }
        let (one, two) = (try session("one"), try session("two"))
        #expect(used.lead(id, to: one) == nil)
        #expect(used.use(id, until: WallTime(milliseconds: 10), now: now))
        #expect(used.lead(id, to: one) == nil)
        #expect(used.lead(id, to: two) == one)
        #expect(used.lead([1, 2, 3], to: one) == nil)
    }

    @Test("used ids are bounded, and none is forgotten before its form is too old")
    func usedBound() {
        let used = UsedLoginAttempts(bound: 3)
        func id(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }
        for number in 0..<3 {
            let until = WallTime(milliseconds: Int64(number) + 10)
            #expect(used.use(id(UInt8(number)), until: until, now: WallTime(milliseconds: 0)))
        }
        #expect(!used.use(id(9), until: WallTime(milliseconds: 99), now: WallTime(milliseconds: 9)))
        #expect(used.use(id(9), until: WallTime(milliseconds: 99), now: WallTime(milliseconds: 10)))
        #expect(!used.use(id(1), until: WallTime(milliseconds: 99), now: WallTime(milliseconds: 10)))
        #expect(used.count == 3)
    }
}
