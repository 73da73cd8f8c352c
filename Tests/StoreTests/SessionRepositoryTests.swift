import Core
import Testing

@testable import Store

@Suite("Sessions and devices")
struct SessionRepositoryTests {
    @Test("a token finds its session and user, another token nobody")
    func found() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let session = try await tenant.makeSession(user)
        let found = try await tenant.sessions.find(digest(1))
        #expect(found?.session == session)
        #expect(found?.user == user)
        #expect(session.factors == [ProvedFactor(.password, at: time(3))])
        #expect(session.client == "Firefox on 203.0.113.77")
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        #expect(SessionHandle(session.id.description) != nil)
    }

    @Test("only an active user begins a session", arguments: User.State.allCases)
    func active(state: User.State) async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.users.update(user.id, audit: entry("state"), at: time(3)) { $0.state = state }
        if state == .active {
            _ = try await tenant.makeSession(user)
        } else {
            await #expect(throws: StoreConflict.userNotActive) { try await tenant.makeSession(user) }
        }
    }

    @Test("with a limit the oldest sessions go")
    func limited() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        for token in 1...4 as ClosedRange<UInt8> { _ = try await tenant.makeSession(user, token: token, limit: 2) }
        #expect(try await tenant.sessions.list(of: user.id).map(\.createdAt) == [time(4), time(3)])
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        #expect(try await tenant.sessions.find(digest(3)) != nil)
    }

    @Test("without a limit too a user has a thousand sessions at most, and the oldest go", arguments: [0, 5000])
    func bounded(limit: Int) async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let first = try await tenant.makeSession(user)
        _ = try await tenant.database.transaction { transaction in
            try transaction.execute(
                """
                WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 999)
                INSERT INTO session SELECT randomblob(16), randomblob(32), member, created_at + n, used_at, expires_at,
                factors, epoch, sealed, mac FROM session, number
                """)
        }
        func count() async throws -> Int64? {
            try await tenant.database.transaction { try $0.first("SELECT count(*) FROM session")?.integer(0) }
        }
        #expect(try await count() == 1000)
        #expect(try await tenant.sessions.find(digest(1))?.session == first)
        let made = try await tenant.sessions.create(
            user: user.id, token: digest(2), factors: first.factors, expiresAt: time(1_000_000), limit: limit,
            audit: entry("session.began"), at: time(5000))
        #expect(try await count() == 1000)
        #expect(try await tenant.sessions.find(digest(1)) == nil)
        #expect(try await tenant.sessions.find(digest(2))?.session == made.session)
        #expect(made.displaced == [first.id])
    }

    @Test("a device is remembered with its session, and with one of an epoch that is over neither is there")
    func device() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        func create(_ token: UInt8, epoch: Int64) async throws {
            _ = try await tenant.sessions.create(
                user: user.id, token: digest(token),
                device: SignInDevice(token: digest(token + 100), epoch: epoch, expiresAt: time(900)),
                factors: [ProvedFactor(.password, at: time(3))], expiresAt: time(1_000_000),
                audit: entry("session.began", subject: user.id), at: time(5))
        }
        try await create(1, epoch: user.epoch)
        #expect(try await tenant.devices.knownSince(digest(101), to: user.id, at: time(899)) == time(5))
        #expect(try await !tenant.devices.isKnown(digest(101), to: user.id, at: time(900)))
        let entries = try await tenant.audit.entries().count
        await #expect(throws: StoreConflict.notFound) { try await create(2, epoch: user.epoch + 1) }
        #expect(try await !tenant.devices.isKnown(digest(102), to: user.id, at: time(6)))
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        #expect(try await tenant.audit.entries().count == entries)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("nobody has a session who is not there")
    func nobody() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.sessions.create(
                user: User(email: "", name: "").id, token: digest(1), factors: [], expiresAt: time(10),
                audit: entry("session.began"), at: time(5))
        }
    }

    @Test("a use moves on and never back, for sessions that are there")
    func touched() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        try await tenant.sessions.touch([(session.id, time(500)), (RowID(at: time(0)), time(500))])
        #expect(try await tenant.sessions.find(digest(1))?.session.usedAt == time(500))
        try await tenant.sessions.touch([(session.id, time(400))])
        #expect(try await tenant.sessions.find(digest(1))?.session.usedAt == time(500))
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a new token has the new assurance, and the old one its own for half a minute")
    func renewed() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        let renewed = try await tenant.sessions.renew(
            session.id, of: session.user, epoch: session.epoch, proving: ProvedFactor(.password, at: time(800)),
            with: digest(2), audit: entry("session.confirmed"), at: time(800))
        #expect(renewed.factors == [ProvedFactor(.password, at: time(800))])
        #expect(renewed.provedAt(.password) == time(800))
        #expect(renewed.usedAt == time(800))
        #expect(try await tenant.sessions.find(digest(2))?.session == renewed)
        let former = try #require(try await tenant.sessions.find(digest(1))?.session)
        #expect(former.id == session.id)
        #expect(former.factors == session.factors)
        #expect(former.expiresAt == time(30_800))
        #expect(await StoreVerification(store).run().isClean)
        _ = try await tenant.sessions.deleteExpired(at: time(30_799))
        #expect(try await tenant.sessions.find(digest(1)) != nil)
        _ = try await tenant.sessions.deleteExpired(at: time(30_800))
        #expect(try await tenant.sessions.find(digest(1)) == nil)
        #expect(try await tenant.sessions.find(digest(2)) != nil)
    }

    @Test("a session's end ends its former token too")
    func formerEnds() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        _ = try await tenant.sessions.renew(
            session.id, of: session.user, epoch: session.epoch, proving: ProvedFactor(.password, at: time(8)),
            with: digest(2), audit: entry("session.confirmed"), at: time(8))
        try await tenant.sessions.revoke(session.id, audit: entry("session.revoked"), at: time(9))
        #expect(try await tenant.sessions.find(digest(1)) == nil)
    }

    @Test("a proof that is over, or another user's, renews nothing")
    func staleProof() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        let other = try await tenant.makeUser("other@acme.example")
        for (user, epoch) in [(session.user, session.epoch + 1), (other.id, session.epoch)] {
            await #expect(throws: StoreConflict.notFound) {
                try await tenant.sessions.renew(
                    session.id, of: user, epoch: epoch, proving: ProvedFactor(.password, at: time(8)),
                    with: digest(2), audit: entry("session.confirmed"), at: time(8))
            }
        }
        #expect(try await tenant.sessions.find(digest(1))?.session == session)
    }

    @Test("a former token that somebody wrote or prolonged is found out")
    func forgedFormer() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        _ = try await tenant.sessions.renew(
            session.id, of: session.user, epoch: session.epoch, proving: ProvedFactor(.password, at: time(8)),
            with: digest(2), audit: entry("session.confirmed"), at: time(8))
        try await tenant.database.transaction { transaction in
            try transaction.execute("UPDATE former_token SET ends_at = ends_at + 1")
        }
        await #expect(throws: StoreFault.self) { try await tenant.sessions.find(digest(1)) }
    }

    @Test("whether a session is to be remembered is kept with it")
    func remembered() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        #expect(try await !tenant.makeSession(user).isRemembered)
        let made = try await tenant.sessions.create(
            user: user.id, token: digest(2), factors: [], expiresAt: time(100), isRemembered: true,
            audit: entry("session.began"), at: time(1))
        #expect(made.session.isRemembered)
        #expect(try await tenant.sessions.find(digest(2))?.session.isRemembered == true)
        #expect(try await tenant.sessions.find(made.session.id) == made.session)
    }

    @Test("a member ends one of their own sessions, nobody else's, and all but one")
    func memberEnds() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        var sessions: [StoredSession] = []
        for token in 1...3 as ClosedRange<UInt8> { sessions.append(try await tenant.makeSession(user, token: token)) }
        let foreign = try await tenant.makeSession(other, token: 4)
        let revoked = entry("session.revoked")
        #expect(try await !tenant.sessions.revoke(foreign.id, of: user.id, audit: revoked, at: time(9)))
        #expect(try await tenant.sessions.revoke(sessions[0].id, of: user.id, audit: revoked, at: time(9)))
        #expect(try await !tenant.sessions.revoke(sessions[0].id, of: user.id, audit: revoked, at: time(9)))
        let ended = try await tenant.sessions.revokeOthers(
            of: user.id, than: sessions[1].id, audit: revoked, at: time(9))
        #expect(ended == [sessions[2].id])
        #expect(
            try await tenant.sessions.revokeOthers(of: user.id, than: sessions[1].id, audit: revoked, at: time(9)) == []
        )
        #expect(try await Set(tenant.sessions.list().map(\.id)) == [sessions[1].id, foreign.id])
    }

    @Test("revocation ends one, all but one, or all; the end of time does too")
    func revoked() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        var sessions: [StoredSession] = []
        for token in 1...4 as ClosedRange<UInt8> { sessions.append(try await tenant.makeSession(user, token: token)) }
        try await tenant.sessions.revoke(sessions[0].id, audit: entry("session.revoked"), at: time(9))
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.sessions.revoke(sessions[0].id, audit: entry("session.revoked"), at: time(9))
        }
        #expect(
            try await tenant.sessions.revokeAll(
                of: user.id, except: sessions[1].id, audit: entry("session.revoked"), at: time(9)) == 2)
        #expect(try await tenant.sessions.list().map(\.id) == [sessions[1].id])
        #expect(try await tenant.sessions.deleteExpired(at: time(999_999)) == 0)
        #expect(try await tenant.sessions.deleteExpired(at: time(1_000_000)) == 1)
        #expect(try await tenant.sessions.revokeAll(of: nil, audit: entry("session.revoked"), at: time(9)) == 0)
    }

    @Test("a device is known to its user until its time is over or it is forgotten")
    func devices() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        try await tenant.devices.remember(digest(1), of: user.id, expiresAt: time(100), at: time(1))
        #expect(try await tenant.devices.isKnown(digest(1), to: user.id, at: time(99)))
        #expect(try await !tenant.devices.isKnown(digest(1), to: user.id, at: time(100)))
        #expect(try await !tenant.devices.isKnown(digest(1), to: other.id, at: time(2)))
        #expect(try await !tenant.devices.isKnown(digest(2), to: user.id, at: time(2)))
        for token in 2...30 as ClosedRange<UInt8> {
            try await tenant.devices.remember(digest(token), of: user.id, expiresAt: time(100), at: time(Int64(token)))
        }
        #expect(try await !tenant.devices.isKnown(digest(10), to: user.id, at: time(40)))
        #expect(try await tenant.devices.isKnown(digest(11), to: user.id, at: time(40)))
        #expect(try await tenant.devices.count(of: user.id, at: time(40)) == DeviceRepository.longestList)
        #expect(try await tenant.devices.count(of: user.id, at: time(100)) == 0)
        let forgotten = try await tenant.devices.forgetAll(of: user.id, audit: entry("devices.forgotten"), at: time(41))
        #expect(forgotten == DeviceRepository.longestList)
        #expect(try await !tenant.devices.isKnown(digest(30), to: user.id, at: time(40)))
    }
}
