import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("The password of a member, once more")
struct ConfirmationTests {
    private func confirm(
        _ world: LoginWorld, _ session: SignedIn, _ password: String = LoginWorld.password, user: UserID? = nil
    ) async throws -> ConfirmationOutcome {
        await world.login.confirm(
            session.handle, of: user ?? session.user, in: session.tenant,
            password: SecretBytes(copying: Array(password.utf8)), client: try clientAddress("203.0.113.7"),
            deviceToken: session.deviceToken)
    }

    private func signedIn(_ world: LoginWorld) async throws -> (TenantStore, SignedIn) {
        let acme = try await world.makeTenant()
        try await world.makeUser(acme)
        guard let session = try await world.signIn().session else { throw Missing() }
        return (acme, session)
    }

    @Test("the right one gives the session a new token and the proof a new time, and leaves an entry")
    func confirmed() async throws {
        let world = try await LoginWorld()
        let (acme, session) = try await signedIn(world)
        world.clock.advance(.minutes(20))
        guard case .confirmed(let renewed) = try await confirm(world, session) else { throw Missing() }
        #expect(renewed.handle == session.handle)
        #expect(renewed.token != session.token)
        #expect(!renewed.isRemembered)
        #expect(renewed.expiresAt == session.expiresAt)
        let digest = try #require(SessionTokens.digest(renewed.token))
        #expect(renewed.digest == digest.octets)
        let stored = try #require(try await acme.sessions.find(digest)?.session)
        #expect(stored.provedAt(.password) == world.clock.wall())
        #expect(stored.createdAt < world.clock.wall())
        #expect(try await acme.audit.entries().last?.action == "session.confirmed")
    }

    @Test("a wrong one, an empty one and one that is none are refused on the answer's step")
    func refused() async throws {
        let world = try await LoginWorld()
        let (acme, session) = try await signedIn(world)
        let held = world.holds.value.count
        for password in ["wrong", "", String(repeating: "x", count: 10_000)] {
            #expect(try await confirm(world, session, password) == .refused)
        }
        #expect(world.holds.value.count == held + 3)
        #expect(try await acme.audit.entries().last?.action == "login.failed")
    }

    @Test("an ended session is not confirmed, and nobody confirms the session of somebody else")
    func ended() async throws {
        let world = try await LoginWorld()
        let (acme, session) = try await signedIn(world)
        let other = try await world.makeUser(acme, email: "max@acme.example")
        #expect(try await confirm(world, session, user: other.id) == .ended)
        let id = try #require(RowID(session.handle.description))
        try await acme.sessions.revoke(id, audit: entry("session.revoked"), at: world.clock.wall())
        #expect(try await confirm(world, session) == .ended)
    }
}
