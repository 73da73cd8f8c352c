import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("The order of a login: password, second factor, another password, session")
struct FactorOrderTests {
    /// A member who has an app and must choose another password.
    private func stage() async throws -> FactorWorld {
        let stage = try await FactorWorld(.required)
        try await stage.addApp()
        let hash = try normalized(LoginWorld.password).withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await stage.tenant.users.setPassword(
            hash, of: stage.user.id, mustChange: true, audit: entry("password.set"), at: stage.world.clock.wall())
        return stage
    }

    private func change(_ stage: FactorWorld, _ member: ProvedMember) async throws -> PasswordChange.ForcedOutcome {
        let change = PasswordChange(login: stage.world.login, services: stage.world.passwords())
        return await change.changeAndBegin(
            member, new: secret(LoginWorld.newPassword), client: try clientAddress(FactorWorld.address),
            deviceToken: nil, userAgent: "Firefox", language: "en")
    }

    @Test("the second factor comes before another password, and both are in the session that begins")
    func order() async throws {
        let stage = try await stage()
        let step = try await stage.secondStep()
        guard case .ended(.mustChange(let member)) = try await stage.prove(.totp(stage.code()), of: step.member) else {
            throw Missing()
        }
        #expect(member.second == ProvedFactor(.totp, at: stage.world.clock.wall()))
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
        stage.world.clock.advance(.minutes(2))
        guard case .signedIn(let session) = try await change(stage, member) else { throw Missing() }
        #expect(
            try await stage.session(session).factors == [
                ProvedFactor(.password, at: stage.world.clock.wall()), try #require(member.second),
            ])
        #expect(try await stage.audit().last == "login.succeeded password,totp")
    }

    @Test("whoever owes a second factor changes no password, whatever form they send")
    func thief() async throws {
        let stage = try await stage()
        let step = try await stage.secondStep()
        guard case .overtaken = try await change(stage, step.member) else { throw Missing() }
        #expect(try await stage.fresh(stage.user).mustChangePassword)
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
    }

    @Test("whoever owes an enrolment changes no password either")
    func owesEnrolment() async throws {
        let stage = try await FactorWorld(.required)
        let hash = try normalized(LoginWorld.password).withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await stage.tenant.users.setPassword(
            hash, of: stage.user.id, mustChange: true, audit: entry("password.set"), at: stage.world.clock.wall())
        guard case .overtaken = try await change(stage, try await stage.enrolmentStep().member) else { throw Missing() }
    }

    @Test("a proof of both is as old as its second half")
    func age() async throws {
        let stage = try await stage()
        let step = try await stage.secondStep()
        stage.world.clock.advance(.minutes(9))
        guard case .ended(.mustChange(let member)) = try await stage.prove(.totp(stage.code()), of: step.member) else {
            throw Missing()
        }
        stage.world.clock.advance(.minutes(9))
        guard case .signedIn = try await change(stage, member) else { throw Missing() }
        let other = try await self.stage()
        guard
            case .ended(.mustChange(let late)) = try await other.prove(
                .totp(other.code()), of: other.secondStep().member)
        else { throw Missing() }
        other.world.clock.advance(ProvedMember.lifetime)
        other.world.clock.advance(Milliseconds(1))
        guard case .overtaken = try await change(other, late) else { throw Missing() }
    }

    @Test("on a shared host the choice of a tenant comes first, and that tenant's rule counts")
    func choice() async throws {
        let stage = try await FactorWorld(.required)
        let bolt = try await stage.world.makeTenant("bolt")
        try await stage.world.makeUser(bolt)
        try await stage.addApp()
        guard case .choose(let choices) = try await stage.world.signIn(tenant: nil) else { throw Missing() }
        func begin(_ tenant: String) async throws -> PasswordLoginOutcome {
            let choice = try #require(choices.first { $0.member.tenant.text == tenant })
            return await stage.world.login.begin(
                choice.member, client: try clientAddress(FactorWorld.address), deviceToken: nil, userAgent: "Firefox")
        }
        #expect(try await begin("bolt").session?.tenant.text == "bolt")
        guard case .secondFactor(let step) = try await begin("acme") else { throw Missing() }
        #expect(try await stage.prove(.totp(stage.code()), of: step.member).session?.tenant.text == "acme")
    }

    @Test("a session that begins while a factor is set up elsewhere begins not")
    func race() async throws {
        let stage = try await FactorWorld(.optional)
        let tenant = try #require(try await stage.world.store.tenants.find(stage.tenant.tenant))
        let user = try await stage.fresh(stage.user)
        let standing = MemberStanding(tenant: tenant, store: stage.tenant, user: user)
        let member = ProvedMember(
            tenant: tenant.id, user: user.id, epoch: user.epoch, at: stage.world.clock.wall())
        // It was found that nothing is owed; then the factor comes, and then the session.
        try await stage.addApp()
        let visit = LoginVisit(try stage.visit(), forms: stage.world.store.forms)
        #expect(try await stage.world.login.start(member, standing, visit) == .refused)
        #expect(try await stage.tenant.sessions.list(of: user.id).isEmpty)
    }

    @Test("a password that is confirmed within a session is a password, whatever factors there are")
    func confirmation() async throws {
        let stage = try await FactorWorld(.required)
        try await stage.addApp()
        let session = try await stage.signedIn()
        let outcome = await stage.world.login.confirm(
            session.handle, of: session.user, in: session.tenant, password: secret(LoginWorld.password),
            client: try clientAddress(FactorWorld.address), deviceToken: nil)
        guard case .confirmed = outcome else { throw Missing() }
    }

    @Test("what logins ended with is counted, each step once")
    func metrics() async throws {
        let stage = try await FactorWorld(.required)
        _ = try await stage.enrolmentStep()
        try await stage.addApp()
        let member = try await stage.secondStep().member
        _ = try await stage.prove(.totp(stage.wrongCode()), of: member)
        _ = try await stage.prove(.totp(stage.code()), of: member)
        let metrics = stage.world.login.metrics
        #expect(metrics.enrol == 1 && metrics.secondFactor == 1 && metrics.signedIn == 1 && metrics.refused == 0)
    }
}
