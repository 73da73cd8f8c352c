import Access
import Core
import Testing

@Suite("Uses of sessions, and members who change")
struct SessionUseTests {
    @Test("a use is told once, with the last moment, and again only after a later use")
    func told() throws {
        var world = AccessWorld()
        world.signIn()
        #expect(!world.sessions.hasUntoldUses)
        #expect(try world.decide().forward != nil)
        world.now = world.now.advanced(by: .seconds(7))
        #expect(try world.decide().forward != nil)
        #expect(world.sessions.hasUntoldUses)
        let uses = world.sessions.takeUses()
        #expect(uses.map(\.handle) == [SessionHandle("s-1")])
        #expect(uses.map(\.at) == [world.now])
        #expect(world.sessions.takeUses().isEmpty && !world.sessions.hasUntoldUses)
        #expect(try world.decide().forward != nil)
        #expect(world.sessions.takeUses().count == 1)
    }

    @Test("what a member says on a WebSocket is a use; a decision that is made again is none")
    func outsideRequests() throws {
        var world = AccessWorld()
        world.signIn()
        #expect(try world.decide().forward != nil)
        _ = world.sessions.takeUses()
        let idleLimit = Milliseconds(SessionEntry.sample().idleLimit.count)
        world.now = world.now.advanced(by: Milliseconds(idleLimit.count - 1))
        #expect(!world.sessions.looksIdle(AccessWorld.key, now: world.now))
        #expect(try world.decide(countsAsUse: false).forward != nil)
        #expect(!world.sessions.hasUntoldUses)
        var isHeld = world.sessions.noteUse(of: AccessWorld.key, now: world.now)
        #expect(isHeld)
        #expect(world.sessions.takeUses().map(\.at) == [world.now])
        world.now = world.now.advanced(by: Milliseconds(idleLimit.count - 1))
        #expect(!world.sessions.looksIdle(AccessWorld.key, now: world.now))
        world.now = world.now.advanced(by: Milliseconds(1))
        #expect(world.sessions.looksIdle(AccessWorld.key, now: world.now))
        isHeld = world.sessions.noteUse(of: AccessWorld.key, now: world.now)
        #expect(!isHeld)
        #expect(world.sessions.looksIdle(SessionKey(1, 2, 3, 4), now: world.now))
    }

    @Test("a session that gives way has its use told; one that has ended has not")
    func departed() throws {
        var world = AccessWorld()
        world.sessions = SessionTable(bound: 1)
        world.signIn()
        #expect(try world.decide().forward != nil)
        world.sessions.insert(.sample(handle: "s-2"), for: SessionKey(9, 0, 0, 9))
        #expect(world.sessions.takeUses().map(\.handle) == [SessionHandle("s-1")])
        world.signIn()
        #expect(try world.decide().forward != nil)
        world.sessions.remove(handle: SessionHandle("s-1")!)
        #expect(world.sessions.takeUses().isEmpty)
    }

    @Test("a member's other roles hold from the next request on, and the session's times stay")
    func otherRoles() throws {
        var world = AccessWorld()
        world.signIn()
        world.ask("/admin/")
        #expect(try world.reason() == .roleMissing)
        let deadline = world.sessions.entry(for: AccessWorld.key)?.absoluteDeadline
        let admin = MemberIdentity(
            externalID: nil, email: "mia@acme.example", name: "Mia M.", roles: [.user, .admin])
        #expect(
            world.sessions.update(user: UserID(high: 1, low: 2), of: .acme, to: admin) == [SessionHandle("s-1")!])
        let forward = try #require(try world.decide().forward)
        #expect(forward.identity.contains("X-User-Roles: user,admin\r\n"))
        #expect(forward.identity.contains("X-User-Name: Mia M.\r\n"))
        #expect(world.sessions.entry(for: AccessWorld.key)?.absoluteDeadline == deadline)
    }

    @Test("no member but the one meant is changed")
    func othersStay() {
        var table = SessionTable(bound: 4)
        table.insert(.sample(), for: SessionKey(1, 0, 0, 1))
        let other = MemberIdentity(externalID: nil, email: "x@y.example", name: "X", roles: [.admin])
        #expect(table.update(user: UserID(high: 1, low: 2), of: .globex, to: other).isEmpty)
        #expect(table.update(user: UserID(high: 1, low: 3), of: .acme, to: other).isEmpty)
        #expect(table.entry(for: SessionKey(1, 0, 0, 1))?.name == "Mia")
    }

    @Test("a stream is still permitted while its member keeps a role that the route asks for")
    func streams() throws {
        var world = AccessWorld()
        world.signIn(roles: [.user, .admin])
        let snapshot = try AccessSnapshot(world.settings, generation: 1)
        let handle = SessionHandle("s-1")!
        func isPermitted(_ route: Int) -> Bool {
            Gate.stillPermits(
                handle, routeAt: route, snapshot: snapshot, sessions: &world.sessions, now: world.now)
        }
        #expect((0..<6).allSatisfy(isPermitted))
        let plain = MemberIdentity(externalID: nil, email: "mia@acme.example", name: "Mia", roles: [.user])
        _ = world.sessions.update(user: UserID(high: 1, low: 2), of: .acme, to: plain)
        #expect((0..<6).filter { !isPermitted($0) } == [2])
        world.sessions.removeAll()
        #expect(world.sessions.count == 0)
        #expect((0..<6).filter(isPermitted) == [0, 1])
    }
}
