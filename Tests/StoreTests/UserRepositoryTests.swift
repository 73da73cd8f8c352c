import Core
import HostCrypto
import Testing

@testable import Store

@Suite("Users")
struct UserRepositoryTests {
    @Test("a user is found by id and by every spelling of the address")
    func found() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        #expect(try await tenant.users.find(user.id) == user)
        #expect(user.externalID == "ext-4711")
        let email = try #require(NormalizedEmail(" ERIKA.muster@ACME.example "))
        #expect(try await tenant.users.find(email: email) == user)
        #expect(try await store.members.tenants(of: email) == [tenant.tenant])
        #expect(try await tenant.users.find(.random()) == nil)
        let nobody = try #require(NormalizedEmail("nobody@acme.example"))
        #expect(try await tenant.users.find(email: nobody) == nil)
        #expect(try await store.members.tenants(of: nobody).isEmpty)
    }

    @Test("an address belongs to one user of a tenant, and to one of each tenant")
    func unique() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await tenant.makeUser()
        await #expect(throws: StoreConflict.emailTaken) { try await tenant.makeUser("Erika.Muster@acme.example") }
        let second = try await tenant.makeUser("second@acme.example")
        await #expect(throws: StoreConflict.emailTaken) {
            try await tenant.users.setEmail(
                "erika.muster@acme.example", of: second.id, audit: entry("user.email"), at: time(5))
        }
        let other = try await world.makeTenant(store, "other")
        _ = try await other.makeUser()
        let email = try #require(NormalizedEmail("erika.muster@acme.example"))
        #expect(try await store.members.tenants(of: email).map(\.text) == ["acme", "other"])
    }

    @Test("a change is written with its entry, and ends sessions only where it says so")
    func changed() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeSession(user)
        let admin = try #require(RoleName("admin"))
        let changed = try await tenant.users.update(
            user.id, audit: entry("user.roles", subject: user.id), at: time(9)
        ) { $0.roles.append(admin) }
        #expect(changed.roles.map(\.text) == ["user", "admin"])
        #expect(try await tenant.users.find(user.id) == changed)
        #expect(try await tenant.sessions.find(digest(1))?.user == changed)
        try await tenant.users.update(
            user.id, endingSessions: true, audit: entry("user.disabled", subject: user.id), at: time(10)
        ) { $0.state = .disabled }
        #expect(try await tenant.sessions.find(digest(1)) == nil)
        let actions = try await tenant.audit.entries().map(\.action)
        #expect(actions == ["user.created", "session.began", "user.roles", "user.disabled"])
    }

    @Test("a change that fails leaves neither the change nor an entry")
    func failed() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        await #expect(throws: StoreConflict.userNotActive) {
            try await tenant.users.update(user.id, audit: entry("never"), at: time(9)) { user in
                user.name = "changed"
                throw StoreConflict.userNotActive
            }
        }
        #expect(try await tenant.users.find(user.id) == user)
        #expect(try await tenant.audit.entries().map(\.action) == ["user.created"])
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.users.update(.random(), audit: entry("never"), at: time(9)) { _ in }
        }
    }

    @Test("a new password ends sessions and keeps so many former ones; a rehash does neither")
    func passwords() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let (first, second) = (try #require(Argon2Sample.hash), try #require(Argon2Sample.other))
        #expect(try await tenant.users.passwordHash(of: user.id) == nil)
        try await tenant.users.setPassword(first, of: user.id, audit: entry("password"), at: time(3))
        _ = try await tenant.makeSession(user)
        try await tenant.users.setPassword(second, of: user.id, isRehash: true, audit: entry("rehash"), at: time(4))
        #expect(try await tenant.users.passwordHash(of: user.id) == .own(second))
        #expect(try await tenant.users.passwordHistory(of: user.id).isEmpty)
        #expect(try await tenant.sessions.find(digest(1)) != nil)
        try await tenant.users.setPassword(first, of: user.id, history: 1, audit: entry("password"), at: time(5))
        try await tenant.users.setPassword(second, of: user.id, history: 1, audit: entry("password"), at: time(6))
        #expect(try await tenant.users.passwordHistory(of: user.id) == [.own(first)])
        #expect(try await tenant.sessions.find(digest(1)) == nil)
    }

    @Test("devices are forgotten with a new password and with a disabling, and stay with a re-hash and other changes")
    func devicesForgotten() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        let hash = try #require(Argon2Sample.hash)
        func isKnown(_ token: UInt8, to user: User) async throws -> Bool {
            try await tenant.devices.isKnown(digest(token), to: user.id, at: time(50))
        }
        try await tenant.devices.remember(digest(1), of: user.id, expiresAt: time(100), at: time(1))
        try await tenant.devices.remember(digest(2), of: other.id, expiresAt: time(100), at: time(1))
        try await tenant.users.setPassword(
            hash, of: user.id, isRehash: true, audit: entry("password.rehashed"), at: time(5))
        try await tenant.users.setEmail("new@acme.example", of: user.id, audit: entry("user.email"), at: time(6))
        try await tenant.users.update(user.id, audit: entry("user.name"), at: time(7)) { $0.name = "Erika" }
        #expect(try await isKnown(1, to: user))
        try await tenant.users.setPassword(hash, of: user.id, audit: entry("password.set"), at: time(8))
        #expect(try await !isKnown(1, to: user))
        try await tenant.devices.remember(digest(3), of: user.id, expiresAt: time(100), at: time(9))
        #expect(try await isKnown(3, to: user))
        try await tenant.users.update(user.id, endingSessions: true, audit: entry("user.disabled"), at: time(10)) {
            $0.state = .disabled
        }
        #expect(try await !isKnown(3, to: user))
        #expect(try await isKnown(2, to: other))
    }

    @Test("another address is found, the old one no more")
    func email() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.users.setEmail("new@acme.example", of: user.id, audit: entry("user.email"), at: time(5))
        let (old, new) = (
            try #require(NormalizedEmail(user.email)), try #require(NormalizedEmail("new@acme.example"))
        )
        #expect(try await tenant.users.find(email: old) == nil)
        #expect(try await tenant.users.find(email: new)?.id == user.id)
        #expect(try await store.members.tenants(of: old).isEmpty)
        #expect(try await store.members.tenants(of: new) == [tenant.tenant])
    }

    @Test("an erased user is gone for good, and the audit chain stays whole without the sealed details")
    func erased() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.audit.append(
            entry("note", subject: user.id, sealed: [.init("from", "203.0.113.77")]), at: time(4))
        #expect(try await tenant.audit.entries().last?.sealedDetails == [.init("from", "203.0.113.77")])
        try await tenant.users.erase(user.id, audit: entry("user.erased", subject: user.id), at: time(5))
        #expect(try await tenant.users.find(user.id) == nil)
        let entries = try await tenant.audit.entries()
        #expect(entries.map(\.action) == ["user.created", "note", "user.erased"])
        #expect(entries[1].sealedDetails == nil)
        #expect(try await tenant.audit.verify() == AuditChainReport(count: 3, brokenAt: nil))
        // The same id never gets a key again.
        await #expect(throws: StoreConflict.erased) {
            try await tenant.users.create(
                User(id: user.id, email: user.email, name: ""), audit: entry("user.created"), at: time(6))
        }
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.users.erase(user.id, audit: entry("user.erased"), at: time(7))
        }
        #expect(await StoreVerification(store).run().isClean)
        // A new account with the address is another person.
        #expect(try await tenant.makeUser().id != user.id)
    }

    @Test("an entry about somebody who never had a key is read, unless something were to be sealed")
    func entryWithoutKey() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let nobody = UserID.random()
        try await tenant.audit.append(entry("attempt", subject: nobody), at: time(1))
        #expect(try await tenant.audit.entries().map(\.subject) == [nobody])
        await #expect(throws: StoreFault.keyMissing(tenant: "acme")) {
            try await tenant.audit.append(entry("attempt", subject: nobody, sealed: [.init("a", "b")]), at: time(2))
        }
    }

    @Test("pages are complete and without repetition")
    func pages() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        var made: Set<UserID> = []
        for number in 0..<7 { made.insert(try await tenant.makeUser("u\(number)@acme.example").id) }
        var seen: [UserID] = []
        while true {
            let page = try await tenant.users.list(after: seen.last, limit: 3)
            if page.isEmpty { break }
            seen += page.map(\.id)
        }
        #expect(seen.count == 7)
        #expect(Set(seen) == made)
    }
}
