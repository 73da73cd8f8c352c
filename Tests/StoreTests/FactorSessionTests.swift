import Core
import Testing

@testable import Store

@Suite("Sessions when factors change")
struct FactorSessionTests {
    private let host = "shop.example.net"

    /// A member with three sessions by tokens 1 to 3; the second has a token on another host, 12, a former one, 2, and a
    /// code that waits, 22.
    private func signedIn() async throws -> (store: DataStore, tenant: TenantStore, user: User, kept: RowID) {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let kept = try await tenant.makeSession(user, token: 1)
        let second = try await tenant.makeSession(user, token: 2)
        _ = try await tenant.makeSession(user, token: 3)
        #expect(try await tenant.sessions.offer(digest(21), of: digest(2), to: host, state: digest(99), at: time(5)))
        #expect(try await redeem(tenant, code: 21, token: 12) != nil)
        #expect(try await tenant.sessions.offer(digest(22), of: digest(2), to: host, state: digest(99), at: time(5)))
        _ = try await tenant.sessions.renew(
            second.id, of: user.id, epoch: user.epoch, proving: ProvedFactor(.password, at: time(6)),
            with: digest(4), audit: entry("session.confirmed"), at: time(6))
        for token in [1, 2, 3, 4, 12] as [UInt8] { #expect(try await tenant.sessions.find(digest(token)) != nil) }
        return (store, tenant, user, kept.id)
    }

    private func redeem(
        _ tenant: TenantStore, code: UInt8, token: UInt8
    ) async throws -> SessionRepository.HandedOver? {
        try await tenant.sessions.redeem(
            digest(code), on: host, state: digest(99), token: digest(token), at: time(7)
        ) { entry("session.handed-over", subject: $0.user) }
    }

    private func expectEnded(_ tenant: TenantStore, _ tokens: [UInt8]) async throws {
        for token in tokens { #expect(try await tenant.sessions.find(digest(token)) == nil, "token \(token)") }
        #expect(try await redeem(tenant, code: 22, token: 13) == nil)
        let left = try await tenant.database.transaction { transaction in
            try transaction.query("SELECT token FROM former_token UNION ALL SELECT token FROM session_token").count
        }
        #expect(left == 0)
    }

    @Test("with the first factor every session ends but the one that goes on, with all tokens and codes")
    func first() async throws {
        let (store, tenant, user, kept) = try await signedIn()
        let other = try await tenant.makeUser("second@acme.example")
        _ = try await tenant.makeSession(other, token: 50)
        try await tenant.addApp(user, keeping: kept)
        let found = try #require(try await tenant.sessions.find(digest(1)))
        #expect(found.session.id == kept && found.user.epoch == user.epoch)
        try await expectEnded(tenant, [2, 3, 4, 12])
        #expect(try await tenant.sessions.find(digest(50)) != nil)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("with the first factor at a sign-in every session ends")
    func firstAtSignIn() async throws {
        let (_, tenant, user, _) = try await signedIn()
        try await tenant.addPasskey(user)
        try await expectEnded(tenant, [1, 2, 3, 4, 12])
    }

    @Test("a further factor ends no session")
    func further() async throws {
        let (_, tenant, user, kept) = try await signedIn()
        try await tenant.addApp(user, keeping: kept)
        _ = try await tenant.makeSession(user, token: 5)
        try await tenant.addPasskey(user, keeping: kept)
        #expect(try await tenant.sessions.find(digest(1)) != nil)
        #expect(try await tenant.sessions.find(digest(5)) != nil)
    }

    @Test("with any factor that is taken away every session ends but the one that goes on", arguments: [false, true])
    func removed(isLast: Bool) async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let app = try await tenant.addApp(user)
        if !isLast { try await tenant.addPasskey(user) }
        let kept = try await tenant.makeSession(user, token: 1)
        _ = try await tenant.makeSession(user, token: 2)
        try await tenant.removeFactor(app, of: user, keeping: kept.id)
        #expect(try await tenant.sessions.find(digest(1))?.session.id == kept.id)
        #expect(try await tenant.sessions.find(digest(2)) == nil)
    }

    @Test("a refused change ends no session")
    func refused() async throws {
        let (_, tenant, user, kept) = try await signedIn()
        let app = try await tenant.addApp(user, keeping: kept)
        _ = try await tenant.makeSession(user, token: 5)
        await #expect(throws: FactorConflict.lastRequired) {
            try await tenant.removeFactor(app, of: user, keepingLast: true)
        }
        #expect(try await tenant.sessions.find(digest(1)) != nil)
        #expect(try await tenant.sessions.find(digest(5)) != nil)
    }

    @Test("a reset takes factors, codes, sessions, links and devices, and begins another epoch")
    func reset() async throws {
        let (store, tenant, user, kept) = try await signedIn()
        try await tenant.addApp(user, codes: FactorSample.codes, keeping: kept)
        try await tenant.addPasskey(user)
        try await tenant.devices.remember(digest(9), of: user.id, expiresAt: time(100_000), at: time(5))
        try await tenant.links.issue(
            digest(8), for: .passwordReset, to: user.id, expiresAt: time(10_000), audit: entry("link"), at: time(6))
        let count = try await tenant.factors.reset(
            user.id, code: ("12345678", time(1000)), audit: entry("factors.reset", subject: user.id), at: time(50))
        #expect(count == 2)
        try await expectEnded(tenant, [1, 2, 3, 4, 12])
        let after = try #require(try await tenant.users.find(user.id))
        #expect(after.epoch == user.epoch + 1 && !after.hasSecondFactor)
        let factors = try await tenant.factors.all(of: user.id)
        #expect(!factors.hasSecondFactor && factors.recoveryCodesLeft == 0)
        #expect(try await !tenant.devices.isKnown(digest(9), to: user.id, at: time(51)))
        #expect(try await tenant.links.find(digest(8), for: .passwordReset, at: time(51)) == nil)
        #expect(try await tenant.database.transaction { try $0.query("SELECT 1 FROM link").isEmpty })
        #expect(try await tenant.factors.isEnrolmentCode("12345678", of: user.id, at: time(51)))
        #expect(try await tenant.audit.entries().last?.action == "factors.reset")
        // What was proved before is worth nothing any more.
        await #expect(throws: StoreConflict.notFound) { try await tenant.addApp(user, at: time(52)) }
        try await tenant.addApp(after, at: time(53))
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a reset of a member without factors ends sessions all the same, and says that there were none")
    func resetOfNothing() async throws {
        let (_, tenant, user, _) = try await signedIn()
        #expect(try await tenant.factors.reset(user.id, audit: entry("factors.reset"), at: time(50)) == 0)
        try await expectEnded(tenant, [1, 2, 3, 4, 12])
    }

    @Test("a change that cannot be recorded is not done at all")
    func unrecorded() async throws {
        let (_, tenant, user, kept) = try await signedIn()
        try await tenant.database.transaction { try $0.execute("ALTER TABLE audit RENAME TO audit_away") }
        await #expect(throws: StoreFault.self) {
            try await tenant.addApp(user, codes: FactorSample.codes, keeping: kept)
        }
        try await tenant.database.transaction { try $0.execute("ALTER TABLE audit_away RENAME TO audit") }
        let factors = try await tenant.factors.all(of: user.id)
        #expect(!factors.hasSecondFactor && factors.recoveryCodesLeft == 0 && factors.graceBeganAt == nil)
        for token in [1, 2, 3, 4, 12] as [UInt8] { #expect(try await tenant.sessions.find(digest(token)) != nil) }
    }
}
