import Core
import Testing

@testable import Store

@Suite("Users whom a provider brings")
struct ProvisioningTests {
    private func provision(
        _ tenant: TenantStore, _ email: String = "neu@acme.example", _ subject: String = ConnectionSample.subject,
        id: UserID = .random()
    ) async throws -> User {
        let user = User(id: id, roles: [try #require(RoleName("user"))], email: email, name: "Neu Geheim")
        return try await tenant.connections.provision(
            user, email: try #require(NormalizedEmail(email)), connection: ConnectionSample.name(),
            entityID: ConnectionSample.entityID, subject: subject, format: ConnectionSample.format,
            audit: [entry("user.created", subject: user.id), entry("connection.linked", subject: user.id)],
            at: time(30))
    }

    @Test("a new user and the link are there together, without a password, with their entries")
    func made() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await provision(tenant)
        #expect(try await tenant.users.find(user.id) == user)
        #expect(user.state == .active && !user.hasPassword && user.createdAt == time(30) && user.epoch == 1)
        #expect(try await tenant.owner() == user.id)
        #expect(try await tenant.actions() == ["user.created", "connection.linked"])
        let email = try #require(NormalizedEmail("neu@acme.example"))
        #expect(try await store.members.tenants(of: email) == [tenant.tenant])
        #expect(try await tenant.users.find(email: email)?.id == user.id)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("an address or a subject that is taken brings nobody")
    func taken() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let old = try await tenant.makeUser()
        await #expect(throws: StoreConflict.emailTaken) { try await provision(tenant, old.email) }
        #expect(try await tenant.owner() == nil)
        let user = try await provision(tenant)
        await #expect(throws: StoreConflict.linkTaken) { try await provision(tenant, "andere@acme.example") }
        #expect(try await tenant.users.list().count == 2)
        #expect(try await tenant.owner() == user.id)
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.connections.provision(
                User(email: "a@acme.example", name: ""), email: try #require(NormalizedEmail("b@acme.example")),
                connection: ConnectionSample.name(), entityID: "e", subject: "s", format: "", audit: [], at: time(31))
        }
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("of many first sign-ins at once, one makes the user and the others find the subject or address taken")
    func concurrent() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let outcomes = await withTaskGroup(of: Result<UserID, any Error>.self) { group in
            for number in 0..<12 {
                // Half of them fight for one address, all of them for one subject.
                let email = number.isMultiple(of: 2) ? "neu@acme.example" : "neu\(number)@acme.example"
                group.addTask {
                    do { return .success(try await provision(tenant, email).id) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: [Result<UserID, any Error>]()) { $0.append($1) }
        }
        let made = outcomes.compactMap { try? $0.get() }
        #expect(made.count == 1)
        for case .failure(let error) in outcomes {
            let conflict = try #require(error as? StoreConflict)
            #expect([.emailTaken, .linkTaken].contains(conflict))
        }
        #expect(try await tenant.users.list().map(\.id) == made)
        #expect(try await tenant.owner() == made.first)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("an erased id is not made again")
    func erased() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await provision(tenant)
        try await tenant.users.erase(user.id, audit: entry("user.erased", subject: user.id), at: time(50))
        await #expect(throws: StoreConflict.erased) { try await provision(tenant, id: user.id) }
        #expect(try await tenant.owner() == nil)
    }

    @Test("a password or a passkey is a credential; an app is not, and whoever is not there has no answer")
    func credentials() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        func has(_ user: User) async throws -> Bool { try await tenant.users.hasCredentials(of: user.id) }
        let user = try await provision(tenant)
        #expect(try await !has(user))
        try await tenant.addApp(user)
        #expect(try await !has(user))
        let passkey = try await tenant.addPasskey(user)
        #expect(try await has(user))
        try await tenant.removeFactor(passkey, of: user)
        #expect(try await !has(user))
        try await tenant.users.setPassword(
            argon2Sample(), of: user.id, audit: entry("password", subject: user.id), at: time(60))
        #expect(try await has(user))
        await #expect(throws: StoreConflict.notFound) { try await has(User(email: "", name: "")) }
    }

    @Test("another name or other roles end no session; an ended epoch does")
    func updated() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await provision(tenant)
        let session = try await tenant.makeSSOSession(user)
        let admin = try #require(RoleName("admin"))
        let changed = try await tenant.users.update(user.id, audit: entry("user.changed"), at: time(40)) {
            $0.name = "Anders"
            $0.roles = [admin]
        }
        #expect(changed.epoch == user.epoch && changed.roles == [admin])
        #expect(try await tenant.sessions.find(digest(1))?.session.id == session.id)
        #expect(try await tenant.connections.origin(of: session.id) != nil)
        try await tenant.users.update(user.id, endingSessions: true, audit: entry("user.disabled"), at: time(41)) {
            $0.state = .disabled
        }
        #expect(try await tenant.connections.origin(of: session.id) == nil)
        #expect(try await tenant.originCount() == 0)
    }
}
