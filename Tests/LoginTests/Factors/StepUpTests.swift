import Core
import Store
import TestAuthenticator
import Testing
import WebAuthn

@testable import Login

@Suite("A factor proved anew within a session")
struct StepUpTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)

    private func stepUp(
        _ stage: FactorWorld, _ proof: FactorProof, _ session: SignedIn, from address: String = FactorWorld.address
    ) async throws -> StepUpOutcome {
        await stage.factors.stepUp(proof, stage.holder(session), try stage.visit(address))
    }

    @Test("the right code gives the session a new token and the proof a new time, and leaves an entry")
    func confirmed() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let session = try await stage.signedIn()
        stage.world.clock.advance(.minutes(20))
        let held = stage.world.holds.value.count
        guard case .confirmed(let renewed, nil) = try await stepUp(stage, .totp(stage.code()), session) else {
            throw Missing()
        }
        #expect(stage.world.holds.value.count == held)
        #expect(renewed.handle == session.handle && renewed.token != session.token)
        #expect(renewed.expiresAt == session.expiresAt && !renewed.isRemembered)
        let digest = try #require(SessionTokens.digest(renewed.token))
        #expect(renewed.digest == digest.octets)
        let stored = try #require(try await stage.tenant.sessions.find(digest)?.session)
        #expect(stored.provedAt(.totp) == stage.world.clock.wall())
        #expect(stored.provedAt(.password).map { $0 < stage.world.clock.wall() } == true)
        #expect(try await stage.audit().last == "session.confirmed totp")
        // The former token is worth what it was, for half a minute.
        #expect(try await stage.session(session).provedAt(.totp).map { $0 < stage.world.clock.wall() } == true)
    }

    @Test("a member of a tenant that asks for nothing proves a factor all the same where a route wants one")
    func withoutRule() async throws {
        let stage = try await FactorWorld(.none)
        try await stage.addApp()
        let session = try #require(try await stage.world.signIn().session)
        #expect(try await stage.factors.stepUpRequest(stage.holder(session)).factors == [.totp])
        guard case .confirmed = try await stepUp(stage, .totp(stage.code()), session) else { throw Missing() }
    }

    @Test("a recovery code says how many are left; a passkey is asked for by its id")
    func others() async throws {
        let stage = try await FactorWorld()
        let codes = RecoveryCode.makeSet()
        try await stage.addApp(codes: codes)
        let key = try await stage.addPasskey()
        let session = try await stage.signedIn()
        let request = try await stage.factors.stepUpRequest(stage.holder(session))
        #expect(request.factors == [.passkey, .totp, .recoveryCode])
        #expect(request.passkey?.credentials.map(\.id) == [key.credentialID])
        guard case .confirmed(_, 9) = try await stepUp(stage, .recoveryCode(codes[0]), session) else { throw Missing() }
        guard case .confirmed(_, nil) = try await stepUp(stage, key.proof(Self.challenge), session) else {
            throw Missing()
        }
        #expect(try await stage.audit().suffix(2) == ["session.confirmed recovery-code", "session.confirmed passkey"])
    }

    @Test("a wrong one costs a guess of the same bucket as at sign-in; beyond it none is looked at")
    func wrong() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let session = try await stage.signedIn()
        #expect(try await stepUp(stage, .totp("12"), session) == .wrong(.notACode))
        #expect(try await stepUp(stage, .totp(stage.code()), session) == .wrong(.used))
        for _ in 0..<4 { #expect(try await stepUp(stage, .totp(stage.wrongCode()), session) == .wrong(.wrong)) }
        stage.world.clock.advance(.minutes(1))
        #expect(try await stepUp(stage, .totp(stage.code()), session) == .throttled(retryAfter: .minutes(2)))
        let entry = try #require(
            try await stage.tenant.audit.entries().last { $0.action == "login.factor-failed" })
        #expect(entry.publicDetails.contains(.init("session", session.handle.description)))
        #expect(stage.world.holds.value.last == AnswerPacing.standardStep)
        let member = try await stage.secondStep().member
        #expect(try await stage.prove(.totp(stage.code()), of: member).isThrottled)
    }

    @Test("a session that has ended, and one of somebody else, is proved nothing")
    func ended() async throws {
        let stage = try await FactorWorld()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        try await stage.addApp()
        let session = try await stage.signedIn()
        stage.world.clock.advance(.minutes(1))
        let foreign = AccountHolder(tenant: session.tenant, user: other.id, session: session.handle)
        #expect(await stage.factors.stepUp(.totp(stage.code()), foreign, try stage.visit()) == .ended)
        try await stage.change { $0.state = .suspended }
        #expect(try await stepUp(stage, .totp(stage.code()), session) == .ended)
        try await stage.change { $0.state = .active }
        let id = try #require(RowID(session.handle.description))
        try await stage.tenant.sessions.revoke(id, audit: entry("session.revoked"), at: stage.world.clock.wall())
        #expect(try await stepUp(stage, .totp(stage.code()), session) == .ended)
        await #expect(throws: StoreConflict.notFound) {
            try await stage.factors.stepUpRequest(stage.holder(session))
        }
        #expect(stage.guessesLeft() == nil)
    }

    @Test("the token of before is worth what it was: what the session proves meanwhile is not its holder's")
    func formerToken() async throws {
        let stage = try await FactorWorld()
        let session = try #require(try await stage.world.signIn().session)
        let former = AccountHolder(
            tenant: session.tenant, user: session.user, session: session.handle,
            token: SessionTokens.digest(session.token))
        try await stage.addApp(keeping: session)
        let outcome = await stage.factors.stepUp(.totp(stage.code()), former, try stage.visit())
        guard case .confirmed(let renewed, nil) = outcome else { throw Missing() }
        let owner = AccountHolder(
            tenant: session.tenant, user: session.user, session: session.handle,
            token: SessionTokens.digest(renewed.token))
        #expect(try await stage.factors.demand(owner, try stage.visit()) == EnrolmentDemand.none)
        #expect(try await stage.factors.list(former).needsSecondFactor)
        #expect(try await stage.factors.demand(former, try stage.visit()) == .proof)
        await #expect(throws: FactorAccountFault.proofTooOld) {
            try await stage.factors.newRecoveryCodes(former, try stage.visit())
        }
        // Nor does it come by more: neither by a code nor by the password.
        stage.world.clock.advance(.seconds(29))
        #expect(await stage.factors.stepUp(.totp(stage.code(1)), former, try stage.visit()) == .ended)
        let confirmed = await stage.world.login.confirm(
            former.session, by: former.token, of: former.user, in: former.tenant,
            password: secret(LoginWorld.password), client: try clientAddress("203.0.113.7"), deviceToken: nil)
        #expect(confirmed == .ended)
        #expect(try await stage.factors.demand(owner, try stage.visit()) == EnrolmentDemand.none)
    }

    @Test("the same code twice at once proves once")
    func twice() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let session = try await stage.signedIn()
        stage.world.clock.advance(.minutes(1))
        let code = stage.code()
        let proved = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    if case .confirmed = try await stepUp(stage, .totp(code), session) { true } else { false }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(proved == 1)
    }
}
