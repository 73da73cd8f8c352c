import Access
import Core
import Testing

@Suite("Session table")
struct SessionTableTests {
    private func key(_ number: Int) -> SessionKey { SessionKey(UInt64(number), 0, 0, UInt64(number)) }
    private let now = MonotonicInstant(milliseconds: 1)

    @Test("a session is found under its own key alone")
    func lookUp() {
        var table = SessionTable(bound: 4)
        table.insert(.sample(), for: key(1))
        #expect(table.entry(for: key(1))?.name == "Mia")
        #expect(table.entry(for: SessionKey(1, 0, 0, 2)) == nil)
        #expect(table.count == 1)
    }

    @Test("the table never outgrows its bound, and counts what gave way")
    func bound() {
        var table = SessionTable(bound: 100)
        for number in 0..<1_000 { table.insert(.sample(handle: "s\(number)"), for: key(number)) }
        #expect(table.count == 100)
        #expect(table.evictions == 900)
        #expect(table.entry(for: key(999)) != nil)
        #expect((0..<1_000).count { table.entry(for: key($0)) != nil } == 100)
        for number in 0..<1_000 { table.remove(handle: SessionHandle("s\(number)")!) }
        #expect(table.count == 0)
    }

    @Test("a session in use outlives those that are not")
    func clock() throws {
        var world = AccessWorld()
        world.sessions = SessionTable(bound: 8)
        world.signIn()
        for number in 100..<200 {
            #expect(try world.decide().forward != nil)
            world.sessions.insert(.sample(handle: "s\(number)", lastUse: world.now), for: key(number))
        }
        #expect(try world.decide().forward != nil)
        #expect(world.sessions.evictions == 93)
    }

    @Test("what is inserted twice is held once")
    func insertTwice() {
        var table = SessionTable(bound: 2)
        table.insert(.sample(handle: "a", name: "Old"), for: key(1))
        table.insert(.sample(handle: "b", name: "New"), for: key(1))
        #expect(table.count == 1)
        #expect(table.entry(for: key(1))?.name == "New")
        #expect(table.remove(handle: SessionHandle("a")!) == 0)
        #expect(table.evictions == 0)
    }

    @Test("sessions end by key, by handle, by user and by tenant, and no others do")
    func removal() {
        let (mia, ben) = (UserID(high: 1, low: 1), UserID(high: 1, low: 2))
        func table() -> SessionTable {
            var table = SessionTable(bound: 16)
            table.insert(.sample(handle: "m1", user: mia), for: key(1))
            table.insert(.sample(handle: "m1", user: mia), for: key(2))
            table.insert(.sample(handle: "m2", user: mia), for: key(3))
            table.insert(.sample(handle: "b1", user: ben), for: key(4))
            table.insert(.sample(handle: "g1", tenant: .globex, user: mia), for: key(5))
            return table
        }
        func left(_ table: SessionTable) -> [Int] { (1...5).filter { table.entry(for: key($0)) != nil } }
        var byKey = table()
        #expect(byKey.remove(key(2)) && !byKey.remove(key(2)))
        #expect(left(byKey) == [1, 3, 4, 5])
        var byHandle = table()
        #expect(byHandle.remove(handle: SessionHandle("m1")!) == 2)
        #expect(left(byHandle) == [3, 4, 5])
        var byUser = table()
        #expect(byUser.remove(user: mia, of: .acme) == 3)
        #expect(left(byUser) == [4, 5])
        var byTenant = table()
        #expect(byTenant.remove(tenant: .acme) == 4)
        #expect(left(byTenant) == [5])
        #expect(byTenant.remove(tenant: .acme) == 0)
        // Freed places are used again, and chains hold what was put there since.
        for number in 6...15 { byTenant.insert(.sample(handle: "n\(number)", user: ben), for: key(number)) }
        #expect(byTenant.remove(user: ben, of: .acme) == 10)
        #expect(byTenant.count == 1)
    }

    @Test("a change of roles takes effect in place, under every token")
    func replace() throws {
        var world = AccessWorld()
        world.ask("/admin/")
        world.signIn(roles: [.user])
        #expect(try world.reason() == .roleMissing)
        let promoted = SessionEntry.sample(roles: [.user, .admin], lastUse: world.now)
        #expect(world.sessions.replace(promoted) == 1)
        let forward = try world.decide().forward
        #expect(forward?.identity.contains("X-User-Roles: user,admin\r\n") == true)
        #expect(world.sessions.replace(.sample(tenant: .globex)) == 0)
    }

    @Test("unknown tokens are remembered up to a bound; a session found later counts")
    func unknown() throws {
        var table = SessionTable(bound: 4, unknownBound: 3)
        for number in 1...10 { table.noteMissing(key(number), now: now) }
        #expect(table.unknownCount == 3)
        for _ in 1...10 { table.noteMissing(key(10), now: now) }
        #expect(table.unknownCount == 3)
        var world = AccessWorld()
        world.facts.sessionKey = AccessWorld.key
        world.sessions.noteMissing(AccessWorld.key, now: world.now)
        #expect(try world.decide().refusal != nil)
        world.signIn()
        #expect(try world.decide().forward != nil)
        #expect(world.sessions.unknownCount == 0)
    }

    @Test("a key is made of exactly 32 bytes")
    func keys() {
        let digest = (0..<32).map(UInt8.init)
        #expect(
            SessionKey(bytes: digest)
                == SessionKey(
                    0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F, 0x1011_1213_1415_1617, 0x1819_1A1B_1C1D_1E1F))
        #expect(SessionKey(bytes: Array(digest.dropLast())) == nil)
    }
}
