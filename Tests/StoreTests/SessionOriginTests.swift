import Core
import Testing

@testable import Store

@Suite("By which connection a session came")
struct SessionOriginTests {
    private func meant(
        _ tenant: TenantStore, _ indexes: [String] = [], subject: String = ConnectionSample.subject,
        connection: String = "okta", entityID: String = ConnectionSample.entityID
    ) async throws -> Set<RowID> {
        Set(
            try await tenant.connections.sessions(
                connection: ConnectionSample.name(connection), entityID: entityID, subject: subject,
                sessionIndexes: indexes))
    }

    @Test("an origin comes back as it was, over a restart; a session by password has none")
    func kept() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let bare = SessionOrigin(
            connection: try ConnectionSample.name("entra"), entityID: "e", subject: "s", format: "",
            nameQualifier: nil, ownQualifier: "", sessionIndex: nil)
        let sessions = [
            try await tenant.makeSSOSession(user, token: 1),
            try await tenant.makeSSOSession(user, token: 2, origin: bare),
            try await tenant.makeSession(user, token: 3),
        ]
        try await store.close()
        let again = try await world.open()
        let reopened = try await again.tenant(tenant.tenant)
        var found: [SessionOrigin?] = []
        for session in sessions { found.append(try await reopened.connections.origin(of: session.id)) }
        #expect(found == [try ConnectionSample.origin(), bare, nil])
        #expect(await StoreVerification(again).run().isClean)
    }

    @Test("an origin goes with its session, whatever ends that")
    func vanishes() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let about = entry("session.revoked", subject: user.id)
        let endings: [@Sendable (StoredSession) async throws -> Void] = [
            { try await tenant.sessions.revoke($0.id, audit: about, at: time(60)) },
            { _ = try await tenant.sessions.revoke($0.id, of: user.id, audit: about, at: time(60)) },
            { _ in _ = try await tenant.sessions.revokeAll(of: user.id, audit: about, at: time(60)) },
            { _ in _ = try await tenant.sessions.revokeAll(of: nil, audit: about, at: time(60)) },
            { _ in _ = try await tenant.sessions.deleteExpired(at: time(2000)) },
            { _ in
                try await tenant.users.update(user.id, endingSessions: true, audit: about, at: time(60)) { _ in }
            },
            { _ in
                try await tenant.users.setPassword(argon2Sample(), of: user.id, audit: about, at: time(60))
            },
            { _ in
                let now = try #require(try await tenant.users.find(user.id))
                try await tenant.addApp(now)
            },
        ]
        for (number, end) in endings.enumerated() {
            let session = try await tenant.makeSSOSession(user, expiresAt: time(1000))
            #expect(try await tenant.originCount() == 1)
            #expect(try await tenant.connections.origin(of: session.id) != nil)
            try await end(session)
            #expect(try await tenant.originCount() == 0, "ending \(number)")
            #expect(try await tenant.connections.origin(of: session.id) == nil)
            #expect(try await meant(tenant).isEmpty)
        }
        // One that gives way to a newer one.
        try await tenant.makeSSOSession(user, token: 8)
        try await tenant.makeSSOSession(user, token: 9, limit: 1)
        #expect(try await tenant.originCount() == 1)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a logout's id is used up with the sessions that it ends, and ends none where it was used before")
    func endedOnce() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let (one, two) = (
            try await tenant.makeSSOSession(user, token: 1), try await tenant.makeSSOSession(user, token: 2)
        )
        func end(_ sessions: [StoredSession], using id: String) async throws -> [RowID]? {
            try await tenant.connections.end(
                sessions: sessions.map(\.id), using: id, until: time(500),
                audit: { _, user in entry("logout", subject: user) }, at: time(50))
        }
        #expect(try await end([one], using: "logout 1") == [one.id])
        #expect(try await end([two], using: "logout 1") == nil)
        #expect(try await tenant.sessions.find(two.id) != nil)
        // One that finds nothing is used up as well.
        #expect(try await end([], using: "logout 2") == [])
        #expect(try await end([two], using: "logout 2") == nil)
        #expect(try await !tenant.connections.use(["logout 1"], until: time(500), at: time(60)))
        #expect(try await end([two], using: "logout 3") == [two.id])
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a session's origin outlives a new token and a new password")
    func renewed() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let session = try await tenant.makeSSOSession(user)
        _ = try await tenant.sessions.renew(
            session.id, of: user.id, epoch: session.epoch, proving: ProvedFactor(.mfa, at: time(40)),
            with: digest(2), audit: entry("session.renewed", subject: user.id), at: time(40))
        #expect(try await tenant.connections.origin(of: session.id) == ConnectionSample.origin())
        #expect(try await tenant.sessions.find(digest(2))?.session.factors.map(\.factor) == [.sso, .mfa])
    }

    private func confirm(
        _ tenant: TenantStore, _ session: StoredSession, origin: SessionOrigin? = nil, endsAt: WallTime? = nil,
        on host: String? = nil, with token: UInt8 = 2
    ) async throws -> StoredSession {
        try await tenant.sessions.renew(
            session.id, on: host, of: session.user, epoch: session.epoch, proving: ProvedFactor(.sso, at: time(40)),
            with: digest(token), origin: origin, endsAt: endsAt,
            audit: entry("session.renewed", subject: session.user), at: time(40))
    }

    @Test("a session that its provider gave another name ends with a logout of either, and tells the new one")
    func renamed() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let session = try await tenant.makeSSOSession(user)
        // The same name: other sessions' logouts mean others.
        _ = try await confirm(tenant, session, origin: ConnectionSample.origin())
        #expect(try await meant(tenant, ["s-1"]) == [session.id])
        #expect(try await meant(tenant, ["s-2"]).isEmpty)
        let renamed = try ConnectionSample.origin(index: "s-2")
        _ = try await confirm(tenant, session, origin: renamed, with: 3)
        #expect(try await tenant.connections.origin(of: session.id) == renamed)
        #expect(try await meant(tenant, ["s-2"]) == [session.id])
        #expect(try await meant(tenant, ["s-1"]) == [session.id])
        #expect(try await tenant.originCount() == 1)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a session of which the provider says an earlier end ends then, on every host, and never later than before")
    func shortened() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let session = try await tenant.makeSSOSession(try await tenant.makeUser())
        #expect(
            try await tenant.sessions.offer(
                digest(100), of: digest(1), to: "docs.example.net", state: digest(101), at: time(30)))
        let handedOver = try await tenant.sessions.redeem(
            digest(100), on: "docs.example.net", state: digest(101), token: digest(9), at: time(31)
        ) { entry("session.handed-over", subject: $0.user) }
        #expect(handedOver != nil)
        #expect(try await confirm(tenant, session, endsAt: time(2_000_000)).expiresAt == session.expiresAt)
        let shorter = try await confirm(tenant, session, endsAt: time(500_000), with: 3)
        #expect(shorter.expiresAt == time(500_000) && shorter.provedAt(.sso) == time(40))
        #expect(try await tenant.sessions.find(digest(3))?.session.expiresAt == time(500_000))
        #expect(try await tenant.sessions.find(digest(9))?.session.expiresAt == time(500_000))
        // A proof on another host ends the whole session as early.
        let other = try await confirm(tenant, session, endsAt: time(400_000), on: "docs.example.net", with: 10)
        #expect(other.expiresAt == time(400_000))
        #expect(try await tenant.sessions.find(digest(10))?.session.expiresAt == time(400_000))
        #expect(try await tenant.sessions.find(digest(3))?.session.expiresAt == time(400_000))
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a logout means the subject's sessions of that connection and provider alone")
    func bySubject() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let first = try await tenant.makeSSOSession(user, token: 1)
        let second = try await tenant.makeSSOSession(user, token: 2, origin: ConnectionSample.origin(index: "s-2"))
        for (number, origin) in [
            try ConnectionSample.origin("entra"), try ConnectionSample.origin(subject: "other"),
            try ConnectionSample.origin(entityID: "https://other.example"),
        ].enumerated() {
            try await tenant.makeSSOSession(user, token: UInt8(10 + number), origin: origin)
        }
        #expect(try await meant(tenant) == [first.id, second.id])
        #expect(try await meant(tenant, subject: "nobody").isEmpty)
    }

    @Test("a logout that names sessions means those, and those of which the provider told no name")
    func byIndex() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        var ids: [RowID] = []
        for (number, index) in (["s-1", "s-2", "s-3", nil] as [String?]).enumerated() {
            let origin = try ConnectionSample.origin(index: index)
            ids.append(try await tenant.makeSSOSession(user, token: UInt8(number), origin: origin).id)
        }
        #expect(try await meant(tenant, ["s-2"]) == [ids[1], ids[3]])
        #expect(try await meant(tenant, ["s-1", "s-3", "unknown"]) == [ids[0], ids[2], ids[3]])
        #expect(try await meant(tenant) == Set(ids))
    }

    @Test("ended sessions are told, each with an entry of its own; one that had ended before is not")
    func ended() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let first = try await tenant.makeSSOSession(user, token: 1)
        let second = try await tenant.makeSSOSession(other, token: 2)
        let kept = try await tenant.makeSSOSession(user, token: 3)
        try await tenant.sessions.revoke(first.id, audit: entry("gone"), at: time(50))
        let before = try await tenant.actions().count
        let ended = try await tenant.connections.end(
            sessions: [first.id, second.id, second.id],
            audit: { session, user in
                AuditEntry(
                    action: "session.revoked", actor: .system, subject: user,
                    publicDetails: [.init("session", session.description)], sealedDetails: [.init("why", "logout")])
            }, at: time(60))
        #expect(ended == [second.id])
        let entries = try await tenant.audit.entries().dropFirst(before)
        #expect(entries.map(\.subject) == [other.id])
        #expect(entries.first?.publicDetails == [.init("session", second.id.description)])
        #expect(entries.first?.sealedDetails == [.init("why", "logout")])
        #expect(try await tenant.sessions.list().map(\.id) == [kept.id])
    }

    @Test("the sessions of a connection that is gone end, and nobody else's")
    func connectionGone() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let mine = [
            try await tenant.makeSSOSession(user, token: 1), try await tenant.makeSSOSession(user, token: 2),
        ].map(\.id)
        let other = try await tenant.makeSSOSession(user, token: 3, origin: ConnectionSample.origin("entra"))
        let password = try await tenant.makeSession(user, token: 4)
        #expect(try await tenant.connections.connectionsWithSessions().map(\.text) == ["entra", "okta"])
        func endAll() async throws -> [RowID] {
            try await tenant.connections.endAll(
                of: ConnectionSample.name(), audit: { entry("session.revoked \($0)", subject: $1) }, at: time(60))
        }
        #expect(try await Set(endAll()) == Set(mine))
        #expect(try await endAll() == [])
        #expect(try await Set(tenant.sessions.list().map(\.id)) == [other.id, password.id])
        #expect(try await tenant.connections.connectionsWithSessions().map(\.text) == ["entra"])
        #expect(await StoreVerification(store).run().isClean)
    }
}
