import Core
import HTTPTypes
import Store
import Testing

@testable import Portal

@Suite("Sessions are listed and ended")
struct SessionEndpointTests {
    private static let sessions = "/tenants/acme/sessions"

    @Test("a tenant's sessions are listed with their users' addresses, those of one user by address")
    func listed() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let (erika, max) = (try await tenant.makeUser(), try await tenant.makeUser("max@acme.example"))
        let (one, two) = (try await tenant.makeSession(erika), try await tenant.makeSession(max, token: 2))
        let all = try await world.ask(.get, Self.sessions).read(Page<SessionResource>.self)
        #expect(all.items.map(\.session) == [one.id, two.id].map(\.description))
        #expect(all.items.map(\.email) == ["erika@acme.example", "max@acme.example"])
        #expect(all.items.first?.factors.map(\.factor) == ["password"])
        let first = try await world.ask(.get, Self.sessions + "?limit=1").read(Page<SessionResource>.self)
        #expect((first.items.count, first.next) == (1, one.id.description))
        let rest = try await world.ask(.get, Self.sessions + "?after=\(one.id)").read(Page<SessionResource>.self)
        #expect(rest.items.map(\.session) == [two.id.description])
        let his = try await world.ask(.get, Self.sessions + "?email=max@acme.example").read(Page<SessionResource>.self)
        #expect(his.items.map(\.session) == [two.id.description])
    }

    @Test("a session that has reached its end is not listed")
    func expired() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeSession(user, expiresAt: moment(10))
        let live = try await tenant.makeSession(user, token: 2, expiresAt: moment(11))
        for query in ["", "?email=erika@acme.example"] {
            let page = try await world.ask(.get, Self.sessions + query).read(Page<SessionResource>.self)
            #expect(page.items.map(\.session) == [live.id.description])
        }
    }

    @Test("one session is ended by its handle, and the loops are told")
    func endedByHandle() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        let (one, two) = (try await tenant.makeSession(user), try await tenant.makeSession(user, token: 2))
        let answer = try await world.ask(.delete, "\(Self.sessions)/\(one.id)").read(CountResource.self)
        #expect(answer.count == 1)
        #expect(world.told().notices == [.ended(.handle(try #require(SessionHandle(one.id.description))))])
        #expect(try await tenant.sessions.list().map(\.id) == [two.id])
        #expect(try await tenant.lastEntry().action == "session.revoked")
        let again = try await world.ask(.delete, "\(Self.sessions)/\(one.id)").problem()
        #expect((again.status, again.code) == (404, "session-missing"))
        // A loop that missed the first word gets it again.
        #expect(world.told().notices == [.ended(.handle(try #require(SessionHandle(one.id.description))))])
        #expect(try await world.ask(.delete, "\(Self.sessions)/x").problem().code == "input-malformed")
        #expect(world.told().notices.isEmpty)
    }

    @Test("a session is not ended from another tenant")
    func foreign() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        try await world.makeTenant("globex")
        let session = try await tenant.makeSession(try await tenant.makeUser())
        #expect(
            try await world.ask(.delete, "/tenants/globex/sessions/\(session.id)").problem().code == "session-missing")
        #expect(try await tenant.sessions.list().count == 1)
    }

    @Test("all sessions of a user end, those of others go on")
    func endedByUser() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let (erika, max) = (try await tenant.makeUser(), try await tenant.makeUser("max@acme.example"))
        _ = try await tenant.makeSession(erika)
        let other = try await tenant.makeSession(max, token: 2)
        let answer = try await world.ask(.delete, "/tenants/acme/users/\(erika.id)/sessions").read(CountResource.self)
        #expect(answer.count == 1)
        #expect(world.told().notices == [.ended(.user(erika.id, of: tenant.tenant))])
        #expect(try await tenant.sessions.list().map(\.id) == [other.id])
        let unknown = UserID(high: 1, low: 2)
        #expect(
            try await world.ask(.delete, "/tenants/acme/users/\(unknown)/sessions").problem().code == "user-unknown")
    }

    @Test("all sessions of a tenant end only where all=true says so")
    func endedByTenant() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        _ = try await tenant.makeSession(try await tenant.makeUser())
        #expect(try await world.ask(.delete, Self.sessions).problem().code == "field-missing")
        #expect(try await world.ask(.delete, Self.sessions + "?all=yes").problem().code == "value-refused")
        #expect(try await world.ask(.delete, Self.sessions + "?email=x").problem().code == "field-unknown")
        #expect(try await tenant.sessions.list().count == 1)
        #expect(try await world.ask(.delete, Self.sessions + "?all=true").read(CountResource.self).count == 1)
        #expect(world.told().notices == [.ended(.tenant(tenant.tenant))])
        #expect(try await tenant.sessions.list().isEmpty)
        #expect(try await tenant.lastEntry().action == "sessions.revoked")
    }
}
