import Core
import HostCrypto
import Store
import TestAuthenticator
import Testing
import WebAuthn

@testable import Login

@Suite("The second factor at sign-in")
struct SecondFactorLoginTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)

    @Test("a member who has an app is asked for it before a session begins, where the tenant's rule is not none")
    func asked() async throws {
        for rule in [Tenant.SecondFactor.optional, .required, .requiredForRoles([])] {
            let stage = try await FactorWorld(rule)
            try await stage.addApp()
            let step = try await stage.secondStep()
            #expect(step.factors == [.totp] && step.passkey == nil)
            #expect(step.member.second == nil && step.member.first == .password)
            #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
            #expect(try await !stage.audit().contains { $0.hasPrefix("login.succeeded") })
        }
        let open = try await FactorWorld(.none)
        try await open.addApp()
        #expect(try await open.world.signIn().session != nil)
    }

    @Test("a member who has none goes straight in where none is demanded; a recovery code alone is no factor")
    func straightIn() async throws {
        let stage = try await FactorWorld(.optional)
        #expect(try await stage.world.signIn().session != nil)
        let id = try await stage.addApp(codes: [String(repeating: "0", count: 16)])
        try await stage.tenant.factors.remove(
            id, of: stage.user.id, keepingLast: false, keeping: nil, audit: entry("factor.removed"),
            at: stage.world.clock.wall())
        #expect(try await stage.world.signIn().session != nil)
    }

    @Test("the right code begins a session that has proved both factors, each at its time; entries say so")
    func right() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let step = try await stage.secondStep()
        let before = stage.world.clock.wall()
        stage.world.clock.advance(.minutes(1))
        let held = stage.world.holds.value.count
        let session = try #require(try await stage.prove(.totp(stage.code()), of: step.member).session)
        #expect(stage.world.holds.value.count == held)
        #expect(session.recoveryCodesLeft == nil)
        let stored = try await stage.session(session)
        #expect(
            stored.factors == [ProvedFactor(.password, at: before), ProvedFactor(.totp, at: stage.world.clock.wall())])
        #expect(try await stage.audit().last == "login.succeeded password,totp")
        #expect(stage.guessesLeft() == nil)
        #expect(stage.factors.metrics.proved == [.totp: 1])
    }

    @Test("a sign-in from a device that the account does not know is mailed after the second factor, not before")
    func newSignIn() async throws {
        let stage = try await FactorWorld()
        _ = try await stage.world.signIn()
        try await stage.addApp()
        _ = try await stage.mails()
        let step = try await stage.secondStep()
        #expect(try await stage.mails().isEmpty)
        _ = try await stage.prove(.totp(stage.code()), of: step.member)
        #expect(try await stage.mails() == ["new-sign-in"])
    }

    @Test("a wrong code is answered with the page again, on the step of a wrong password, and leaves an entry")
    func wrong() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let step = try await stage.secondStep()
        let held = stage.world.holds.value.count
        guard case .again(let again, .wrong) = try await stage.prove(.totp(stage.wrongCode()), of: step.member) else {
            throw Missing()
        }
        #expect(again == step)
        #expect(stage.world.holds.value.count == held + 1)
        #expect(stage.world.holds.value.last == AnswerPacing.standardStep)
        #expect(try await stage.audit().last == "login.factor-failed totp code-wrong")
        #expect(stage.guessesLeft() == 4)
        #expect(stage.factors.metrics.wrong == [.totp: 1])
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).isEmpty)
    }

    @Test("what can be no code is not tried: it costs no guess and leaves no entry")
    func noCode() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let step = try await stage.secondStep()
        let entries = try await stage.audit().count
        for proof in [FactorProof.totp("12345"), .totp(""), .recoveryCode("short"), .recoveryCode("")] {
            #expect(try await stage.prove(proof, of: step.member).fault == .notACode)
        }
        #expect(stage.guessesLeft() == nil)
        #expect(try await stage.audit().count == entries)
    }

    @Test("a code works once, in the session that it began and in no other")
    func once() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let (one, two) = (try await stage.secondStep(), try await stage.secondStep())
        #expect(try await stage.prove(.totp(stage.code()), of: one.member).session != nil)
        #expect(try await stage.prove(.totp(stage.code()), of: two.member).fault == .used)
        // The one before is older than what was used; the next one is not.
        #expect(try await stage.prove(.totp(stage.code(-1)), of: two.member).fault == .used)
        #expect(try await stage.prove(.totp(stage.code(1)), of: two.member).session != nil)
        #expect(try await stage.audit().filter { $0 == "login.factor-failed totp code-used" }.count == 2)
    }

    @Test("the same code twice at once signs in once")
    func twiceAtOnce() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let (step, code) = (try await stage.secondStep(), stage.code())
        let sessions = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask { try await stage.prove(.totp(code), of: step.member).session != nil }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(sessions == 1)
        #expect(try await stage.tenant.sessions.list(of: stage.user.id).count == 1)
    }

    @Test("a clock that goes back makes no used code good again")
    func clockBack() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let step = try await stage.secondStep()
        #expect(try await stage.prove(.totp(stage.code()), of: step.member).session != nil)
        let used = stage.code()
        stage.world.clock.goBack(.seconds(20))
        let again = try await stage.secondStep()
        #expect(try await stage.prove(.totp(used), of: again.member).fault == .used)
        #expect(try await stage.prove(.totp(stage.code()), of: again.member).fault == .used)
    }

    @Test("every app of the member is good, and one member's codes are nobody else's")
    func apps() async throws {
        let stage = try await FactorWorld()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let foreign = Array("09876543210987654321".utf8)
        try await stage.addApp()
        try await stage.addApp(Array("second app of erika!".utf8))
        try await stage.addApp(foreign, to: other)
        let step = try await stage.secondStep()
        let code = stage.code(secret: foreign)
        if code != stage.code(), code != stage.code(1), code != stage.code(-1) {
            #expect(try await stage.prove(.totp(code), of: step.member).fault == .wrong)
        }
        let second = stage.code(secret: Array("second app of erika!".utf8))
        #expect(try await stage.prove(.totp(second), of: step.member).session != nil)
    }

    @Test("a wrong password's outcome and its work do not depend on whether the account has factors")
    func wrongPassword() async throws {
        let stage = try await FactorWorld(.required)
        let hashes = stage.world.hashesDone()
        #expect(try await stage.world.signIn(LoginWorld.email, "wrong") == .refused)
        try await stage.addApp()
        #expect(try await stage.world.signIn(LoginWorld.email, "wrong") == .refused)
        #expect(stage.world.hashesDone() == hashes + 2)
        #expect(Set(stage.world.holds.value.suffix(2)) == [AnswerPacing.standardStep])
        #expect(stage.guessesLeft() == nil)
    }

    // MARK: What has happened since

    @Test("the first factor is worth nothing after ten minutes, another password, an end of the member or the tenant")
    func overtaken() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        let (acme, user, now) = (stage.tenant, stage.user.id, stage.world.clock.wall)
        func isRefused(_ member: ProvedMember) async throws -> Bool {
            try await stage.prove(.totp(stage.code()), of: member) == .ended(.refused)
        }
        var member = try await stage.secondStep().member
        stage.world.clock.advance(ProvedMember.lifetime)
        stage.world.clock.advance(Milliseconds(1))
        #expect(try await isRefused(member))
        stage.world.clock.goBack(.hours(1))
        #expect(try await isRefused(member))
        member = try await stage.secondStep().member
        try await stage.change { $0.signIn = SignInRule(methods: [.passkey]) }
        #expect(try await isRefused(member))
        try await stage.change {
            $0.signIn = SignInRule()
            $0.state = .suspended
        }
        #expect(try await isRefused(member))
        try await stage.change { $0.state = .active }
        try await acme.users.update(user, audit: entry("user.disabled"), at: now()) { $0.state = .disabled }
        #expect(try await isRefused(member))
        try await acme.users.update(user, audit: entry("user.enabled"), at: now()) { $0.state = .active }
        let hash = try normalized("another password").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await acme.users.setPassword(hash, of: user, audit: entry("password.set"), at: now())
        #expect(try await isRefused(member))
        #expect(try await acme.sessions.list(of: user).isEmpty)
        // Nothing of it was a guess.
        #expect(stage.guessesLeft() == nil)
    }

    @Test("a rule that asks for nothing any more lets the member on; factors that were reset are set up anew")
    func ruleChanged() async throws {
        let stage = try await FactorWorld(.required)
        try await stage.addApp()
        let member = try await stage.secondStep().member
        try await stage.change { $0.secondFactor = .none }
        #expect(try await stage.prove(.totp(stage.wrongCode()), of: member).session != nil)
        try await stage.change { $0.secondFactor = .required }
        _ = try await stage.factors.reset(stage.user.id, of: stage.tenant.tenant, printsCode: false, by: .operator)
        #expect(try await stage.prove(.totp(stage.code()), of: member) == .ended(.refused))
        #expect(try await stage.enrolmentStep().code == .mailable)
    }

    @Test("a member of another tenant is not this one's, whatever is claimed of them")
    func otherTenant() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp()
        try await stage.world.makeTenant("bolt")
        let member = try await stage.secondStep().member
        let claimed = ProvedMember(
            tenant: try tenantID("bolt"), user: member.user, epoch: member.epoch, at: member.at)
        #expect(try await stage.prove(.totp(stage.code()), of: claimed) == .ended(.refused))
    }

    // MARK: Recovery codes

    @Test("a recovery code works once, says how many are left, and is mailed; entries name it")
    func recoveryCode() async throws {
        let stage = try await FactorWorld()
        let codes = RecoveryCode.makeSet()
        try await stage.addApp(codes: codes)
        let step = try await stage.secondStep()
        #expect(step.factors == [.totp, .recoveryCode])
        let typed = RecoveryCode.grouped(codes[3]).lowercased()
        let session = try #require(try await stage.prove(.recoveryCode(typed), of: step.member).session)
        #expect(session.recoveryCodesLeft == 9)
        #expect(try await stage.session(session).provedAt(.recoveryCode) != nil)
        let audit = try await stage.audit()
        #expect(audit.suffix(2) == ["recovery-code.used", "login.succeeded password,recovery-code"])
        let letter = try #require(try await stage.world.letters(stage.tenant).first { $0.kind == "recovery-code-used" })
        #expect(letter.fields["left"] == "9" && letter.fields["device"] == "Firefox")
        let again = try await stage.secondStep()
        #expect(try await stage.prove(.recoveryCode(codes[3]), of: again.member).fault == .wrong)
        #expect(try await stage.audit().last == "login.factor-failed recovery-code code-wrong")
    }

    @Test("another member's recovery code is none of mine; the last one leaves none to be asked for")
    func recoveryCodeOfOthers() async throws {
        let stage = try await FactorWorld()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let (mine, foreign) = (RecoveryCode.make(), RecoveryCode.make())
        try await stage.addApp(codes: [mine])
        try await stage.addApp(to: other, codes: [foreign])
        let step = try await stage.secondStep()
        #expect(try await stage.prove(.recoveryCode(foreign), of: step.member).fault == .wrong)
        #expect(try await stage.prove(.recoveryCode(mine), of: step.member).session?.recoveryCodesLeft == 0)
        #expect(try await stage.secondStep().factors == [.totp])
    }

    @Test("the same recovery code twice at once signs in once")
    func recoveryCodeTwice() async throws {
        let stage = try await FactorWorld()
        let code = RecoveryCode.make()
        try await stage.addApp(codes: [code])
        let step = try await stage.secondStep()
        let sessions = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { try await stage.prove(.recoveryCode(code), of: step.member).session != nil }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(sessions == 1)
    }

    // MARK: Passkeys after a password

    @Test("a passkey after a password is asked for by its id, and need not verify its user")
    func passkey() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        try await stage.addApp()
        let step = try await stage.secondStep()
        #expect(step.factors == [.passkey, .totp])
        let request = PasskeyRequest(
            rpID: "example.org", credentials: [.init(id: key.credentialID, transports: ["usb"])],
            requiresUserVerification: false)
        #expect(step.passkey == request)
        key.flags = TestAuthenticator.Flag.userPresent
        key.userHandle = nil
        let session = try #require(try await stage.prove(key.proof(Self.challenge), of: step.member).session)
        #expect(try await stage.session(session).factors.map(\.factor) == [.password, .passkey])
        #expect(try await stage.audit().last == "login.succeeded password,passkey")
    }

    @Test("a passkey is refused for another challenge, origin or signature, with the standard's own word in the log")
    func passkeyWrong() async throws {
        let stage = try await FactorWorld()
        let key = try await stage.addPasskey()
        let step = try await stage.secondStep()
        func fault(_ proof: FactorProof) async throws -> FactorFault? {
            try await stage.prove(proof, of: step.member).fault
        }
        let other = [UInt8](repeating: 8, count: 32)
        let stale = FactorProof.passkey(PasskeyAssertion(key.assertion(challenge: Self.challenge)), challenge: other)
        #expect(try await fault(stale) == .refused(.challengeMismatch))
        var elsewhere = key
        elsewhere.origin = "https://example.org.evil.example"
        #expect(try await fault(elsewhere.proof(Self.challenge)) == .refused(.originRefused))
        var forged = key.assertion(challenge: Self.challenge)
        forged.signature = TestAuthenticator(.p256).assertion(challenge: Self.challenge).signature
        #expect(
            try await fault(.passkey(PasskeyAssertion(forged), challenge: Self.challenge))
                == .refused(.signatureInvalid))
        #expect(
            try await stage.audit().suffix(3) == [
                "login.factor-failed passkey challenge-mismatch", "login.factor-failed passkey origin-refused",
                "login.factor-failed passkey signature-invalid",
            ])
        #expect(stage.guessesLeft() == 2)
    }

    @Test("a passkey of another member, of another tenant, or of nobody is not this member's")
    func passkeyForeign() async throws {
        let stage = try await FactorWorld()
        try await stage.addPasskey(1)
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let foreign = try await stage.addPasskey(2, to: other)
        let bolt = try await stage.world.makeTenant("bolt")
        let elsewhere = try await stage.addPasskey(3, to: stage.world.makeUser(bolt), in: bolt)
        let step = try await stage.secondStep()
        for key in [foreign, elsewhere, TestAuthenticator()] {
            #expect(try await stage.prove(key.proof(Self.challenge), of: step.member).fault == .notThisPasskey)
        }
        // The right key with somebody else's handle is as wrong.
        var confused = try await stage.addPasskey(4)
        confused.userHandle = foreign.userHandle
        #expect(try await stage.prove(confused.proof(Self.challenge), of: step.member).fault == .notThisPasskey)
    }

    @Test("a counter that did not increase is refused, and so is an assertion that was stored before")
    func counter() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        key.signCount = 5
        let replayed = key.proof(Self.challenge)
        let one = try await stage.secondStep()
        #expect(try await stage.prove(replayed, of: one.member).session != nil)
        let two = try await stage.secondStep()
        #expect(try await stage.prove(replayed, of: two.member).fault == .refused(.counterNotIncreased))
        key.signCount = 4
        #expect(
            try await stage.prove(key.proof(Self.challenge), of: two.member).fault == .refused(.counterNotIncreased))
        key.signCount = 6
        #expect(try await stage.prove(key.proof(Self.challenge), of: two.member).session != nil)
    }

    @Test("one assertion twice at once signs in once, where the authenticator counts")
    func assertionTwice() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        key.signCount = 9
        let (step, proof) = (try await stage.secondStep(), key.proof(Self.challenge))
        let sessions = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { try await stage.prove(proof, of: step.member).session != nil } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(sessions == 1)
    }

    @Test("a passkey of a former relying party is asked for and verified by its own, until there is one of the present")
    func formerRealm() async throws {
        let stage = try await FactorWorld()
        let old = try await stage.addPasskey(1)
        stage.world.realm.value = PasskeyRealm(
            rpID: "acme.example", name: "Acme GmbH", origins: ["https://example.org", "https://acme.example"])
        let step = try await stage.secondStep()
        #expect(step.passkey?.rpID == "example.org")
        #expect(try await stage.prove(old.proof(Self.challenge), of: step.member).session != nil)
        stage.world.realm.value = nil
        #expect(try await stage.secondStep().factors.isEmpty)
        #expect(try await stage.prove(old.proof(Self.challenge), of: step.member).fault == .notThisPasskey)
    }
}
