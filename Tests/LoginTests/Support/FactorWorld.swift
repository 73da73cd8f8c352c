import Core
import HostCrypto
import Store
import TestAuthenticator
import WebAuthn

@testable import Login

/// A tenant that asks for second factors, with a member who has a password.
struct FactorWorld: Sendable {
    static let secret = Array("12345678901234567890".utf8)
    static let address = "203.0.113.7"

    let world: LoginWorld
    let tenant: TenantStore
    let user: User
    let factors: SecondFactors

    /// - Parameter hasMail: whether mails are configured.
    init(_ rule: Tenant.SecondFactor = .optional, grace: Milliseconds = .init(0), hasMail: Bool = true) async throws {
        world = try await LoginWorld()
        world.realm.value = PasskeyRealm(rpID: "example.org", name: "Acme GmbH", origins: ["https://example.org"])
        tenant = try await world.makeTenant()
        user = try await world.makeUser(tenant)
        factors = SecondFactors(login: world.login, services: world.passwords())
        if !hasMail { world.settings.change { $0.mail = nil } }
        try await change { tenant in
            tenant.secondFactor = rule
            tenant.secondFactorGrace = grace
        }
    }

    func change(_ body: @escaping @Sendable (inout Tenant) -> Void) async throws {
        _ = try await world.store.tenants.update(
            tenant.tenant, audit: entry("tenant.changed"), at: world.clock.wall(), change: body)
    }

    // MARK: Factors

    /// Gives the member an authenticator app.
    @discardableResult
    func addApp(
        _ secret: [UInt8] = secret, to other: User? = nil, codes: [String]? = nil, keeping session: SignedIn? = nil
    ) async throws -> RowID {
        let member = try await fresh(other ?? user)
        return try await tenant.factors.add(
            NewAuthenticatorApp(name: "Phone", secret: FactorSecret(SecretBytes(copying: secret)), firstStep: 0),
            to: member, recoveryCodes: codes, keeping: session.flatMap { RowID($0.handle.description) },
            audit: entry("factor.added", subject: member.id), at: world.clock.wall())
    }

    /// Gives the member a passkey; the authenticator that has it.
    @discardableResult
    func addPasskey(
        _ number: UInt8 = 1, to other: User? = nil, in store: TenantStore? = nil, kind: TestKey.Kind = .p256
    ) async throws -> TestAuthenticator {
        let store = store ?? tenant
        let member = try await fresh(other ?? user, in: store)
        var authenticator = TestAuthenticator(kind)
        authenticator.credentialID = [UInt8](repeating: number, count: 32)
        authenticator.userHandle = try await store.factors.userHandle(of: member.id, at: world.clock.wall())
        let challenge = SecureRandom.bytes(32)
        guard let realm = world.realm.value else { throw Missing() }
        let verified = try Registration.verify(
            authenticator.registration(challenge: challenge), challenge: challenge,
            for: realm.party(requiresUserVerification: false))
        _ = try await store.factors.add(
            NewPasskey(
                name: "Key \(number)", credentialID: verified.credentialID, publicKey: verified.publicKey,
                rpID: realm.rpID, signCount: verified.signCount, aaguid: verified.aaguid.octets, transports: ["usb"],
                isBackupEligible: verified.isBackupEligible, isBackedUp: verified.isBackedUp),
            to: member, recoveryCodes: nil, keeping: nil, audit: entry("factor.added", subject: member.id),
            at: world.clock.wall())
        return authenticator
    }

    /// The member as the store has them now.
    func fresh(_ member: User, in store: TenantStore? = nil) async throws -> User {
        guard let found = try await (store ?? tenant).users.find(member.id) else { throw Missing() }
        return found
    }

    /// What the app shows, so many steps from now.
    func code(_ steps: Int64 = 0, secret: [UInt8] = secret) -> String {
        let step = TimeBasedCode.step(at: world.clock.wall()) + steps
        return TimeBasedCode.code(SecretBytes(copying: secret), step: step)
    }

    /// A code that the app does not show near now.
    func wrongCode() -> String {
        let near = Set((-2...2).map { code($0) })
        return ["111111", "222222", "333333", "444444", "555555", "666666"].first { !near.contains($0) } ?? ""
    }

    // MARK: Steps

    func visit(_ address: String = address, device: String? = nil, language: String = "") throws -> FactorVisit {
        FactorVisit(
            client: try clientAddress(address), deviceToken: device, userAgent: "Firefox", language: language)
    }

    /// The first factor, after which a second one is asked for.
    func secondStep(device: String? = nil) async throws -> SecondFactorStep {
        guard case .secondFactor(let step) = try await world.signIn(device: device) else { throw Missing() }
        return step
    }

    /// The first factor, after which one has to be set up.
    func enrolmentStep(device: String? = nil) async throws -> EnrolmentStep {
        guard case .enrol(let step) = try await world.signIn(device: device) else { throw Missing() }
        return step
    }

    func prove(
        _ proof: FactorProof, of member: ProvedMember, from address: String = address, device: String? = nil
    ) async throws -> FactorOutcome {
        await factors.prove(proof, of: member, try visit(address, device: device))
    }

    /// Signs the member in with password and app.
    func signedIn(device: String? = nil) async throws -> SignedIn {
        let step = try await secondStep(device: device)
        guard let session = try await prove(.totp(code()), of: step.member, device: device).session else {
            throw Missing()
        }
        return session
    }

    /// What is noted of a session.
    func session(_ session: SignedIn) async throws -> StoredSession {
        guard let digest = SessionTokens.digest(session.token),
            let found = try await tenant.sessions.find(digest)?.session
        else { throw Missing() }
        return found
    }

    func holder(_ session: SignedIn) -> AccountHolder {
        AccountHolder(tenant: session.tenant, user: session.user, session: session.handle)
    }

    /// What the audit log says: action, and reason or factor where there is one.
    func audit() async throws -> [String] {
        try await tenant.audit.entries().map { record in
            let details = ["factor", "reason"].compactMap { name in
                record.publicDetails.first { $0.name == name }?.value
            }
            return ([record.action] + details).joined(separator: " ")
        }
    }

    /// The kinds of the letters that wait, the oldest first; takes them.
    func mails() async throws -> [String] { try await world.letters(tenant).map(\.kind) }

    /// Guesses that are left to the member.
    func guessesLeft(of other: User? = nil) -> Int? {
        world.throttle.list().first {
            $0.kind == "second-factor" && $0.subject == "acme \((other ?? user).id)"
        }?.failuresLeft
    }
}

extension FactorOutcome {
    /// The session that began; nil where none did.
    var session: SignedIn? {
        if case .ended(.signedIn(let session)) = self { session } else { nil }
    }

    /// What was wrong; nil where the page is not shown again.
    var fault: FactorFault? {
        if case .again(_, let fault) = self { fault } else { nil }
    }

    var isThrottled: Bool {
        if case .ended(.throttled) = self { true } else { false }
    }
}

extension EnrolmentOutcome {
    var step: EnrolmentStep? {
        if case .step(let step, _) = self { step } else { nil }
    }

    var fault: FactorFault? {
        if case .step(_, let fault) = self { fault } else { nil }
    }

    /// The session that began after a factor was set up, and the codes.
    var enrolled: (session: SignedIn, codes: [String])? {
        if case .enrolled(.signedIn(let session), let codes?) = self { (session, codes) } else { nil }
    }
}

extension PasskeyAssertion {
    init(_ response: AssertionResponse) {
        self.init(
            credentialID: response.credentialID, clientDataJSON: response.clientDataJSON,
            authenticatorData: response.authenticatorData, signature: response.signature,
            userHandle: response.userHandle)
    }
}

extension PasskeyRegistration {
    init(_ response: RegistrationResponse) {
        self.init(clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject)
    }
}

extension TestAuthenticator {
    /// The proof of a ceremony.
    func proof(_ challenge: [UInt8]) -> FactorProof {
        .passkey(PasskeyAssertion(assertion(challenge: challenge)), challenge: challenge)
    }
}
