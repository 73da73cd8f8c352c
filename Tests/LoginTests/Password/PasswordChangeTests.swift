import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Changes of a password")
struct PasswordChangeTests {
    /// A member who is signed in, with the session.
    private struct Stage {
        let world: LoginWorld
        let tenant: TenantStore
        let user: User
        let session: SignedIn
        let change: PasswordChange

        func ask(
            _ current: String = LoginWorld.password, _ new: String = LoginWorld.newPassword, device: String? = nil
        ) async throws -> PasswordChange.Outcome {
            await change.change(
                PasswordChange.Request(
                    session: session.handle, tenant: tenant.tenant, user: user.id, email: user.email,
                    current: secret(current), new: secret(new), client: try clientAddress("203.0.113.7"),
                    deviceToken: device, userAgent: "Firefox", language: "de", forms: world.store.forms))
        }

        func isAlive(_ token: String) async throws -> Bool {
            guard let digest = SessionTokens.digest(token) else { return false }
            return try await tenant.sessions.find(digest) != nil
        }
    }

    private func stage() async throws -> Stage {
        let world = try await LoginWorld()
        let tenant = try await world.makeTenant()
        let user = try await world.makeUser(tenant)
        let session = try #require(try await world.signIn().session)
        return Stage(
            world: world, tenant: tenant, user: user, session: session,
            change: PasswordChange(login: world.login, services: world.passwords()))
    }

    @Test("the right current password: this session goes on under a new token, others have ended, a mail says so")
    func changed() async throws {
        let stage = try await stage()
        let other = try #require(try await stage.world.signIn().session)
        guard case .changed(let token, let device, nil) = try await stage.ask(device: stage.session.deviceToken) else {
            throw Missing()
        }
        #expect(try await stage.isAlive(token))
        #expect(try await !stage.isAlive(stage.session.token))
        #expect(try await !stage.isAlive(other.token))
        #expect(
            try await stage.tenant.audit.entries().last { $0.action == "password.changed" }?.subject == stage.user.id)
        let letter = try #require(try await stage.world.letters(stage.tenant).first { $0.kind == "password-changed" })
        #expect(letter.language == "de" && letter.fields["device"] == "Firefox")
        // This browser is known again, and no other.
        let digest = try #require(SessionTokens.deviceDigest(device.token, forms: stage.world.store.forms))
        #expect(try await stage.tenant.devices.isKnown(digest, to: stage.user.id, at: stage.world.clock.wall()))
        #expect(try await stage.world.signIn() == .refused)
        #expect(try await stage.world.signIn(LoginWorld.email, LoginWorld.newPassword).session != nil)
    }

    @Test("a wrong current password changes nothing and costs what a failed login costs")
    func wrong() async throws {
        let stage = try await stage()
        for _ in 0..<10 {
            guard case .wrong = try await stage.ask("wrong") else { throw Missing() }
        }
        guard case .throttled = try await stage.ask() else { throw Missing() }
        #expect(try await stage.isAlive(stage.session.token))
        #expect(try await stage.tenant.users.find(stage.user.id)?.epoch == stage.user.epoch)
        #expect(try await stage.tenant.audit.entries().last?.action == "login.failed")
    }

    @Test("a new password that breaks a rule is refused by its name; the current one is one of the last")
    func refused() async throws {
        let stage = try await stage()
        guard case .refused(let verdict) = try await stage.ask(LoginWorld.password, "short") else { throw Missing() }
        #expect(verdict.broken.map(\.code).contains("minimum-length"))
        stage.world.settings.change { $0.password.required = [] }
        guard case .refused(let former) = try await stage.ask(LoginWorld.password, LoginWorld.password) else {
            throw Missing()
        }
        #expect(former.broken.map(\.code) == ["history"])
        #expect(try await stage.isAlive(stage.session.token))
    }

    @Test("where the member has a second factor, a session that never proved one changes nothing")
    func secondFactor() async throws {
        let stage = try await stage()
        _ = try await stage.tenant.factors.add(
            NewAuthenticatorApp(
                name: "Phone", secret: FactorSecret(SecretBytes(copying: FactorWorld.secret)), firstStep: 0),
            to: stage.user, recoveryCodes: nil, keeping: RowID(stage.session.handle.description),
            audit: entry("factor.added", subject: stage.user.id), at: stage.world.clock.wall())
        guard case .needsSecondFactor = try await stage.ask() else { throw Missing() }
        #expect(try await stage.tenant.users.find(stage.user.id)?.epoch == stage.user.epoch)
        let factors = SecondFactors(login: stage.world.login, services: stage.world.passwords())
        let step = TimeBasedCode.step(at: stage.world.clock.wall())
        let code = TimeBasedCode.code(SecretBytes(copying: FactorWorld.secret), step: step)
        let holder = AccountHolder(
            tenant: stage.session.tenant, user: stage.session.user, session: stage.session.handle)
        let visit = FactorVisit(
            client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox")
        guard case .confirmed = await factors.stepUp(.totp(code), holder, visit) else { throw Missing() }
        guard case .changed = try await stage.ask() else { throw Missing() }
    }

    @Test("a session that has ended meanwhile changes nothing")
    func overtaken() async throws {
        let stage = try await stage()
        _ = try await stage.tenant.sessions.revokeAll(
            of: stage.user.id, audit: entry("sessions.revoked"), at: stage.world.clock.wall())
        guard case .overtaken = try await stage.ask() else { throw Missing() }
        #expect(try await stage.world.signIn().session != nil)
    }
}

@Suite("Passwords that must be changed at the next login")
struct ForcedPasswordChangeTests {
    private func world(_ tenants: [String] = ["acme"]) async throws -> (LoginWorld, TenantStore, User) {
        let world = try await LoginWorld()
        var made: (TenantStore, User)?
        for name in tenants {
            let tenant = try await world.makeTenant(name)
            let user = try await world.makeUser(tenant)
            guard case .own(let hash) = user.passwordHash else { throw Missing() }
            try await tenant.users.setPassword(
                hash, of: user.id, mustChange: true, audit: entry("user.password-set"), at: world.clock.wall())
            made = made ?? (tenant, user)
        }
        let (tenant, user) = try #require(made)
        return (world, tenant, user)
    }

    private func change(
        _ world: LoginWorld, _ member: ProvedMember, _ new: String = LoginWorld.newPassword
    ) async throws -> PasswordChange.ForcedOutcome {
        await PasswordChange(login: world.login, services: world.passwords()).changeAndBegin(
            member, new: secret(new), client: try clientAddress("203.0.113.7"), deviceToken: nil,
            userAgent: "Firefox", language: "en")
    }

    @Test("the right password begins no session; another one does, once")
    func forced() async throws {
        let (world, tenant, user) = try await world()
        guard case .mustChange(let member) = try await world.signIn() else { throw Missing() }
        #expect(member.user == user.id)
        #expect(try await tenant.sessions.list(of: user.id).isEmpty)
        #expect(world.login.metrics.mustChange == 1)
        guard case .signedIn(let session) = try await change(world, member) else { throw Missing() }
        #expect(session.user == user.id)
        #expect(try await tenant.sessions.list(of: user.id).count == 1)
        #expect(try await tenant.users.find(user.id)?.mustChangePassword == false)
        guard case .overtaken = try await change(world, member, "Other-Herons_5-Dinner") else { throw Missing() }
        #expect(try await world.signIn(LoginWorld.email, LoginWorld.newPassword).session != nil)
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
    }

    @Test("the current password does not come back, even where the policy remembers none")
    func different() async throws {
        let (world, _, _) = try await world()
        world.settings.change { $0.password = PasswordSettings(required: [], history: 0) }
        guard case .mustChange(let member) = try await world.signIn(),
            case .refused(let verdict) = try await change(world, member, LoginWorld.password)
        else { throw Missing() }
        #expect(verdict.broken.map(\.code) == ["history"])
    }

    @Test("a proof that is too old, or that a change has overtaken, begins nothing", arguments: [true, false])
    func stale(isOld: Bool) async throws {
        let (world, tenant, user) = try await world()
        guard case .mustChange(let member) = try await world.signIn() else { throw Missing() }
        if isOld {
            world.clock.advance(.minutes(11))
        } else {
            try await tenant.users.update(
                user.id, endingSessions: true, audit: entry("user.disabled"), at: world.clock.wall()
            ) { $0.state = .disabled }
        }
        guard case .overtaken = try await change(world, member) else { throw Missing() }
        #expect(try await tenant.users.find(user.id)?.passwordHash == user.passwordHash)
    }

    @Test("whoever is meant in several tenants chooses first, and is led to the same")
    func chosen() async throws {
        let (world, _, _) = try await world(["acme", "bolt"])
        guard case .choose(let choices) = try await world.signIn(tenant: nil), let choice = choices.last else {
            throw Missing()
        }
        let outcome = await world.login.begin(
            choice.member, client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox")
        #expect(outcome == .mustChange(choice.member))
    }
}
