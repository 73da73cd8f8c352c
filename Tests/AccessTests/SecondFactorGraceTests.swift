import Core
import Testing

@testable import Access

@Suite("Time to set up a second factor")
struct SecondFactorGraceTests {
    /// A tenant that asks for a second factor, and a member without one who has so long.
    private func world(due: Milliseconds?, factors: [Factor] = [.password], key: SessionKey = AccessWorld.key)
        -> AccessWorld
    {
        var world = AccessWorld()
        world.settings.tenants[0].secondFactor = .required
        world.settings.tenants[0].secondFactorGrace = .hours(24)
        var entry = SessionEntry.sample(assurance: Assurance(factors, at: world.now), lastUse: world.now)
        entry.secondFactorDueAt = due.map { world.now.advanced(by: $0) }
        world.sessions.insert(entry, for: key)
        world.facts.sessionKey = key
        return world
    }

    @Test("a member who still has time is let through, and not a millisecond longer")
    func ends() throws {
        var world = world(due: .seconds(60))
        #expect(try world.decide().forward?.identity.contains("mia@acme.example") == true)
        world.now = world.now.advanced(by: Milliseconds(59_999))
        #expect(try world.decide().forward != nil)
        world.now = world.now.advanced(by: Milliseconds(1))
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .mfaRequired)
        #expect(refusal?.maximumAge == nil)
    }

    @Test("without such time it is as before")
    func none() throws {
        var world = world(due: nil)
        #expect(try world.reason() == .mfaRequired)
        world = self.world(due: Milliseconds(0))
        #expect(try world.reason() == .mfaRequired)
    }

    @Test("an optional route has the identity meanwhile, and none afterwards")
    func optionalRoute() throws {
        var world = world(due: .seconds(60))
        world.ask("/news/")
        #expect(try world.decide().forward?.session == "s-1")
        world.now = world.now.advanced(by: .seconds(60))
        #expect(try world.decide().forward?.session == nil)
    }

    @Test("a route's own second factor is not eased")
    func routes() throws {
        var world = world(due: .seconds(60))
        world.ask("/vault/")
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .mfaRequired)
        #expect(refusal?.maximumAge == .minutes(5))
    }

    @Test("whoever has proved one needs no time")
    func proved() throws {
        var world = world(due: .seconds(1), factors: [.password, .totp])
        world.now = world.now.advanced(by: .seconds(2))
        #expect(try world.decide().forward != nil)
    }

    @Test("a stream is permitted until the time is over")
    func streams() throws {
        var world = world(due: .seconds(60))
        let snapshot = try AccessSnapshot(world.settings, generation: 1)
        func isPermitted(_ now: MonotonicInstant) -> Bool {
            Gate.stillPermits(
                SessionHandle("s-1")!, routeAt: 5, snapshot: snapshot, sessions: &world.sessions, now: now)
        }
        #expect(isPermitted(world.now))
        #expect(!isPermitted(world.now.advanced(by: .seconds(60))))
    }

    @Test("a session whose time is over is found, and only that")
    func overdue() throws {
        let handle = SessionHandle("s-1")!
        for (due, factors, isOverdue) in [
            (Milliseconds.seconds(60), [Factor.password], true), (nil, [.password], false),
            (.seconds(60), [.password, .totp], false),
        ] {
            var world = world(due: due, factors: factors)
            _ = try world.decide()
            let end = world.now.advanced(by: .seconds(60))
            #expect(!world.sessions.isSecondFactorOverdue(handle, now: world.now))
            #expect(world.sessions.isSecondFactorOverdue(handle, now: end) == isOverdue)
            #expect(!world.sessions.isSecondFactorOverdue(SessionHandle("s-9")!, now: end))
        }
        // Where the tenant asks for none, none is owed.
        var optional = world(due: .seconds(60))
        optional.settings.tenants[0].secondFactor = .optional
        _ = try optional.decide()
        #expect(!optional.sessions.isSecondFactorOverdue(handle, now: optional.now.advanced(by: .hours(1))))
    }

    @Test("nobody looks for such sessions where there is none")
    func noneDue() throws {
        var table = SessionTable(bound: 2)
        var due = SessionEntry.sample(handle: "s-1")
        due.secondFactorDueAt = MonotonicInstant(milliseconds: 2_000_000)
        let (first, second) = (SessionKey(1, 0, 0, 1), SessionKey(2, 0, 0, 2))
        table.insert(.sample(handle: "s-2"), for: second)
        #expect(!table.hasSecondFactorsDue)
        table.insert(due, for: first)
        table.insert(due, for: first)
        #expect(table.hasSecondFactorsDue)
        table.remove(second)
        #expect(table.hasSecondFactorsDue)
        due.secondFactorDueAt = nil
        table.replace(due)
        #expect(!table.hasSecondFactorsDue)
        due.secondFactorDueAt = MonotonicInstant(milliseconds: 2_000_000)
        table.replace(due)
        #expect(table.hasSecondFactorsDue)
        table.removeAll()
        #expect(!table.hasSecondFactorsDue)
    }

    @Test("the time goes with the member: other roles may have begun or ended it")
    func roles() throws {
        var world = world(due: nil)
        var identity = MemberIdentity(externalID: nil, email: "mia@acme.example", name: "Mia", roles: [.user])
        identity.secondFactorDueAt = world.now.advanced(by: .seconds(60))
        _ = world.sessions.update(user: UserID(high: 1, low: 2), of: .acme, to: identity)
        #expect(try world.decide().forward != nil)
        identity.secondFactorDueAt = nil
        _ = world.sessions.update(user: UserID(high: 1, low: 2), of: .acme, to: identity)
        #expect(try world.reason() == .mfaRequired)
    }

    @Test("another token of the same session has it too")
    func tokens() throws {
        var world = world(due: .seconds(60))
        var entry = try #require(world.sessions.entry(for: AccessWorld.key))
        entry.host = "acme.example.org"
        world.sessions.replace(entry)
        #expect(try world.decide().forward != nil)
        #expect(world.sessions.entry(for: AccessWorld.key)?.on("acme.example.org").secondFactorDueAt != nil)
    }

    @Test("a session takes no more room for it")
    func room() {
        #expect(MemoryLayout<SecondFactorStanding>.size == MemoryLayout<MonotonicInstant?>.size)
        #expect(MemoryLayout<SessionTable.Slot>.stride <= 104)
    }

    @Test("explanations say that it is so, and that it may be so")
    func explained() throws {
        let snapshot = try AccessSnapshot(world(due: nil).settings, generation: 1)
        func explain(_ path: String, inGrace: Bool) -> Explanation {
            Gate.explain(
                host: "acme.example.org", path: path, member: SupposedMember(tenant: .acme, isInGrace: inGrace),
                snapshot: snapshot)
        }
        let within = explain("/", inGrace: true)
        #expect(within.verdict == .forward)
        #expect(within.steps.contains { $0.contains("still has time to set one up (mfa.grace)") })
        let without = explain("/", inGrace: false)
        #expect(without.reason == .mfaRequired)
        #expect(without.steps.contains { $0.contains("get by for 86400s") })
        let vault = explain("/vault/", inGrace: true)
        #expect(vault.reason == .mfaRequired)
        #expect(!vault.steps.contains { $0.contains("get by") })
        var settings = world(due: nil).settings
        settings.tenants[0].secondFactorGrace = Milliseconds(0)
        let strict = Gate.explain(
            host: "acme.example.org", path: "/", member: SupposedMember(tenant: .acme, isInGrace: true),
            snapshot: try AccessSnapshot(settings, generation: 1))
        #expect(strict.reason == .mfaRequired)
        #expect(!strict.steps.contains { $0.contains("get by") })
    }
}
