import Core
import Foundation
import HostCrypto
import Testing

@testable import Store

@Suite("Users who move in")
struct ArrivalTests {
    private static let cheap = "pbkdf2_sha256$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let dear = "pbkdf2_sha256$1000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let dearest = "pbkdf2_sha256$2000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    private func arriving(
        _ email: String, id: UserID? = nil, externalID: String? = nil, hash: String? = nil
    ) throws -> ArrivingUser {
        ArrivingUser(
            user: User(id: id ?? .random(), email: email, name: "Erika Musterfrau", externalID: externalID),
            email: try #require(NormalizedEmail(email)), bringsID: id != nil,
            password: try hash.map { try PasswordHash.importing($0) })
    }

    private func admit(
        _ users: [ArrivingUser], to tenant: TenantStore, isTrial: Bool = false
    ) async throws -> [Arrival] {
        try await tenant.users.admit(
            users, isTrial: isTrial, audit: { entry("user.imported", subject: $0.id) }, at: time(2))
    }

    @Test("they are written with their ids, hashes, keys and entries, and found by their addresses")
    func written() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let (first, second) = (UserID.random(), UserID.random())
        let outcome = try await admit(
            [
                arriving("a@acme.example", id: first, externalID: "4711", hash: Self.cheap),
                arriving("b@acme.example", id: second),
            ], to: tenant)
        #expect(outcome == [.created(first), .created(second)])
        let user = try #require(try await tenant.users.find(first))
        #expect(user.passwordHash?.text == Self.cheap)
        #expect(user.externalID == "4711" && user.createdAt == time(2) && user.epoch == 1)
        #expect(try await tenant.users.find(second)?.hasPassword == false)
        let email = try #require(NormalizedEmail("B@acme.example"))
        #expect(try await tenant.users.find(email: email)?.id == second)
        #expect(try await store.members.tenants(of: email) == [tenant.tenant])
        let entries = try await tenant.audit.entries()
        #expect(entries.map(\.action) == ["user.imported", "user.imported"])
        #expect(entries.map(\.subject) == [first, second])
        #expect(try await tenant.audit.verify().brokenAt == nil)
    }

    @Test("the same users again are unchanged, whether they bring their ids or not")
    func again() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let id = UserID.random()
        let users = [try arriving("a@acme.example", id: id), try arriving("b@acme.example", externalID: "7")]
        let first = try await admit(users, to: tenant)
        let same = [try arriving("A@acme.example", id: id), try arriving("b@acme.example", externalID: "7")]
        let unchanged = try await admit(same, to: tenant)
        #expect(first == [.created(id), .created(users[1].user.id)])
        #expect(unchanged == [.unchanged(id), .unchanged(users[1].user.id)])
        #expect(try await tenant.audit.entries().count == 2)
    }

    @Test(
        "another user's address, another address's id and an erased id are told apart, and nothing is written of them")
    func refused() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (id, gone) = (UserID.random(), UserID.random())
        _ = try await admit(
            [arriving("a@acme.example", id: id, externalID: "1"), arriving("gone@acme.example", id: gone)], to: tenant)
        try await tenant.users.erase(gone, audit: entry("user.erased"), at: time(3))
        let new = UserID.random()
        let outcome = try await admit(
            [
                arriving("a@acme.example", id: .random()), arriving("other@acme.example", id: id),
                arriving("gone@acme.example", id: gone), arriving("a@acme.example", externalID: "2"),
                arriving("new@acme.example", id: new), arriving("new@acme.example", id: .random()),
            ], to: tenant)
        #expect(
            outcome == [
                .emailTaken(by: id), .idTaken, .erased, .emailTaken(by: id), .created(new), .emailTaken(by: new),
            ])
        #expect(try await tenant.users.list().count == 2)
    }

    @Test("a trial tells the same and writes nothing")
    func trial() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let id = UserID.random()
        let users = [try arriving("a@acme.example", id: id, hash: Self.dear)]
        #expect(try await admit(users, to: tenant, isTrial: true) == [.created(id)])
        #expect(try await tenant.users.list().isEmpty)
        #expect(try await tenant.audit.entries().isEmpty)
        #expect(try await store.dearHashes.dearest(of: tenant.tenant) == nil)
    }

    @Test("what the dearest hash costs is known of a tenant and of all, and is forgotten with the last of them")
    func dearHashes() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let other = try await world.makeTenant(store, "other")
        let ids = (0..<3).map { _ in UserID.random() }
        _ = try await admit(
            [
                arriving("a@acme.example", id: ids[0], hash: Self.dear),
                arriving("b@acme.example", id: ids[1], hash: Self.dearest),
                arriving("c@acme.example", id: ids[2], hash: Self.cheap),
            ], to: tenant)
        let (dear, dearest) = (
            try PasswordHash.importing(Self.dear).work, try PasswordHash.importing(Self.dearest).work
        )
        #expect(try await store.dearHashes.dearest(of: tenant.tenant) == dearest)
        #expect(try await store.dearHashes.dearest(of: other.tenant) == nil)
        #expect(try await store.dearHashes.dearest(of: nil) == dearest)
        // A password of ours takes one's place, the erasure of its owner the other's.
        let own = try #require(Argon2Sample.hash)
        try await tenant.users.setPassword(own, of: ids[1], isRehash: true, audit: entry("rehash"), at: time(4))
        #expect(try await store.dearHashes.dearest(of: tenant.tenant) == dear)
        try await tenant.users.erase(ids[0], audit: entry("user.erased"), at: time(5))
        #expect(try await store.dearHashes.dearest(of: tenant.tenant) == nil)
        #expect(try await store.dearHashes.dearest(of: nil) == nil)
    }

    @Test("a rule for signing in is kept, and a tenant without one has none")
    func signInRule() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let rule = SignInRule(methods: [], breakGlass: ["it@acme.example"])
        #expect(try await store.tenants.find(tenant.tenant)?.signIn == SignInRule())
        try await store.tenants.update(tenant.tenant, audit: entry("tenant.changed"), at: time(2)) { $0.signIn = rule }
        #expect(try await store.tenants.find(tenant.tenant)?.signIn == rule)
        try await store.close()
        // The addresses are persons'.
        #expect(try world.files().values.allSatisfy { $0.range(of: Data("it@acme.example".utf8)) == nil })
    }
}
