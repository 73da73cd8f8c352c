import Access
import Core
import HTTPTypes
import Store
import Testing

@testable import Portal

@Suite("The operator's API: whose account a provider's subject is")
struct LinkEndpointTests {
    /// A member who is linked at one connection and has a session that came by it.
    private func linked(_ world: APIWorld) async throws -> (TenantStore, User) {
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        let okta = try #require(ConnectionName("okta"))
        try await tenant.connections.addLink(
            user.id, connection: okta, entityID: "urn:idp", subject: "s-1", format: "f",
            audit: AuditEntry(action: "account.linked", actor: .system, subject: user.id), at: moment(3))
        _ = try await tenant.makeSession(user)
        return (tenant, user)
    }

    @Test("a link is shown at its user, by connection and never by subject")
    func shown() async throws {
        let world = try await APIWorld()
        let (_, user) = try await linked(world)
        let answer = await world.ask(.get, "/tenants/acme/users/\(user.id)")
        #expect(try answer.read(UserResource.self).connections?.map(\.connection) == ["okta"])
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("s-1"))
    }

    @Test("unlinking removes the link, ends every session, and leaves nothing of what was proved before")
    func unlinked() async throws {
        let world = try await APIWorld()
        let (tenant, user) = try await linked(world)
        let gone = try await world.ask(.delete, "/tenants/acme/users/\(user.id)/links?connection=okta")
            .read(CountResource.self)
        #expect(gone.count == 1)
        #expect(try await tenant.connections.links(of: user.id) == [])
        #expect(try await tenant.sessions.list() == [])
        #expect(try #require(try await tenant.users.find(user.id)).epoch > user.epoch)
        #expect(world.told().notices == [.ended(.user(user.id, of: tenant.tenant))])
    }

    @Test("where the link went and the sessions did not, because a request broke off, another one ends them")
    func repeated() async throws {
        let world = try await APIWorld()
        let (tenant, user) = try await linked(world)
        _ = try await tenant.connections.removeLink(
            of: user.id, at: nil, audit: AuditEntry(action: "account.unlinked", actor: .operator), at: moment(4))
        let gone = try await world.ask(.delete, "/tenants/acme/users/\(user.id)/links").read(CountResource.self)
        #expect(gone.count == 0)
        #expect(try await tenant.sessions.list() == [])
    }

    @Test("another connection's link stays, and an unknown user is told")
    func others() async throws {
        let world = try await APIWorld()
        let (tenant, user) = try await linked(world)
        let none = try await world.ask(.delete, "/tenants/acme/users/\(user.id)/links?connection=entra")
            .read(CountResource.self)
        #expect(none.count == 0)
        #expect(try await tenant.connections.links(of: user.id).count == 1)
        let unknown = try await world.ask(.delete, "/tenants/acme/users/\(UserID(high: 7, low: 7))/links").problem()
        #expect(unknown.code == "user-unknown")
        let malformed = try await world.ask(.delete, "/tenants/acme/users/\(user.id)/links?connection=A%20b").problem()
        #expect(malformed.code == "input-malformed")
    }
}
