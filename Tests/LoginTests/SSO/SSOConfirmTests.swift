import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Proving anew at a provider")
struct SSOConfirmTests {
    private func holder(_ session: SignedIn) -> AccountHolder {
        AccountHolder(
            tenant: session.tenant, user: session.user, session: session.handle,
            token: SessionTokens.digest(session.token))
    }

    @Test("the member of a session proves anew who they are, and the session goes on under a new token")
    func confirms() async throws {
        let world = try await SSOWorld { $0.countsAsMFA = true }
        let session = try #require(try await world.answer().session)
        world.base.clock.advance(.minutes(10))
        let attempt = try await world.attempt(.confirm(holder(session)), returnTo: "/account")
        #expect(attempt.forcedSince == world.now)
        guard case .confirmed(let renewed, let returnTo) = try await world.answer(attempt) else {
            Issue.record("not confirmed")
            return
        }
        #expect(returnTo?.target == "/account" && renewed.handle == session.handle && renewed.token != session.token)
        let stored = try await world.stored(session)
        #expect(stored.provedAt(.sso) == world.now && stored.provedAt(.mfa) == world.now)
        #expect(stored.expiresAt == session.expiresAt)
        #expect(world.sso.metrics.confirmed == 1)
    }

    @Test("the provider's new name of its session, and an earlier end, hold from the confirmation on")
    func renamed() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let id = try #require(RowID(session.handle.description))
        func meant(_ index: String) async throws -> [RowID] {
            try await world.tenant.connections.sessions(
                connection: world.name, entityID: TestProvider.usual, subject: "u-4711", sessionIndexes: [index])
        }
        #expect(try await meant("_s2").isEmpty)
        let end = world.now.advanced(by: .minutes(20))
        let attempt = try await world.attempt(.confirm(holder(session)))
        let outcome = try await world.answer(attempt) {
            $0.sessionIndex = "_s2"
            $0.sessionEnd = end
        }
        guard case .confirmed(let renewed, _) = outcome else {
            Issue.record("not confirmed")
            return
        }
        #expect(renewed.expiresAt == end)
        #expect(try await world.stored(session).expiresAt == end)
        #expect(try await meant("_s2") == [id])
        #expect(try await world.tenant.connections.origin(of: id)?.sessionIndex == "_s2")
    }

    @Test("a connection that does not count as a second factor proves the first alone")
    func firstAlone() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        _ = try await world.answer(try await world.attempt(.confirm(holder(session))))
        #expect(try await world.stored(session).factors.map(\.factor) == [.sso])
    }

    @Test("somebody else of the same provider confirms nothing")
    func other() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let other = try await world.answer {
            $0.subject = "u-2"
            $0.attributes = [("mail", ["max@acme.example"])]
        }
        #expect(other.session != nil)
        for subject in ["u-2", "nobody"] {
            let attempt = try await world.attempt(.confirm(holder(session)))
            #expect(try await world.answer(attempt) { $0.subject = subject }.refusal == "account-differs")
        }
        #expect(try await world.answer(try await world.attempt(.confirm(holder(session)))).refusal == nil)
    }

    @Test("a session at the provider that was there before confirms nothing")
    func old() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let before = world.now
        world.base.clock.advance(.minutes(5))
        let attempt = try await world.attempt(.confirm(holder(session)))
        #expect(try await world.answer(attempt) { $0.authenticatedAt = before }.refusal == "authentication-too-old")
    }

    @Test("a session that ended, or has another token by now, is not confirmed")
    func ended() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let late = try await world.attempt(.confirm(holder(session)))
        #expect(try await world.answer(try await world.attempt(.confirm(holder(session)))).refusal == nil)
        #expect(try await world.answer(late).refusal == "session-ended")
        let other = try #require(try await world.answer().session)
        let attempt = try await world.attempt(.confirm(holder(other)))
        try await world.login.signOut(other.handle, of: world.id, user: other.user)
        #expect(try await world.answer(attempt).refusal == "session-ended")
    }

    @Test("an answer to a confirmation makes no session of its own")
    func noSession() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let outcome = try await world.answer(try await world.attempt(.confirm(holder(session))))
        #expect(outcome.session == nil)
        #expect(try await world.tenant.sessions.list(of: session.user).count == 1)
    }
}
