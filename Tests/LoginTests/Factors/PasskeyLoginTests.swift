import Core
import HostCrypto
import Store
import TestAuthenticator
import Testing
import WebAuthn

@testable import Login

@Suite("A passkey alone")
struct PasskeyLoginTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)

    private func signIn(
        _ stage: FactorWorld, _ key: TestAuthenticator, challenge: [UInt8] = challenge, tenant: String = "acme",
        from address: String = FactorWorld.address
    ) async throws -> PasswordLoginOutcome {
        await stage.factors.signIn(
            PasskeyAssertion(key.assertion(challenge: Self.challenge)), challenge: challenge, at: try tenantID(tenant),
            try stage.visit(address))
    }

    @Test("it signs in whoever's it is, counts as both factors, and is audited", arguments: TestKey.Kind.taken)
    func signsIn(kind: TestKey.Kind) async throws {
        let stage = try await FactorWorld(.required)
        let key = try await stage.addPasskey(kind: kind)
        let held = stage.world.holds.value.count
        let session = try #require(try await signIn(stage, key).session)
        #expect(session.user == stage.user.id && stage.world.holds.value.count == held)
        #expect(
            try await stage.session(session).factors == [ProvedFactor(.passkey, at: stage.world.clock.wall())])
        #expect(try await stage.audit().last == "login.succeeded passkey")
        #expect(stage.world.hashesDone() == 0)
    }

    @Test("the page asks for any passkey of the tenant's that verifies its user, only where rule and plan allow it")
    func request() async throws {
        let stage = try await FactorWorld()
        let acme = stage.tenant.tenant
        #expect(
            stage.factors.passkeyRequest(for: acme)
                == PasskeyRequest(rpID: "example.org", credentials: [], requiresUserVerification: true))
        var tenant = try #require(try await stage.world.store.tenants.find(acme))
        let basic = PlanSettings(name: "basic", methods: [.password])
        func realm(_ plans: [PlanSettings] = [basic]) -> PasskeyRealm? {
            PasskeyRealm(of: tenant, rpID: "example.org", origins: ["https://example.org"], plans: PlanBook(plans))
        }
        #expect(realm()?.signsIn == true && realm()?.name == "Acme GmbH")
        tenant.plan = "basic"
        #expect(realm()?.signsIn == false && realm([])?.signsIn == true)
        stage.world.realm.value = realm()
        #expect(stage.factors.passkeyRequest(for: acme) == nil)
        tenant.plan = ""
        tenant.signIn = SignInRule(methods: [.password])
        #expect(realm()?.signsIn == false)
        stage.world.realm.value = nil
        #expect(stage.factors.passkeyRequest(for: acme) == nil)
    }

    @Test("a tenant's rule on models becomes the realm's, and one that cannot be read makes none")
    func models() throws {
        var tenant = Tenant(id: try tenantID("acme"), name: "Acme")
        let model = "01020304-0506-0708-090a-0b0c0d0e0f10"
        func realm() -> PasskeyRealm? { PasskeyRealm(of: tenant, rpID: "example.org", origins: [], plans: PlanBook()) }
        #expect(realm()?.asksForAttestation == false && realm()?.attestation == .any)
        tenant.passkeys = PasskeyRule(attestation: .attested)
        #expect(realm()?.asksForAttestation == true && realm()?.attestation == .attested)
        tenant.passkeys = PasskeyRule(allow: [model], deny: [model])
        #expect(
            realm()?.allowed == [AAGUID(octets: Array(1...16))].compactMap(\.self)
                && realm()?.asksForAttestation == true)
        #expect(realm()?.denied.count == 1)
        tenant.passkeys = PasskeyRule(allow: ["no model"])
        #expect(realm() == nil)
        #expect(PasskeyRealm.algorithms == [-7, -8, -35, -257])
    }

    @Test("one that does not verify its user is refused")
    func unverified() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        key.flags = TestAuthenticator.Flag.userPresent
        #expect(try await signIn(stage, key) == .refused)
        #expect(try await stage.audit().last == "login.failed passkey user-unverified")
        #expect(stage.guessesLeft() == nil)
        #expect(stage.world.holds.value.last == AnswerPacing.standardStep)
    }

    @Test("the user handle must be there, and be the member's own")
    func handle() async throws {
        let stage = try await FactorWorld()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let foreign = try await stage.addPasskey(2, to: other)
        let right = try await stage.addPasskey(1)
        var key = right
        for handle in [
            nil, [], foreign.userHandle, [UInt8](repeating: 0, count: 32), right.userHandle.map { $0 + [0] },
        ] {
            key.userHandle = handle
            #expect(try await signIn(stage, key) == .refused)
        }
        #expect(try await stage.audit().last == "login.failed passkey passkey-foreign")
        #expect(try await signIn(stage, right).session?.user == stage.user.id)
    }

    @Test("another challenge, origin or key, and a counter that stood still, are refused with the standard's word")
    func wrong() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        key.signCount = 3
        #expect(try await signIn(stage, key).session != nil)
        #expect(try await signIn(stage, key) == .refused)
        key.signCount = 4
        #expect(try await signIn(stage, key, challenge: [UInt8](repeating: 8, count: 32)) == .refused)
        var elsewhere = key
        elsewhere.origin = "http://example.org"
        #expect(try await signIn(stage, elsewhere) == .refused)
        var forged = key
        forged.key = TestKey(.p256)
        #expect(try await signIn(stage, forged) == .refused)
        #expect(
            try await stage.audit().suffix(4) == [
                "login.failed passkey counter-not-increased", "login.failed passkey challenge-mismatch",
                "login.failed passkey origin-refused", "login.failed passkey signature-invalid",
            ])
    }

    @Test("a member or tenant that may not come in is refused, whatever the passkey says")
    func barred() async throws {
        let stage = try await FactorWorld()
        let key = try await stage.addPasskey()
        let (acme, user, now) = (stage.tenant, stage.user.id, stage.world.clock.wall)
        try await acme.users.update(user, audit: entry("user.disabled"), at: now()) { $0.state = .disabled }
        #expect(try await signIn(stage, key) == .refused)
        #expect(try await stage.audit().last == "login.failed passkey user-disabled")
        try await acme.users.update(user, audit: entry("user.enabled"), at: now()) { $0.state = .active }
        try await stage.change { $0.signIn = SignInRule(methods: [.password], breakGlass: [LoginWorld.email]) }
        #expect(try await signIn(stage, key) == .refused)
        #expect(try await stage.audit().last == "login.failed passkey method-not-allowed")
        try await stage.change {
            $0.signIn = SignInRule()
            $0.state = .suspended
        }
        #expect(try await signIn(stage, key) == .refused)
        try await stage.change { $0.state = .active }
        #expect(try await signIn(stage, key, tenant: "nowhere") == .refused)
        stage.world.realm.value = nil
        #expect(try await signIn(stage, key) == .refused)
        #expect(try await acme.sessions.list(of: user).isEmpty)
    }

    @Test("another tenant's passkey is nobody's here")
    func otherTenant() async throws {
        let stage = try await FactorWorld()
        let bolt = try await stage.world.makeTenant("bolt")
        let key = try await stage.addPasskey(3, to: stage.world.makeUser(bolt), in: bolt)
        #expect(try await signIn(stage, key) == .refused)
        #expect(try await stage.audit().last == "login.failed passkey passkey-unknown")
        #expect(try await signIn(stage, key, tenant: "bolt").session?.tenant.text == "bolt")
    }

    @Test("a drained address, an empty bucket and a guessed account refuse no passkey")
    func passes() async throws {
        let stage = try await FactorWorld()
        let key = try await stage.addPasskey()
        for number in 0..<120 { _ = try await stage.world.signIn("a\(number)@acme.example", "wrong") }
        #expect(try await stage.world.signIn().isThrottled)
        var forged = key
        forged.key = TestKey(.p256)
        for _ in 0..<8 { #expect(try await signIn(stage, forged) == .refused) }
        let guess = ThrottleMember(tenant: stage.tenant.tenant, user: stage.user.id)
        for _ in 0..<5 { _ = stage.world.throttle.reserve(factorOf: guess, from: try clientAddress("192.0.2.9")) }
        #expect(stage.guessesLeft() == 0)
        #expect(try await signIn(stage, key).session != nil)
    }

    @Test("failures cost the address alone, and are told as long as it has tokens; nobody is shut out by them")
    func bounded() async throws {
        let stage = try await FactorWorld()
        var key = try await stage.addPasskey()
        _ = try await stage.mails()
        let right = key.key
        key.key = TestKey(.p256)
        for _ in 0..<30 { #expect(try await signIn(stage, key) == .refused) }
        #expect(try await stage.audit().filter { $0 == "login.failed passkey signature-invalid" }.count == 10)
        #expect(stage.guessesLeft() == nil)
        #expect(try await stage.mails().isEmpty)
        key.credentialID = [9, 9]
        key.key = right
        for _ in 0..<30 { #expect(try await signIn(stage, key, from: "198.51.100.4") == .refused) }
        #expect(try await stage.audit().filter { $0 == "login.failed passkey passkey-unknown" }.count == 10)
    }

    @Test("whoever must choose another password does, where they may have one, and goes in afterwards by passkey")
    func mustChange() async throws {
        let stage = try await FactorWorld()
        let key = try await stage.addPasskey()
        let hash = try normalized("given by hand").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await stage.tenant.users.setPassword(
            hash, of: stage.user.id, mustChange: true, audit: entry("password.set"), at: stage.world.clock.wall())
        guard case .mustChange(let member) = try await signIn(stage, key) else { throw Missing() }
        #expect(member.first == .passkey && member.second == nil)
        try await stage.change { $0.signIn = SignInRule(methods: [.passkey]) }
        #expect(try await signIn(stage, key).session != nil)
        try await stage.change { $0.signIn = SignInRule() }
        let change = PasswordChange(login: stage.world.login, services: stage.world.passwords())
        guard
            case .signedIn(let session) = await change.changeAndBegin(
                member, new: secret(LoginWorld.newPassword), client: try clientAddress("203.0.113.7"), deviceToken: nil,
                userAgent: "Firefox", language: "en")
        else { throw Missing() }
        #expect(try await stage.session(session).factors.map(\.factor) == [.passkey])
    }

    @Test("members without a passkey are offered one after sign-in where that is wanted, and again long after a no")
    func prompt() async throws {
        let stage = try await FactorWorld()
        let session = try #require(try await stage.world.signIn().session)
        #expect(await !stage.factors.promptsForPasskey(after: session))
        stage.world.settings.change { $0.promptsForPasskey = true }
        #expect(await stage.factors.promptsForPasskey(after: session))
        stage.world.realm.change { $0?.signsIn = false }
        #expect(await !stage.factors.promptsForPasskey(after: session))
        stage.world.realm.change { $0?.signsIn = true }
        try await stage.factors.dismissPrompt(stage.holder(session))
        #expect(await !stage.factors.promptsForPasskey(after: session))
        stage.world.clock.advance(SecondFactors.promptRest)
        #expect(await stage.factors.promptsForPasskey(after: session))
        let other = try await FactorWorld()
        other.world.settings.change { $0.promptsForPasskey = true }
        let key = try await other.addPasskey()
        let owner = try #require(try await signIn(other, key).session)
        #expect(await !other.factors.promptsForPasskey(after: owner))
    }
}

extension TestKey.Kind {
    /// Those whose keys a passkey may have.
    static let taken: [TestKey.Kind] = [.p256, .p384, .ed25519, .rsa]
}
