import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Connecting an account with a provider")
struct SSOLinkingTests {
    private func pending(_ world: SSOWorld) async throws -> PendingLink {
        try #require(try await world.answer().pending)
    }

    private func signIn(_ world: SSOWorld, _ email: String = LoginWorld.email) async throws -> SignedIn {
        try #require(try await world.base.signIn(email).session)
    }

    @Test("whoever signs in with the account's password connects it; the next sign-in is the provider's")
    func links() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let link = try await pending(world)
        let session = try await signIn(world)
        #expect(await world.sso.completeLink(link, by: session, visit: try world.visit()))
        #expect(try await world.answer().session?.user == user.id)
        #expect(world.sso.metrics.linked == 1)
        // Once more is no harm.
        #expect(await world.sso.completeLink(link, by: session, visit: try world.visit()))
    }

    @Test("another account than the one with the address is not connected")
    func other() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let max = try await world.base.makeUser(world.tenant, email: "max@acme.example")
        let link = try await pending(world)
        let session = try await signIn(world, "max@acme.example")
        #expect(await !world.sso.completeLink(link, by: session, visit: try world.visit()))
        for id in [user.id, max.id] { #expect(try await world.tenant.connections.links(of: id).isEmpty) }
        #expect(world.sso.metrics.refused["link-refused"] == 1)
    }

    @Test("too late, at a connection that is not in use, or by a session of another tenant nothing is connected")
    func bounds() async throws {
        let world = try await SSOWorld()
        try await world.base.makeUser(world.tenant)
        let link = try await pending(world)
        let session = try await signIn(world)
        world.settings.change { $0[0].isEnabled = false }
        #expect(await !world.sso.completeLink(link, by: session, visit: try world.visit()))
        world.settings.change { $0[0].isEnabled = true }
        let elsewhere = PendingLink(
            tenant: try tenantID("globex"), connection: link.connection, entityID: link.entityID,
            subject: link.subject, format: link.format, email: link.email, at: link.at)
        #expect(await !world.sso.completeLink(elsewhere, by: session, visit: try world.visit()))
        world.base.clock.advance(PendingLink.lifetime)
        #expect(await world.sso.completeLink(link, by: session, visit: try world.visit()))
        world.base.clock.advance(Milliseconds(1))
        #expect(await !world.sso.completeLink(link, by: session, visit: try world.visit()))
    }

    @Test("two who have the same pending link: the first one has it, the second none")
    func twice() async throws {
        let world = try await SSOWorld()
        try await world.base.makeUser(world.tenant)
        let first = try await pending(world)
        let other = try await world.answer { $0.subject = "u-2" }
        let second = try #require(other.pending)
        let session = try await signIn(world)
        #expect(await world.sso.completeLink(first, by: session, visit: try world.visit()))
        #expect(await !world.sso.completeLink(second, by: session, visit: try world.visit()))
    }

    @Test("a pending link survives in the sealed attempt, and one that was changed does not")
    func sealed() async throws {
        let world = try await SSOWorld()
        try await world.base.makeUser(world.tenant)
        var attempt = LoginAttempt.begun(at: world.now)
        attempt.link = try await pending(world)
        let seal = LoginAttemptSeal(forms: world.base.store.forms)
        let text = seal.seal(attempt, browser: "b1", host: SSOWorld.host)
        #expect(seal.open(text, browser: "b1", host: SSOWorld.host, now: world.now)?.link == attempt.link)
        #expect(PendingLink(sealedPart: [1, 2, 3]) == nil && SSOProof(sealedPart: [1, 2, 3]) == nil)
    }

    @Test("the longest names and the longest way back fit a sealed attempt")
    func longest() async throws {
        let world = try await SSOWorld()
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        let room = SSOProof.longest - 2304 - world.name.text.utf8.count
        let proof = SSOProof(
            connection: world.name, entityID: text(1024), subject: text(1024), format: text(256),
            sessionIndex: text(room), provedAt: world.now, endsAt: world.now)
        let member = ProvedMember(
            tenant: world.id, user: .random(), epoch: 1, at: world.now, first: .sso,
            second: ProvedFactor(.mfa, at: world.now), isSure: true, sso: proof)
        let link = PendingLink(
            tenant: world.id, connection: world.name, entityID: text(1024), subject: text(1024), format: text(256),
            email: text(254), at: world.now)
        let attempt = LoginAttempt(
            id: [UInt8](repeating: 1, count: LoginAttempt.idByteCount), beganAt: world.now,
            email: text(LoginAttempt.longestEmail), returnTo: SafeRedirect("/" + text(SafeRedirect.longestTarget - 1)),
            tenant: world.id, proved: [member],
            enrolment: [UInt8](repeating: 1, count: LoginAttempt.longestEnrolment), link: link)
        let seal = LoginAttemptSeal(forms: world.base.store.forms)
        let sealed = seal.seal(attempt, browser: "b1", host: SSOWorld.host)
        #expect(sealed.utf8.count <= LoginAttemptSeal.longestText)
        let opened = seal.open(sealed, browser: "b1", host: SSOWorld.host, now: world.now)
        let isWhole = opened == attempt
        #expect(isWhole)
    }
}
