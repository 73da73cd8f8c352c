import Core
import Testing

@testable import Store

@Suite("Links between accounts and providers' subjects")
struct AccountLinkTests {
    @Test("a subject finds its account, over a restart, and the link says what it was made of")
    func found() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.link(user, at: time(11))
        try await store.close()
        let again = try await world.open().tenant(tenant.tenant)
        let link = AccountLink(
            connection: try ConnectionSample.name(), user: user.id, subject: ConnectionSample.subject,
            format: ConnectionSample.format, createdAt: time(11), usedAt: time(11))
        #expect(
            try await again.connections.link(
                connection: link.connection, entityID: ConnectionSample.entityID, subject: link.subject) == link)
        #expect(try await again.connections.links(of: user.id) == [link])
        #expect(try await again.actions().last == "connection.linked")
    }

    @Test("another subject, connection, provider or tenant finds nobody")
    func others() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let other = try await StoreWorld().makeTenant(store, "other")
        try await tenant.link(try await tenant.makeUser())
        #expect(try await tenant.owner() != nil)
        #expect(try await tenant.owner("SUBJECT-7f3a-geheim") == nil)
        #expect(try await tenant.owner(ConnectionSample.subject + " ") == nil)
        #expect(try await tenant.owner(by: "okta-2") == nil)
        #expect(try await tenant.owner(entityID: "https://idp.evil.example") == nil)
        #expect(try await other.owner() == nil)
        // Nor do parts that give the same text together.
        #expect(
            try await tenant.owner(
                String(ConnectionSample.subject.dropFirst()), entityID: ConnectionSample.entityID + "s") == nil)
    }

    @Test("a subject that is linked cannot be taken by another account, nor a second one be joined to its own")
    func taken() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        try await tenant.link(user)
        let before = try await tenant.actions().count
        await #expect(throws: StoreConflict.linkTaken) { try await tenant.link(other) }
        await #expect(throws: StoreConflict.linkTaken) { try await tenant.link(user) }
        await #expect(throws: StoreConflict.linkTaken) { try await tenant.link(user, "second-subject") }
        #expect(try await tenant.owner() == user.id)
        #expect(try await tenant.owner("second-subject") == nil)
        #expect(try await tenant.connections.links(of: other.id) == [])
        #expect(try await tenant.actions().count == before)
        // Another connection's same subject is somebody else.
        try await tenant.link(user, by: "entra")
        try await tenant.link(other, "second-subject")
        #expect(try await tenant.connections.links(of: user.id).map(\.connection.text) == ["entra", "okta"])
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a link that nobody proved ends what the account had, in its transaction, and nobody else's")
    func ending() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let mine = [
            try await tenant.makeSession(user, token: 1), try await tenant.makeSSOSession(user, token: 2),
        ].map(\.id)
        let others = try await tenant.makeSession(other, token: 3)
        for (token, owner) in [(10, user), (11, other)] as [(UInt8, User)] {
            try await tenant.devices.remember(digest(token), of: owner.id, expiresAt: time(9000), at: time(5))
        }
        let ended = try await tenant.link(user, endingSessions: true, at: time(20))
        #expect(Set(ended) == Set(mine))
        #expect(try await tenant.owner() == user.id)
        #expect(try await tenant.sessions.list().map(\.id) == [others.id])
        #expect(try await tenant.devices.count(of: user.id, at: time(21)) == 0)
        #expect(try await tenant.devices.count(of: other.id, at: time(21)) == 1)
        let after = try #require(try await tenant.users.find(user.id))
        #expect(after.epoch == user.epoch + 1)
        // What was proved before makes neither a device nor anything else from now on.
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.devices.remember(
                digest(12), of: user.id, epoch: user.epoch, expiresAt: time(9000), at: time(21))
        }
        // A link that cannot be ends nothing.
        let later = try await tenant.makeSession(user, token: 4)
        await #expect(throws: StoreConflict.linkTaken) {
            try await tenant.link(user, "second-subject", endingSessions: true)
        }
        #expect(try await tenant.sessions.find(later.id) != nil)
        #expect(try await tenant.users.find(user.id)?.epoch == after.epoch)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a link that was proved ends nothing")
    func proved() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let session = try await tenant.makeSession(user, token: 1)
        #expect(try await tenant.link(user).isEmpty)
        #expect(try await tenant.sessions.find(session.id) != nil)
        #expect(try await tenant.users.find(user.id)?.epoch == user.epoch)
    }

    @Test("of many accounts that reach for one subject at once, one gets it")
    func concurrent() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        var users: [User] = []
        for number in 0..<8 { users.append(try await tenant.makeUser("user\(number)@acme.example")) }
        let linked = await withTaskGroup(of: UserID?.self) { group in
            for user in users {
                group.addTask { (try? await tenant.link(user)).map { _ in user.id } }
            }
            return await group.reduce(into: [UserID]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(linked.count == 1)
        #expect(try await tenant.owner() == linked.first)
    }

    @Test("nobody is linked who is not there, or was erased")
    func missing() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.link(User(email: "nobody@acme.example", name: "Nobody"))
        }
        try await tenant.users.erase(user.id, audit: entry("user.erased", subject: user.id), at: time(50))
        await #expect(throws: StoreConflict.notFound) { try await tenant.link(user) }
        #expect(try await tenant.owner() == nil)
    }

    @Test("a removed link is gone, those of other connections and members stay, and nothing is told of none")
    func removed() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        for connection in ["entra", "okta", "ping"] { try await tenant.link(user, by: connection) }
        try await tenant.link(other, "second-subject")
        func remove(_ connection: String?) async throws -> Int {
            try await tenant.connections.removeLink(
                of: user.id, at: connection.map { try ConnectionSample.name($0) },
                audit: entry("connection.unlinked", subject: user.id), at: time(40))
        }
        #expect(try await remove("none") == 0)
        #expect(try await remove("okta") == 1)
        #expect(try await remove("okta") == 0)
        #expect(try await tenant.owner() == nil)
        #expect(try await tenant.connections.links(of: user.id).map(\.connection.text) == ["entra", "ping"])
        #expect(try await remove(nil) == 2)
        #expect(try await tenant.owner("second-subject") == other.id)
        #expect(try await tenant.actions().filter { $0 == "connection.unlinked" }.count == 2)
        // The subject may belong to somebody else from now on.
        try await tenant.link(other, by: "ping")
        #expect(try await tenant.owner(by: "ping") == other.id)
    }

    @Test("a use is noted, never goes back in time, and of no link is a conflict")
    func used() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.link(user, at: time(10))
        let name = try ConnectionSample.name()
        for moment in [50, 40] as [Int64] {
            try await tenant.connections.noteUse(
                connection: name, entityID: ConnectionSample.entityID, subject: ConnectionSample.subject,
                at: time(moment))
            #expect(try await tenant.connections.links(of: user.id).map(\.usedAt) == [time(50)])
        }
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.connections.noteUse(
                connection: name, entityID: ConnectionSample.entityID, subject: "nobody", at: time(60))
        }
        #expect(try await tenant.owner("nobody") == nil)
        #expect(try await tenant.connections.links(of: user.id).map(\.createdAt) == [time(10)])
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("with an erased member all their links go, and nobody else's")
    func erased() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        try await tenant.link(user)
        try await tenant.link(user, by: "entra")
        try await tenant.link(other, "second-subject")
        try await tenant.makeSSOSession(user)
        try await tenant.users.erase(user.id, audit: entry("user.erased", subject: user.id), at: time(50))
        #expect(try await tenant.owner() == nil)
        #expect(try await tenant.owner("second-subject") == other.id)
        let rows = try await tenant.database.transaction { try $0.query("SELECT 1 FROM account_link").count }
        #expect(rows == 1)
        #expect(try await tenant.originCount() == 0)
        // The subject may be somebody new.
        try await tenant.link(other, by: "entra")
        #expect(await StoreVerification(store).run().isClean)
    }
}
