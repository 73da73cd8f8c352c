import Core
import Testing

@testable import Store

@Suite("Links that set a password")
struct LinkRepositoryTests {
    private func issue(
        _ tenant: TenantStore, _ user: User, token: UInt8 = 9, _ purpose: LinkPurpose = .passwordReset,
        expiresAt: WallTime = time(10_000), at now: WallTime = time(10)
    ) async throws {
        try await tenant.links.issue(
            digest(token), for: purpose, to: user.id, expiresAt: expiresAt,
            audit: entry("link.issued", subject: user.id), at: now)
    }

    private func find(
        _ tenant: TenantStore, token: UInt8 = 9, _ purpose: LinkPurpose = .passwordReset, at now: WallTime = time(20)
    ) async throws -> User? { try await tenant.links.find(digest(token), for: purpose, at: now)?.user }

    private func invited(_ tenant: TenantStore) async throws -> User {
        let user = User(state: .invited, email: "ida@acme.example", name: "Ida")
        return try await tenant.users.create(user, audit: entry("user.created", subject: user.id), at: time(2))
    }

    @Test("a link is good for its purpose, until its end, and for nothing else")
    func found() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue(tenant, user)
        #expect(try await find(tenant) == user)
        #expect(try await find(tenant, at: time(9999)) == user)
        #expect(try await find(tenant, at: time(10_000)) == nil)
        #expect(try await find(tenant, .invitation) == nil)
        #expect(try await find(tenant, token: 8) == nil)
        #expect(try await tenant.audit.entries().last?.action == "link.issued")
    }

    @Test("a newer link ends the former one of its purpose")
    func replaced() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue(tenant, user, token: 1)
        try await issue(tenant, user, token: 2)
        #expect(try await find(tenant, token: 1) == nil)
        #expect(try await find(tenant, token: 2) == user)
    }

    @Test("nobody is sent a link whose state does not fit: invitations are for the invited, resets for the active")
    func states() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, invited) = (try await tenant.makeUser(), try await invited(tenant))
        await #expect(throws: StoreConflict.notFound) { try await issue(tenant, user, .invitation) }
        await #expect(throws: StoreConflict.notFound) { try await issue(tenant, invited, .passwordReset) }
        try await tenant.users.update(user.id, audit: entry("user.disabled"), at: time(5)) { $0.state = .disabled }
        await #expect(throws: StoreConflict.notFound) { try await issue(tenant, user, .passwordReset) }
        await #expect(throws: StoreConflict.notFound) {
            try await issue(tenant, User(email: "x@acme.example", name: "X"))
        }
    }

    @Test("a link ends with every change of its user's password, address or state", arguments: [0, 1, 2, 3])
    func ends(change: Int) async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue(tenant, user)
        let entry = entry("changed", subject: user.id)
        switch change {
        case 0: try await tenant.users.setPassword(try argon2Sample(), of: user.id, audit: entry, at: time(15))
        case 1: try await tenant.users.setEmail("other@acme.example", of: user.id, audit: entry, at: time(15))
        case 2:
            for state in [User.State.disabled, .active] {
                try await tenant.users.update(user.id, audit: entry, at: time(15)) { $0.state = state }
            }
        default: try await tenant.users.update(user.id, endingSessions: true, audit: entry, at: time(15)) { _ in }
        }
        #expect(try await find(tenant) == nil)
    }

    @Test("a link outlives a rehash and a change of the name")
    func outlives() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue(tenant, user)
        try await tenant.users.setPassword(
            try argon2Sample(), of: user.id, isRehash: true, audit: entry("rehash"), at: time(15))
        try await tenant.users.update(user.id, audit: entry("renamed"), at: time(15)) { $0.name = "Erika M." }
        #expect(try await find(tenant)?.name == "Erika M.")
    }

    @Test("a password that was chosen by a link uses it up, ends sessions and makes the invited active")
    func spent() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await invited(tenant)
        try await issue(tenant, user, .invitation)
        try await tenant.setPassword(
            try argon2Sample(), of: user.id, by: digest(9), for: .invitation, history: 5,
            audit: entry("invitation.accepted", subject: user.id), at: time(20))
        let active = try #require(try await tenant.users.find(user.id))
        #expect(active.state == .active && active.hasPassword && active.epoch == 2)
        #expect(try await find(tenant, .invitation) == nil)
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.setPassword(
                try argon2Sample(), of: user.id, by: digest(9), for: .invitation, history: 5, audit: entry("again"),
                at: time(21))
        }
        #expect(try await tenant.audit.entries().last?.action == "invitation.accepted")
    }

    @Test("a link sets nobody else's password, none after its end, and none for another purpose")
    func foreign() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        try await issue(tenant, user)
        for (whose, purpose, moment) in [
            (other, LinkPurpose.passwordReset, time(20)), (user, .invitation, time(20)),
            (user, .passwordReset, time(10_000)),
        ] {
            await #expect(throws: StoreConflict.notFound) {
                try await tenant.setPassword(
                    try argon2Sample(), of: whose.id, by: digest(9), for: purpose, history: 5, audit: entry("never"),
                    at: moment)
            }
        }
        #expect(try await find(tenant) == user)
        #expect(try await tenant.users.find(other.id)?.hasPassword == false)
    }

    @Test("a row that was changed by another hand is no link")
    func forged() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await issue(tenant, user, expiresAt: time(15))
        try await store.close()
        try await world.tamper("tenants/acme.db", "UPDATE link SET expires_at = expires_at + 3600000")
        let again = try await world.open()
        let forged = try await again.tenant(tenant.tenant)
        await #expect(throws: StoreFault.self) { try await find(forged) }
    }

    @Test("links that have ended are deleted; an erased user's go with the user")
    func deleted() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        try await issue(tenant, user, token: 1, expiresAt: time(100))
        try await issue(tenant, other, token: 2)
        #expect(try await tenant.links.deleteExpired(at: time(100)) == 1)
        #expect(try await tenant.links.deleteExpired(at: time(100)) == 0)
        try await tenant.users.erase(other.id, audit: entry("user.erased"), at: time(200))
        #expect(try await find(tenant, token: 2) == nil)
    }
}
