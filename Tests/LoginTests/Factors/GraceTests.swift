import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("The time in which a factor may be put off")
struct GraceTests {
    private static let days = Milliseconds.hours(14 * 24)

    @Test("it begins at the first sign-in that would have asked, and is the same at every later one")
    func begins() async throws {
        let stage = try await FactorWorld(.required, grace: Self.days)
        stage.world.clock.advance(.hours(500))
        let end = stage.world.clock.wall().advanced(by: Self.days)
        #expect(try await stage.enrolmentStep().laterUntil == end)
        stage.world.clock.advance(.hours(100))
        #expect(try await stage.enrolmentStep().laterUntil == end)
        #expect(
            try await stage.tenant.factors.all(of: stage.user.id).graceBeganAt?.advanced(by: Self.days) == end)
    }

    @Test("within it the member goes on with the password alone; the session has proved no more")
    func later() async throws {
        let stage = try await FactorWorld(.required, grace: Self.days)
        let step = try await stage.enrolmentStep()
        let session = try #require(await stage.factors.later(step.member, try stage.visit()).session)
        #expect(try await stage.session(session).factors.map(\.factor) == [.password])
        #expect(try await stage.audit().last == "login.succeeded password")
    }

    @Test("afterwards, and without any, setting a factor up is a must")
    func over() async throws {
        let stage = try await FactorWorld(.required, grace: Self.days)
        _ = try await stage.enrolmentStep()
        stage.world.clock.advance(Self.days)
        let step = try await stage.enrolmentStep()
        #expect(step.laterUntil == nil)
        guard case .enrol(let again) = await stage.factors.later(step.member, try stage.visit()) else {
            throw Missing()
        }
        #expect(again.laterUntil == nil)
        let strict = try await FactorWorld(.required)
        let member = try await strict.enrolmentStep().member
        guard case .enrol = await strict.factors.later(member, try strict.visit()) else { throw Missing() }
        #expect(try await strict.tenant.factors.all(of: strict.user.id).graceBeganAt == nil)
        #expect(try await strict.tenant.sessions.list(of: strict.user.id).isEmpty)
    }

    @Test("whoever ever had a factor has no such time, and nobody puts off a factor that they have")
    func had() async throws {
        let stage = try await FactorWorld(.required, grace: Self.days)
        let member = try await stage.enrolmentStep().member
        let id = try await stage.addApp()
        guard case .secondFactor = await stage.factors.later(member, try stage.visit()) else { throw Missing() }
        try await stage.tenant.factors.remove(
            id, of: stage.user.id, keepingLast: false, keeping: nil, audit: entry("factor.removed"),
            at: stage.world.clock.wall())
        #expect(try await stage.enrolmentStep().laterUntil == nil)
    }

    @Test("a member who must choose another password chooses it after putting the factor off")
    func mustChange() async throws {
        let stage = try await FactorWorld(.required, grace: Self.days)
        let hash = try normalized(LoginWorld.password).withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await stage.tenant.users.setPassword(
            hash, of: stage.user.id, mustChange: true, audit: entry("password.set"), at: stage.world.clock.wall())
        let step = try await stage.enrolmentStep()
        guard case .mustChange(let member) = await stage.factors.later(step.member, try stage.visit()) else {
            throw Missing()
        }
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
        let change = PasswordChange(login: stage.world.login, services: stage.world.passwords())
        guard
            case .signedIn = await change.changeAndBegin(
                member, new: secret(LoginWorld.newPassword), client: try clientAddress("203.0.113.7"), deviceToken: nil,
                userAgent: "Firefox", language: "en")
        else { throw Missing() }
    }
}
