import Core
import HostCrypto
import Store
import TestAuthenticator
import Testing
import WebAuthn

@testable import Login

@Suite("The first factor, at sign-in")
struct EnrolmentTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)
    private static let seed = Array("a new app, 20 bytes!".utf8)

    /// An app that shows the right code, unless told otherwise.
    private func app(_ stage: FactorWorld, code: String? = nil, name: String = "") -> FactorEnrolment {
        .totp(
            secret: FactorSecret(SecretBytes(copying: Self.seed)), code: code ?? stage.code(secret: Self.seed),
            name: name)
    }

    private func passkey(_ key: TestAuthenticator, challenge: [UInt8] = challenge) -> FactorEnrolment {
        .passkey(
            PasskeyRegistration(key.registration(challenge: Self.challenge)), challenge: challenge, transports: ["usb"],
            name: "")
    }

    /// The code that was mailed last.
    private func mailedCode(_ stage: FactorWorld) async throws -> String {
        let letter = try await stage.world.letters(stage.tenant).last { $0.kind == "enrolment-code" }
        return try #require(letter?.fields["code"])
    }

    /// The first factor and the mailed code are right.
    private func sure(_ stage: FactorWorld) async throws -> ProvedMember {
        let step = try await stage.enrolmentStep()
        _ = await stage.factors.sendCode(to: step.member, try stage.visit())
        let code = try await mailedCode(stage)
        guard let sure = await stage.factors.acceptCode(code, of: step.member, try stage.visit()).step else {
            throw Missing()
        }
        return sure.member
    }

    private func enrol(
        _ stage: FactorWorld, _ enrolment: FactorEnrolment, _ member: ProvedMember
    ) async throws -> EnrolmentOutcome {
        await stage.factors.enrol(enrolment, by: member, try stage.visit())
    }

    @Test("a member who must have a factor and has none sets one up before a session begins; a code is asked for")
    func asked() async throws {
        let stage = try await FactorWorld(.required)
        let step = try await stage.enrolmentStep()
        #expect(step.code == .mailable && !step.member.isSure && step.laterUntil == nil)
        #expect(step.email == LoginWorld.email && step.issuer == "Acme GmbH")
        let creation = try #require(step.passkey)
        #expect(creation.userHandle.count == 32 && creation.userName == LoginWorld.email && creation.excluded.isEmpty)
        #expect(creation.displayName == "Erika Musterfrau" && creation.realm.rpID == "example.org")
        // The handle is the same each time, and nothing is mailed by itself.
        #expect(try await stage.enrolmentStep().passkey == creation)
        #expect(try await stage.mails().isEmpty)
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
        guard case .step(let again, nil) = await stage.factors.enrolment(of: step.member, try stage.visit()) else {
            throw Missing()
        }
        #expect(again == step)
    }

    @Test("a rule for roles asks those who have one of them, the catalogue's default ones included")
    func roles() async throws {
        let admin = try #require(RoleName("admin"))
        let stage = try await FactorWorld(.requiredForRoles([admin]))
        #expect(try await stage.world.signIn().session != nil)
        try await stage.tenant.users.update(
            stage.user.id, audit: entry("user.changed"), at: stage.world.clock.wall()
        ) { $0.roles = [admin] }
        #expect(try await stage.enrolmentStep().code == .mailable)
        let tenant = try #require(try await stage.world.store.tenants.find(stage.tenant.tenant))
        let rules = FactorRules(roles: { _, user in user.roles + [admin] })
        #expect(rules.requires(of: stage.user, in: tenant))
        #expect(!FactorRules().requires(of: stage.user, in: tenant))
    }

    @Test("the right code, then the app: the session has proved both, codes come once, entries and mails say so")
    func enrolled() async throws {
        let stage = try await FactorWorld(.required)
        let member = try await sure(stage)
        let (session, codes) = try #require(try await enrol(stage, app(stage), member).enrolled)
        #expect(codes.count == 10 && codes.allSatisfy { $0.utf8.count == 19 })
        #expect(try await stage.session(session).factors.map(\.factor) == [.password, .totp])
        #expect(
            try await stage.audit().suffix(3) == [
                "factor.enrolment-code-issued", "factor.added totp", "login.succeeded password,totp",
            ])
        #expect(try await stage.mails() == ["factor-added"])
        #expect(stage.factors.metrics.added == [.totp: 1] && stage.factors.metrics.codesMailed == 1)
        // The code of the set-up opens nothing more; the next one and a recovery code do.
        let step = try await stage.secondStep()
        #expect(step.factors == [.totp, .recoveryCode])
        #expect(try await stage.prove(.totp(stage.code(secret: Self.seed)), of: step.member).fault == .used)
        #expect(try await stage.prove(.totp(stage.code(1, secret: Self.seed)), of: step.member).session != nil)
        #expect(try await stage.prove(.recoveryCode(codes[9]), of: step.member).session?.recoveryCodesLeft == 9)
    }

    @Test("no code is mailed to an address that the member chose within the last day; an operator's is good")
    func youngAddress() async throws {
        let stage = try await FactorWorld(.required)
        let (address, clock) = ("own@acme.example", stage.world.clock)
        try await stage.tenant.users.setEmail(
            address, of: stage.user.id, isOwnChange: true,
            audit: entry("account.email-changed", subject: stage.user.id), at: clock.wall())
        guard case .enrol(let step) = try await stage.world.signIn(address) else { throw Missing() }
        #expect(step.code == .asked)
        let sent = await stage.factors.sendCode(to: step.member, try stage.visit())
        #expect(sent.step?.code == .asked)
        #expect(try await stage.mails().isEmpty && stage.factors.metrics.codesMailed == 0)
        try await stage.tenant.factors.issueEnrolmentCode(
            "12345678", to: stage.user.id, expiresAt: clock.wall().advanced(by: .hours(1)),
            audit: entry("factors.reset", subject: stage.user.id), at: clock.wall())
        let accepted = await stage.factors.acceptCode("1234 5678", of: step.member, try stage.visit())
        #expect(accepted.step?.member.isSure == true)
        clock.advance(.hours(24))
        guard case .enrol(let later) = try await stage.world.signIn(address) else { throw Missing() }
        #expect(later.code == .mailable)
    }

    @Test("without the code nothing is set up, whatever is sent: more than a password is needed")
    func codeNeeded() async throws {
        let stage = try await FactorWorld(.required)
        let step = try await stage.enrolmentStep()
        guard case .step(let again, nil) = try await enrol(stage, app(stage), step.member) else { throw Missing() }
        #expect(again.code == .mailable)
        _ = await stage.factors.sendCode(to: step.member, try stage.visit())
        guard case .step(let later, nil) = try await enrol(stage, app(stage), step.member) else { throw Missing() }
        #expect(later.code == .mailed)
        #expect(try await stage.tenant.factors.all(of: stage.user.id).hasSecondFactor == false)
    }

    @Test("a wrong enrolment code costs a guess and is told; five are looked at; another member's is wrong")
    func codeWrong() async throws {
        let stage = try await FactorWorld(.required)
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        guard case .enrol(let foreign) = try await stage.world.signIn("max@acme.example") else { throw Missing() }
        _ = await stage.factors.sendCode(to: foreign.member, try stage.visit())
        let theirs = try await mailedCode(stage)
        let member = try await stage.enrolmentStep().member
        _ = await stage.factors.sendCode(to: member, try stage.visit())
        let code = try await mailedCode(stage)
        func accept(_ typed: String) async throws -> EnrolmentOutcome {
            await stage.factors.acceptCode(typed, of: member, try stage.visit())
        }
        #expect(try await accept("123").fault == .notACode)
        #expect(stage.guessesLeft() == nil)
        if theirs != code { #expect(try await accept(theirs).fault == .wrong) }
        for number in 0..<4 { #expect(try await accept("0000000\(number)").fault == .wrong) }
        #expect(try await stage.audit().last == "login.factor-failed enrolment-code code-wrong")
        guard case .ended(.throttled) = try await accept(code) else { throw Missing() }
        #expect(try await stage.mails().contains("factor-guessed"))
        stage.world.clock.advance(.minutes(3))
        #expect(try await accept(code).step?.member.isSure == true)
        #expect(stage.guessesLeft(of: other) == nil)
    }

    @Test("a code is good for half an hour, one at a time, and three are sent an hour")
    func codes() async throws {
        let stage = try await FactorWorld(.required)
        let member = try await stage.enrolmentStep().member
        func accept(_ code: String, _ member: ProvedMember) async throws -> Bool {
            await stage.factors.acceptCode(code, of: member, try stage.visit()).step?.member.isSure == true
        }
        var codes: [String] = []
        for _ in 0..<3 {
            let step = await stage.factors.sendCode(to: member, try stage.visit()).step
            #expect(step?.code == .mailed)
            codes.append(try await mailedCode(stage))
        }
        guard case .ended(.throttled(let wait)) = await stage.factors.sendCode(to: member, try stage.visit()) else {
            throw Missing()
        }
        #expect(wait == .minutes(20))
        if Set(codes).count == 3 {
            #expect(try await !accept(codes[0], member))
            #expect(try await !accept(codes[1], member))
        }
        #expect(try await accept(codes[2], member))
        stage.world.clock.advance(.minutes(30))
        let again = try await stage.enrolmentStep()
        #expect(again.code == .mailable)
        #expect(try await !accept(codes[2], again.member))
    }

    @Test("where no mail can be sent an administrator gives the code, which is good for a day and spent by its use")
    func printed() async throws {
        let stage = try await FactorWorld(.required, hasMail: false)
        let step = try await stage.enrolmentStep()
        #expect(step.code == .asked)
        #expect(await stage.factors.sendCode(to: step.member, try stage.visit()).step?.code == .asked)
        let reset = try await stage.factors.reset(
            stage.user.id, of: stage.tenant.tenant, printsCode: true, by: .operator)
        let code = try #require(reset.code)
        #expect(reset.expiresAt == stage.world.clock.wall().advanced(by: .hours(24)) && !reset.isMailed)
        stage.world.clock.advance(.hours(23))
        let member = try await stage.enrolmentStep().member
        let sure = try #require(await stage.factors.acceptCode(code, of: member, try stage.visit()).step)
        #expect(sure.code == .unneeded)
        #expect(try await enrol(stage, app(stage), sure.member).enrolled != nil)
        #expect(
            try await !stage.tenant.factors.isEnrolmentCode(
                code.filter { $0 != " " }, of: stage.user.id, at: stage.world.clock.wall()))
    }

    // MARK: Trusted browsers

    @Test("a browser that the account has known for a day needs no code; a younger one, and another member's, do")
    func trusted() async throws {
        let stage = try await FactorWorld(.required)
        let device = try await stage.world.plantDevice(of: stage.user, in: stage.tenant)
        stage.world.clock.advance(.hours(24))
        // Its time is over by then, so that it says nothing; one that lives longer does.
        #expect(try await stage.enrolmentStep(device: device).code == .mailable)
        let token = SessionTokens.makeDevice(forms: stage.world.store.forms)
        let digest = try #require(SessionTokens.deviceDigest(token, forms: stage.world.store.forms))
        try await stage.tenant.devices.remember(
            digest, of: stage.user.id, expiresAt: stage.world.clock.wall().advanced(by: .hours(1000)),
            at: stage.world.clock.wall())
        stage.world.clock.advance(.hours(24))
        stage.world.clock.goBack(Milliseconds(1))
        #expect(try await stage.enrolmentStep(device: token).code == .mailable)
        stage.world.clock.advance(Milliseconds(1))
        let step = try await stage.enrolmentStep(device: token)
        #expect(step.code == .unneeded && step.member.isSure)
        // What was found then counts on, though the device is not sent with the next form.
        #expect(try await enrol(stage, app(stage), step.member).enrolled != nil)
        try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        guard case .enrol(let foreign) = try await stage.world.signIn("max@acme.example", device: token) else {
            throw Missing()
        }
        #expect(foreign.code == .mailable)
    }

    @Test("the browser in which the invitation was accepted needs no code; it is known from then on")
    func invited() async throws {
        let stage = try await FactorWorld(.required)
        let guest = try await stage.world.makeUser(
            stage.tenant, email: "gast@acme.example", password: nil, state: .invited)
        let visit = try await stage.world.link(.invitation, to: guest, in: stage.tenant)
        let links = PasswordLinks(.invitation, services: stage.world.passwords())
        guard
            case .done(_, let device?) = await links.setPassword(secret(LoginWorld.newPassword), visit)
        else { throw Missing() }
        #expect(device.expiresAt == stage.world.clock.wall().advanced(by: PasswordLogin.deviceLifetime))
        func step(_ device: String?) async throws -> EnrolmentStep {
            guard
                case .enrol(let step) = try await stage.world.signIn(
                    "gast@acme.example", LoginWorld.newPassword, device: device)
            else { throw Missing() }
            return step
        }
        #expect(try await step(device.token).code == .unneeded)
        #expect(try await step(nil).code == .mailable)
        stage.world.clock.advance(.hours(1))
        #expect(try await step(device.token).code == .unneeded)
        // Whoever signs in elsewhere later is as known, and no more trusted than before.
        let later = try await stage.world.plantDevice(of: guest, in: stage.tenant)
        #expect(try await step(later).code == .mailable)
    }

    @Test("a reset of the password makes no browser known")
    func resetPassword() async throws {
        let stage = try await FactorWorld(.required)
        let visit = try await stage.world.link(.passwordReset, to: stage.user, in: stage.tenant)
        let links = PasswordLinks(.passwordReset, services: stage.world.passwords())
        guard case .done(_, nil) = await links.setPassword(secret(LoginWorld.newPassword), visit) else {
            throw Missing()
        }
        #expect(try await stage.tenant.devices.count(of: stage.user.id, at: stage.world.clock.wall()) == 0)
        guard case .enrol = try await stage.world.signIn(LoginWorld.email, LoginWorld.newPassword) else {
            throw Missing()
        }
    }

    // MARK: What is set up

    @Test("an app whose code is wrong, and what is none, is not set up; a name is kept or replaced")
    func app() async throws {
        let stage = try await FactorWorld(.required)
        let member = try await sure(stage)
        var wrong = "000000"
        while (-1...1).contains(where: { stage.code($0, secret: Self.seed) == wrong }) { wrong = "111111" }
        #expect(try await enrol(stage, app(stage, code: wrong), member).fault == .wrong)
        #expect(try await enrol(stage, app(stage, code: "12"), member).fault == .notACode)
        #expect(stage.guessesLeft() == nil)
        #expect(try await stage.tenant.factors.all(of: stage.user.id).apps.isEmpty)
        #expect(try await enrol(stage, app(stage, name: "  Telefon "), member).enrolled != nil)
        #expect(try await stage.tenant.factors.all(of: stage.user.id).apps.map(\.name) == ["Telefon"])
    }

    @Test("a passkey is set up as the standard verifies it, and is good at the next sign-in")
    func passkey() async throws {
        let stage = try await FactorWorld(.required)
        let member = try await sure(stage)
        var key = TestAuthenticator(.ed25519)
        #expect(
            try await enrol(stage, passkey(key, challenge: [UInt8](repeating: 8, count: 32)), member).fault
                == .refused(.challengeMismatch))
        let (session, codes) = try #require(try await enrol(stage, passkey(key), member).enrolled)
        #expect(codes.count == 10)
        #expect(try await stage.session(session).factors.map(\.factor) == [.password, .passkey])
        let stored = try #require(try await stage.tenant.factors.all(of: stage.user.id).passkeys.first)
        #expect(stored.name == "Passkey" && stored.rpID == "example.org" && stored.transports == ["usb"])
        #expect(stored.aaguid == Array(1...16))
        let step = try await stage.secondStep()
        key.userHandle = try await stage.tenant.factors.userHandle(of: stage.user.id, at: stage.world.clock.wall())
        #expect(try await stage.prove(key.proof(Self.challenge), of: step.member).session != nil)
    }

    @Test("a passkey that another member has, and a model that the tenant denies, is refused")
    func passkeyRefused() async throws {
        let stage = try await FactorWorld(.required)
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let taken = try await stage.addPasskey(5, to: other)
        let member = try await sure(stage)
        #expect(try await enrol(stage, passkey(taken), member).fault == .taken)
        let key = TestAuthenticator()
        let (realm, rule) = (
            try #require(stage.world.realm.value),
            PasskeyRule(deny: [
                "01020304-0506-0708-090a-0b0c0d0e0f10"
            ])
        )
        var tenant = try #require(try await stage.world.store.tenants.find(stage.tenant.tenant))
        tenant.passkeys = rule
        stage.world.realm.value = PasskeyRealm(
            of: tenant, rpID: realm.rpID, origins: realm.origins, plans: PlanBook())
        #expect(try await enrol(stage, passkey(key), member).fault == .refused(.aaguidRefused))
        stage.world.realm.value = nil
        #expect(try await enrol(stage, passkey(key), member).fault == .notThisPasskey)
        #expect(try await stage.enrolmentStep().passkey == nil)
    }

    @Test("setting a factor up ends every session that began without one, and a member who has one sets up no first")
    func others() async throws {
        let stage = try await FactorWorld(.optional)
        _ = try #require(try await stage.world.signIn().session)
        try await stage.change { $0.secondFactor = .required }
        let member = try await sure(stage)
        let (session, _) = try #require(try await enrol(stage, app(stage), member).enrolled)
        #expect(
            try await stage.tenant.sessions.list(of: stage.user.id).map(\.id.description)
                == [session.handle.description])
        guard case .ended(.secondFactor) = try await enrol(stage, app(stage), member) else { throw Missing() }
        #expect(try await stage.tenant.factors.all(of: stage.user.id).apps.count == 1)
    }

    @Test("half an hour after the first factor, or after a change, the login begins anew")
    func overtaken() async throws {
        let stage = try await FactorWorld(.required)
        let member = try await sure(stage)
        stage.world.clock.advance(ProvedMember.enrolmentLifetime)
        stage.world.clock.advance(Milliseconds(1))
        guard case .ended(.refused) = try await enrol(stage, app(stage), member) else { throw Missing() }
        let fresh = try await stage.enrolmentStep().member
        _ = try await stage.factors.reset(stage.user.id, of: stage.tenant.tenant, printsCode: false, by: .operator)
        guard case .ended(.refused) = await stage.factors.enrolment(of: fresh, try stage.visit()) else {
            throw Missing()
        }
        guard case .ended(.refused) = await stage.factors.sendCode(to: fresh, try stage.visit()) else {
            throw Missing()
        }
        #expect(await stage.factors.later(fresh, try stage.visit()) == .refused)
    }
}
