import Core
import HostCrypto
import Testing

@testable import Store

@Suite("Passwords that members change")
struct PasswordChangeTests {
    private func member(_ tenant: TenantStore) async throws -> User {
        let user = User(email: "erika.muster@acme.example", name: "Erika")
        return try await tenant.users.create(
            user, password: try argon2Sample(), audit: entry("user.created", subject: user.id), at: time(2))
    }

    @Test("one session goes on under a new token; the others, links and devices are gone")
    func kept() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await member(tenant)
        let session = try await tenant.makeSession(user, token: 1)
        _ = try await tenant.makeSession(user, token: 2)
        try await tenant.devices.remember(digest(7), of: user.id, expiresAt: time(100_000), at: time(5))
        try await tenant.links.issue(
            digest(9), for: .passwordReset, to: user.id, expiresAt: time(10_000), audit: entry("link"), at: time(6))
        let epoch = try await tenant.changePassword(
            try argon2Sample(), of: user.id, replacing: .own(try argon2Sample()), keeping: (session.id, digest(3)),
            history: 5, audit: entry("password.changed", subject: user.id), at: time(50))
        #expect(epoch == user.epoch + 1)
        #expect(try await tenant.sessions.find(digest(1)) == nil)
        #expect(try await tenant.sessions.find(digest(2)) == nil)
        let renewed = try #require(try await tenant.sessions.find(digest(3))?.session)
        #expect(renewed.id == session.id && renewed.expiresAt == session.expiresAt && renewed.epoch == epoch)
        #expect(renewed.factors == [ProvedFactor(.password, at: time(50))])
        #expect(try await !tenant.devices.isKnown(digest(7), to: user.id, at: time(51)))
        #expect(try await tenant.links.find(digest(9), for: .passwordReset, at: time(51)) == nil)
    }

    @Test("on one of several hosts the new token is that host's, and the session's only one", arguments: [true, false])
    func keptOnHost(isHosts: Bool) async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await member(tenant)
        let session = try await tenant.makeSession(user, token: 1)
        let host = "shop.example.net"
        for (code, name) in [(10, host), (11, "docs.example.net")] as [(UInt8, String)] {
            #expect(
                try await tenant.sessions.offer(
                    digest(code), of: digest(1), to: name, state: digest(99), at: time(10)))
            #expect(
                try await tenant.sessions.redeem(
                    digest(code), on: name, state: digest(99), token: digest(code + 10), at: time(11)
                ) { entry("session.handed-over", subject: $0.user) } != nil)
        }
        #expect(
            try await tenant.sessions.offer(digest(12), of: digest(1), to: host, state: digest(99), at: time(12)))
        _ = try await tenant.changePassword(
            try argon2Sample(), of: user.id, replacing: .own(try argon2Sample()), keeping: (session.id, digest(3)),
            on: isHosts ? host : nil, history: 5, audit: entry("password.changed", subject: user.id), at: time(50))
        let found = try #require(try await tenant.sessions.find(digest(3)))
        #expect(found.session.id == session.id && found.host == (isHosts ? host : nil))
        #expect(found.session.factors == [ProvedFactor(.password, at: time(50))])
        for token in [1, 20, 21] as [UInt8] { #expect(try await tenant.sessions.find(digest(token)) == nil) }
        let late = try await tenant.sessions.redeem(
            digest(12), on: host, state: digest(99), token: digest(30), at: time(51)
        ) { entry("never", subject: $0.user) }
        #expect(late == nil)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("nothing is changed where the session has ended, is another's, or another password was faster")
    func overtaken() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await member(tenant)
        let other = try await tenant.makeUser("other@acme.example")
        let (ended, foreign) = (
            try await tenant.makeSession(user, token: 1), try await tenant.makeSession(other, token: 2)
        )
        try await tenant.sessions.revoke(ended.id, audit: entry("session.revoked"), at: time(10))
        for session in [ended, foreign] {
            await #expect(throws: StoreConflict.notFound) {
                try await tenant.changePassword(
                    try argon2Sample(), of: user.id, replacing: .own(try argon2Sample()),
                    keeping: (session.id, digest(3)),
                    history: 5, audit: entry("never"), at: time(50))
            }
        }
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.changePassword(
                try argon2Sample(), of: other.id, replacing: .own(try argon2Sample()), keeping: nil, history: 5,
                audit: entry("never"), at: time(50))
        }
        #expect(try await tenant.users.find(user.id)?.epoch == user.epoch)
        #expect(try await tenant.sessions.find(digest(2)) != nil)
    }

    @Test("a password that must be changed is so until another one is set, also through a rehash")
    func mustChange() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await member(tenant)
        #expect(!user.mustChangePassword)
        try await tenant.users.setPassword(
            try argon2Sample(), of: user.id, mustChange: true, audit: entry("set"), at: time(5))
        try await tenant.users.setPassword(
            try argon2Sample(), of: user.id, isRehash: true, audit: entry("rehash"), at: time(6))
        let marked = try #require(try await tenant.users.find(user.id))
        #expect(marked.mustChangePassword && marked.passwordHashes.count == 2)
        _ = try await tenant.changePassword(
            try argon2Sample(), of: user.id, replacing: .own(try argon2Sample()), keeping: nil, history: 5,
            audit: entry("changed"), at: time(7))
        let changed = try #require(try await tenant.users.find(user.id))
        #expect(!changed.mustChangePassword && changed.passwordHashes.count == 3)
    }

    @Test("whoever is invited and is given a password by the operator is active")
    func invited() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.users.create(
            User(state: .invited, email: "ida@acme.example", name: "Ida"), audit: entry("user.created"), at: time(2))
        try await tenant.users.setPassword(try argon2Sample(), of: user.id, audit: entry("set"), at: time(5))
        #expect(try await tenant.users.find(user.id)?.state == .active)
    }
}
