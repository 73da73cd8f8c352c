import Core
import Testing

@testable import Store

@Suite("Sessions on several hosts")
struct SessionHandoffTests {
    private let state: UInt8 = 200
    private let code: UInt8 = 100
    private let other = "b.example.org"

    /// A session with token 1, offered to `other` by `code`.
    private func offered() async throws -> (store: DataStore, tenant: TenantStore, session: StoredSession) {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let session = try await tenant.makeSession(try await tenant.makeUser())
        #expect(
            try await tenant.sessions.offer(
                digest(code), of: digest(1), to: other, state: digest(state), at: time(10)))
        return (store, tenant, session)
    }

    private func redeem(
        _ tenant: TenantStore, code: UInt8? = nil, host: String? = nil, state: UInt8? = nil, token: UInt8 = 2,
        at moment: Int64 = 20
    ) async throws -> SessionRepository.HandedOver? {
        try await tenant.sessions.redeem(
            digest(code ?? self.code), on: host ?? other, state: digest(state ?? self.state), token: digest(token),
            at: time(moment)
        ) { entry("session.handed-over", subject: $0.user) }
    }

    @Test("a code gives its host a token of the same session, which the first token still finds")
    func handedOver() async throws {
        let (store, tenant, session) = try await offered()
        let handed = try #require(try await redeem(tenant))
        #expect(handed.id == session.id)
        #expect(handed.user == session.user)
        #expect(handed.expiresAt == session.expiresAt)
        let found = try #require(try await tenant.sessions.find(digest(2)))
        #expect(found.session == session)
        #expect(found.host == other)
        #expect(try await tenant.sessions.find(digest(1))?.host == nil)
        #expect(try await tenant.sessions.list(of: session.user).count == 1)
        #expect(try await tenant.audit.entries().last?.action == "session.handed-over")
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a code works once")
    func once() async throws {
        let (_, tenant, _) = try await offered()
        #expect(try await redeem(tenant) != nil)
        #expect(try await redeem(tenant, token: 3) == nil)
        #expect(try await tenant.sessions.find(digest(3)) == nil)
    }

    @Test("a code is worth nothing after half a minute")
    func expired() async throws {
        let lifetime = Int64(SessionRepository.handoffLifetime.count)
        let (_, early, _) = try await offered()
        #expect(try await redeem(early, at: 10 + lifetime - 1) != nil)
        let (_, late, _) = try await offered()
        #expect(try await redeem(late, at: 10 + lifetime) == nil)
    }

    @Test("a code that comes to another host, or from another browser, is worth nothing from then on")
    func misplaced() async throws {
        for (host, state) in [("c.example.org", nil), (nil, 201)] as [(String?, UInt8?)] {
            let (_, tenant, _) = try await offered()
            #expect(try await redeem(tenant, host: host, state: state) == nil)
            #expect(try await redeem(tenant) == nil)
        }
    }

    @Test("a code that was never made is worth nothing")
    func unknown() async throws {
        let (_, tenant, _) = try await offered()
        #expect(try await redeem(tenant, code: 101) == nil)
        #expect(try await redeem(tenant) != nil)
    }

    @Test("every token ends with the session, and so do its codes")
    func ended() async throws {
        let (_, tenant, session) = try await offered()
        #expect(try await redeem(tenant) != nil)
        #expect(
            try await tenant.sessions.offer(
                digest(101), of: digest(2), to: "c.example.org", state: digest(state), at: time(30)))
        try await tenant.sessions.revoke(session.id, audit: entry("session.revoked"), at: time(31))
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        #expect(try await redeem(tenant, code: 101, host: "c.example.org", token: 3, at: 32) == nil)
        #expect(try await rows(tenant) == 0)
    }

    @Test("whoever is not active any more, or has another epoch, gets nothing for a code or a token")
    func suspended() async throws {
        let (_, tenant, session) = try await offered()
        #expect(try await redeem(tenant) != nil)
        #expect(
            try await tenant.sessions.offer(
                digest(101), of: digest(1), to: other, state: digest(state), at: time(30)))
        try await tenant.users.update(session.user, audit: entry("state"), at: time(31)) { $0.state = .disabled }
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        #expect(try await redeem(tenant, code: 101, token: 3, at: 32) == nil)
        #expect(
            try await !tenant.sessions.offer(
                digest(102), of: digest(1), to: other, state: digest(state), at: time(33)))
    }

    @Test("a session that is over by the clock hands nothing over")
    func over() async throws {
        let (_, tenant, _) = try await offered()
        #expect(
            try await !tenant.sessions.offer(
                digest(101), of: digest(1), to: other, state: digest(state), at: time(1_000_000)))
        #expect(
            try await tenant.sessions.offer(
                digest(102), of: digest(1), to: other, state: digest(state), at: time(999_999)))
        #expect(try await redeem(tenant, code: 102, at: 1_000_000) == nil)
    }

    @Test("a token is worth what the one was worth that it came from")
    func factors() async throws {
        let (_, tenant, session) = try await offered()
        #expect(try await redeem(tenant) != nil)
        let raised = ProvedFactor(.password, at: time(40))
        _ = try await tenant.sessions.renew(
            session.id, of: session.user, epoch: session.epoch, proving: raised, with: digest(4),
            audit: entry("session.confirmed"), at: time(40))
        #expect(try await tenant.sessions.find(digest(4))?.session.factors == [raised])
        #expect(try await tenant.sessions.find(digest(2))?.session.factors == session.factors)
        #expect(try await tenant.sessions.find(session.id, on: other)?.factors == session.factors)
        #expect(
            try await tenant.sessions.offer(
                digest(101), of: digest(4), to: other, state: digest(state), at: time(41)))
        #expect(try await redeem(tenant, code: 101, token: 5, at: 42) != nil)
        #expect(try await tenant.sessions.find(digest(5))?.session.factors == [raised])
        #expect(try await tenant.sessions.find(session.id, on: other)?.factors == [raised])
    }

    @Test("a proof on one host gives that host a new token; the others stay worth what they were")
    func renewed() async throws {
        let (store, tenant, session) = try await offered()
        #expect(try await redeem(tenant) != nil)
        let raised = ProvedFactor(.password, at: time(40))
        _ = try await tenant.sessions.renew(
            session.id, on: other, of: session.user, epoch: session.epoch, proving: raised, with: digest(6),
            audit: entry("session.confirmed"), at: time(40))
        let found = try #require(try await tenant.sessions.find(digest(6)))
        #expect(found.session.factors == [raised] && found.host == other)
        #expect(found.session.expiresAt == session.expiresAt)
        #expect(try await tenant.sessions.find(digest(1))?.session == session)
        #expect(try await tenant.sessions.find(session.id)?.factors == session.factors)
        // Requests that are under way with the old one have half a minute.
        let old = try #require(try await tenant.sessions.find(digest(2))?.session)
        #expect(old.factors == session.factors)
        #expect(old.expiresAt == time(40 + Int64(SessionRepository.formerTokenLifetime.count)))
        #expect(try await tenant.sessions.find(session.id, on: "docs.example.net") == nil)
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.sessions.renew(
                session.id, on: "docs.example.net", of: session.user, epoch: session.epoch, proving: raised,
                with: digest(7), audit: entry("session.confirmed"), at: time(41))
        }
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a newer token of a host leaves the older one half a minute")
    func replaced() async throws {
        let (_, tenant, session) = try await offered()
        #expect(try await redeem(tenant) != nil)
        let grace = Int64(SessionRepository.formerTokenLifetime.count)
        for (number, moment) in [(3, 100), (4, 101 + grace)] as [(UInt8, Int64)] {
            #expect(
                try await tenant.sessions.offer(
                    digest(code), of: digest(1), to: other, state: digest(state), at: time(moment)))
            #expect(try await redeem(tenant, token: number, at: moment) != nil)
        }
        #expect(try await tenant.sessions.find(digest(2)) == nil, "its time was over when the third came")
        #expect(try await tenant.sessions.find(digest(3))?.session.expiresAt == time(101 + 2 * grace))
        #expect(try await tenant.sessions.find(digest(4))?.session.expiresAt == session.expiresAt)
    }

    @Test("a session has so many tokens and codes at most, and the oldest go")
    func bounded() async throws {
        let (_, tenant, _) = try await offered()
        #expect(try await redeem(tenant, token: 90) != nil)
        for number in 0..<UInt8(HostTokens.mostOfSession) {
            let (host, moment) = ("h\(number).example.org", 100 + Int64(number))
            #expect(
                try await tenant.sessions.offer(
                    digest(code), of: digest(1), to: host, state: digest(state), at: time(moment)))
            #expect(try await redeem(tenant, host: host, token: 2 + number, at: moment) != nil)
        }
        #expect(try await tenant.sessions.find(digest(90)) == nil)
        #expect(try await tenant.sessions.find(digest(2)) != nil)
        #expect(try await rows(tenant) == Int64(HostTokens.mostOfSession))
        for number in 0..<UInt8(HandoffCodes.mostOfSession + 1) {
            #expect(
                try await tenant.sessions.offer(
                    digest(220 + number), of: digest(1), to: other, state: digest(state), at: time(200 + Int64(number)))
            )
        }
        #expect(try await rows(tenant) == Int64(HostTokens.mostOfSession + HandoffCodes.mostOfSession))
        #expect(try await redeem(tenant, code: 220, token: 90, at: 300) == nil)
        #expect(try await redeem(tenant, code: 221, token: 90, at: 300) != nil)
    }

    static let statements: [StaticString] = [
        "UPDATE session_token SET host = 'evil.example.org'", "UPDATE session_token SET factors = 'totp:1'",
        "UPDATE session_token SET token = zeroblob(32)", "UPDATE session_token SET ends_at = ends_at + 1",
        "UPDATE handoff SET host = 'evil.example.org'",
        "UPDATE handoff SET state = zeroblob(32)", "UPDATE handoff SET expires_at = expires_at + 1",
    ]

    @Test(
        "whoever can write the file can move no token to another host and prolong no code",
        arguments: 0..<statements.count)
    func forged(index: Int) async throws {
        let statement = Self.statements[index]
        let (store, tenant, _) = try await offered()
        #expect(try await redeem(tenant) != nil)
        #expect(
            try await tenant.sessions.offer(
                digest(101), of: digest(2), to: other, state: digest(state), at: time(30)))
        try await tenant.database.transaction { _ = try $0.execute(statement) }
        #expect(await !StoreVerification(store).run().isClean)
    }

    private func rows(_ tenant: TenantStore) async throws -> Int64? {
        try await tenant.database.transaction {
            try $0.first("SELECT (SELECT count(*) FROM session_token) + (SELECT count(*) FROM handoff)")?.integer(0)
        }
    }
}
