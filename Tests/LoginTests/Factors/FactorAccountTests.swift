import Core
import HostCrypto
import Store
import TestAuthenticator
import Testing
import WebAuthn

@testable import Login

@Suite("Members look after their factors")
struct FactorAccountTests {
    private static let challenge = [UInt8](repeating: 7, count: 32)
    private static let seed = Array("a new app, 20 bytes!".utf8)

    private func app(_ stage: FactorWorld, name: String = "Tablet") -> FactorEnrolment {
        .totp(
            secret: FactorSecret(SecretBytes(copying: Self.seed)), code: stage.code(secret: Self.seed), name: name)
    }

    private func add(
        _ stage: FactorWorld, _ enrolment: FactorEnrolment, _ session: SignedIn, isSure: Bool = false,
        device: String? = nil
    ) async throws -> AddOutcome {
        try await stage.factors.add(
            enrolment, stage.holder(session), isSure: isSure, try stage.visit(device: device))
    }

    private func demand(
        _ stage: FactorWorld, _ session: SignedIn, isSure: Bool = false, device: String? = nil
    ) async throws -> EnrolmentDemand {
        try await stage.factors.demand(stage.holder(session), isSure: isSure, try stage.visit(device: device))
    }

    // MARK: The list

    @Test("the list says what there is, whether it is demanded, and what changes need")
    func list() async throws {
        let stage = try await FactorWorld(.required, grace: .hours(24))
        guard case .enrol(let step) = try await stage.world.signIn() else { throw Missing() }
        let early = try #require(await stage.factors.later(step.member, try stage.visit()).session)
        let empty = try await stage.factors.list(stage.holder(early))
        #expect(!empty.hasSecondFactor && empty.isRequired && !empty.mayRemoveLast && empty.recoveryCodesLeft == 0)
        #expect(empty.dueAt == stage.world.clock.wall().advanced(by: .hours(24)))
        #expect(empty.offersPasskeys && empty.hasRecentProof && empty.canProveAgain && !empty.needsSecondFactor)
        try await stage.addApp(codes: RecoveryCode.makeSet())
        let key = try await stage.addPasskey()
        let session = try await stage.signedIn()
        let list = try await stage.factors.list(stage.holder(session))
        #expect(list.apps.map(\.name) == ["Phone"] && list.passkeys.map(\.name) == ["Key 1"])
        #expect(list.apps.map(\.kind) == [.totp] && list.passkeys.map(\.kind) == [.passkey])
        #expect(list.apps.map(\.usedAt) == [stage.world.clock.wall()] && list.passkeys.map(\.usedAt) == [nil])
        #expect(list.apps.map(\.isBackedUp) == [nil] && list.passkeys.map(\.isBackedUp) == [false])
        #expect(list.recoveryCodesLeft == 10 && list.dueAt == nil && list.hasSecondFactor)
        let creation = try #require(try await stage.factors.creation(for: stage.holder(session)))
        #expect(creation.excluded.map(\.id) == [key.credentialID] && creation.userHandle == key.userHandle)
        let label = try await stage.factors.appLabel(for: stage.holder(session))
        #expect(label.issuer == "Acme GmbH" && label.account == LoginWorld.email)
    }

    // MARK: The recent proof

    @Test(
        "changes need a password or passkey of the last five minutes, and a second factor that the session has proved")
    func recentProof() async throws {
        let stage = try await FactorWorld(.none)
        let account = MemberAccount(
            store: stage.world.store, settings: { [settings = stage.world.settings] in settings.value },
            now: { [clock = stage.world.clock] in clock.wall() })
        let session = try #require(try await stage.world.signIn().session)
        let holder = stage.holder(session)
        #expect(try await account.hasRecentProof(holder))
        stage.world.clock.advance(MemberAccount.proofLifetime)
        #expect(try await account.hasRecentProof(holder))
        stage.world.clock.advance(Milliseconds(1))
        #expect(try await !account.hasRecentProof(holder))
        // A member who has a second factor that this session never proved: the password alone is not enough.
        let one = try #require(try await stage.world.signIn().session)
        try await stage.addApp()
        let two = stage.holder(try #require(try await stage.world.signIn().session))
        #expect(try await !account.hasRecentProof(two))
        #expect(try await account.needsSecondFactor(two))
        guard case .confirmed = await stage.factors.stepUp(.totp(stage.code()), two, try stage.visit()) else {
            throw Missing()
        }
        #expect(try await account.hasRecentProof(two))
        #expect(try await !account.needsSecondFactor(two))
        // A code alone is no proof of the last minutes; a passkey is.
        stage.world.clock.advance(.minutes(6))
        guard case .confirmed = await stage.factors.stepUp(.totp(stage.code()), two, try stage.visit()) else {
            throw Missing()
        }
        #expect(try await !account.hasRecentProof(two))
        let key = try await stage.addPasskey()
        guard case .confirmed = await stage.factors.stepUp(key.proof(Self.challenge), two, try stage.visit()) else {
            throw Missing()
        }
        #expect(try await account.hasRecentProof(two))
        // The session that began before the factor has ended.
        await #expect(throws: StoreConflict.notFound) { try await account.hasRecentProof(stage.holder(one)) }
    }

    @Test("without a recent proof nothing is changed")
    func proofTooOld() async throws {
        let stage = try await FactorWorld()
        let id = try await stage.addApp()
        let session = try await stage.signedIn()
        let (holder, visit) = (stage.holder(session), try stage.visit())
        stage.world.clock.advance(.minutes(6))
        #expect(try await demand(stage, session) == .proof)
        #expect(try await add(stage, app(stage), session) == .proofTooOld)
        await #expect(throws: FactorAccountFault.proofTooOld) {
            try await stage.factors.rename(id, to: "Telefon", holder)
        }
        await #expect(throws: FactorAccountFault.proofTooOld) { try await stage.factors.remove(id, holder, visit) }
        await #expect(throws: FactorAccountFault.proofTooOld) {
            try await stage.factors.newRecoveryCodes(holder, visit)
        }
        #expect(try await stage.tenant.factors.all(of: stage.user.id).apps.map(\.name) == ["Phone"])
    }

    // MARK: Adding

    @Test("a first factor needs a code on a browser that is not trusted, and ends every other session")
    func first() async throws {
        let stage = try await FactorWorld(.optional)
        let other = try #require(try await stage.world.signIn().session)
        let session = try #require(try await stage.world.signIn().session)
        #expect(try await demand(stage, session) == .code(.mailable))
        #expect(try await add(stage, app(stage), session) == .codeNeeded(.mailable))
        #expect(try await stage.factors.sendCode(to: stage.holder(session), try stage.visit()) == .sent)
        #expect(try await demand(stage, session) == .code(.mailed))
        let letter = try #require(try await stage.world.letters(stage.tenant).last { $0.kind == "enrolment-code" })
        let code = try #require(letter.fields["code"])
        func accept(_ typed: String) async throws -> AcceptedCode {
            try await stage.factors.acceptCode(typed, stage.holder(session), try stage.visit())
        }
        #expect(try await accept("12") == .notACode)
        #expect(try await accept(code == "0000 0000" ? "11111111" : "00000000") == .wrong)
        #expect(stage.guessesLeft() == 4)
        #expect(try await accept(code) == .right)
        #expect(try await demand(stage, session, isSure: true) == .none)
        guard case .added(let codes?, let renewed) = try await add(stage, app(stage), session, isSure: true) else {
            throw Missing()
        }
        #expect(codes.count == 10 && renewed.handle == session.handle && renewed.token != session.token)
        let digest = try #require(SessionTokens.digest(renewed.token))
        let stored = try #require(try await stage.tenant.sessions.find(digest)?.session)
        #expect(stored.provedAt(.totp) == stage.world.clock.wall())
        await #expect(throws: Missing.self) { try await stage.session(other) }
        #expect(try await stage.audit().suffix(2) == ["factor.added totp", "session.confirmed totp"])
        #expect(try await stage.mails() == ["factor-added"])
    }

    @Test("three codes are sent an hour; without mail an administrator has to give one; five guesses are looked at")
    func codes() async throws {
        let stage = try await FactorWorld()
        let session = try #require(try await stage.world.signIn().session)
        let (holder, visit) = (stage.holder(session), try stage.visit())
        for _ in 0..<3 { #expect(try await stage.factors.sendCode(to: holder, visit) == .sent) }
        #expect(try await stage.factors.sendCode(to: holder, visit) == .throttled(retryAfter: .minutes(20)))
        _ = try await stage.mails()
        for number in 0..<5 {
            _ = try await stage.factors.acceptCode("0000000\(number)", holder, visit)
        }
        guard case .throttled = try await stage.factors.acceptCode("00000009", holder, visit) else { throw Missing() }
        stage.world.settings.change { $0.mail = nil }
        #expect(try await demand(stage, session) == .code(.asked))
        #expect(try await stage.factors.sendCode(to: holder, visit) == .withoutMail)
    }

    @Test("on a trusted browser a recent password is enough")
    func trusted() async throws {
        let stage = try await FactorWorld()
        let early = try #require(try await stage.world.signIn().session)
        stage.world.clock.advance(.hours(24))
        let session = try #require(try await stage.world.signIn(device: early.deviceToken).session)
        #expect(try await demand(stage, session) == .code(.mailable))
        #expect(try await demand(stage, session, device: early.deviceToken) == .none)
        guard case .added = try await add(stage, app(stage), session, device: early.deviceToken) else {
            throw Missing()
        }
    }

    @Test("a further factor needs no code, makes no recovery codes and ends no session")
    func further() async throws {
        let stage = try await FactorWorld()
        try await stage.addApp(codes: RecoveryCode.makeSet())
        let other = try await stage.signedIn()
        stage.world.clock.advance(.minutes(1))
        let session = try await stage.signedIn()
        #expect(try await demand(stage, session) == .none)
        let key = TestAuthenticator()
        let enrolment = FactorEnrolment.passkey(
            PasskeyRegistration(key.registration(challenge: Self.challenge)), challenge: Self.challenge,
            transports: ["internal"], name: "Laptop")
        guard case .added(nil, let renewed) = try await add(stage, enrolment, session) else { throw Missing() }
        let digest = try #require(SessionTokens.digest(renewed.token))
        #expect(
            try await stage.tenant.sessions.find(digest)?.session.factors.map(\.factor)
                == [.password, .totp, .passkey])
        _ = try await stage.session(other)
        let found = try await stage.tenant.factors.all(of: stage.user.id)
        #expect(found.recoveryCodesLeft == 10 && found.passkeys.map(\.name) == ["Laptop"])
        #expect(try await stage.mails().contains("factor-added"))
        #expect(try await add(stage, enrolment, session) == .fault(.taken))
    }

    @Test("five apps are kept, and no more")
    func tooMany() async throws {
        let stage = try await FactorWorld()
        for number in 0..<5 { try await stage.addApp(FactorWorld.secret.map { $0 + UInt8(number) }) }
        let session = try await stage.signedIn()
        #expect(try await add(stage, app(stage), session) == .fault(.tooMany))
    }

    // MARK: Changing

    @Test("a factor is renamed by its member alone, with a name that is one; entries say from what to what")
    func rename() async throws {
        let stage = try await FactorWorld()
        let id = try await stage.addApp()
        let other = try await stage.world.makeUser(stage.tenant, email: "max@acme.example")
        let foreign = try await stage.addApp(Array("app of max, 20 bytes".utf8), to: other)
        let holder = stage.holder(try await stage.signedIn())
        try await stage.factors.rename(id, to: " Telefon ", holder)
        let entries = try await stage.audit().count
        try await stage.factors.rename(id, to: "Telefon", holder)
        #expect(try await stage.audit().count == entries)
        #expect(try await stage.audit().last == "factor.renamed totp")
        for name in ["", " ", "a\u{0}b", String(repeating: "a", count: 65)] {
            await #expect(throws: FactorAccountFault.nameRefused) {
                try await stage.factors.rename(id, to: name, holder)
            }
        }
        await #expect(throws: StoreConflict.notFound) { try await stage.factors.rename(foreign, to: "Mine", holder) }
        await #expect(throws: StoreConflict.notFound) {
            try await stage.factors.remove(foreign, holder, try stage.visit())
        }
        #expect(try await stage.tenant.factors.all(of: other.id).apps.map(\.name) == ["Phone"])
    }

    @Test("removing a factor ends every other session and is mailed; the last one goes with its codes where it may")
    func remove() async throws {
        let stage = try await FactorWorld(.optional)
        let id = try await stage.addApp(codes: RecoveryCode.makeSet())
        let other = try await stage.signedIn()
        stage.world.clock.advance(.minutes(1))
        let session = try await stage.signedIn()
        _ = try await stage.mails()
        try await stage.factors.remove(id, stage.holder(session), try stage.visit())
        #expect(try await stage.audit().last == "factor.removed totp")
        #expect(try await stage.mails() == ["factor-removed"])
        _ = try await stage.session(session)
        await #expect(throws: Missing.self) { try await stage.session(other) }
        let left = try await stage.tenant.factors.all(of: stage.user.id)
        #expect(!left.hasSecondFactor && left.recoveryCodesLeft == 0)
        #expect(stage.factors.metrics.removed == [.totp: 1])
        #expect(try await stage.world.signIn().session != nil)
    }

    @Test("the last factor stays where the tenant demands one of the member")
    func lastRequired() async throws {
        let stage = try await FactorWorld(.required)
        let id = try await stage.addApp()
        let key = try await stage.addPasskey()
        let holder = stage.holder(try await stage.signedIn())
        try await stage.factors.remove(id, holder, try stage.visit())
        let passkey = try #require(try await stage.factors.list(holder).passkeys.first)
        await #expect(throws: FactorAccountFault.lastRequired) {
            try await stage.factors.remove(passkey.id, holder, try stage.visit())
        }
        let member = try await stage.secondStep().member
        #expect(try await stage.prove(key.proof(Self.challenge), of: member).session != nil)
    }

    @Test("new recovery codes take the place of all former ones, and are mailed of")
    func recoveryCodes() async throws {
        let stage = try await FactorWorld()
        let former = RecoveryCode.makeSet()
        try await stage.addApp(codes: former)
        let session = try await stage.signedIn()
        _ = try await stage.mails()
        let codes = try await stage.factors.newRecoveryCodes(stage.holder(session), try stage.visit())
        #expect(Set(codes).count == 10 && Set(codes.compactMap(RecoveryCode.normalised)).isDisjoint(with: former))
        #expect(try await stage.audit().last == "recovery-codes.renewed")
        #expect(try await stage.mails() == ["recovery-codes-renewed"])
        let member = try await stage.secondStep().member
        #expect(try await stage.prove(.recoveryCode(former[0]), of: member).fault == .wrong)
        #expect(try await stage.prove(.recoveryCode(codes[0]), of: member).session != nil)
    }

    @Test("a member without a factor gets no recovery codes")
    func noRecoveryCodes() async throws {
        let stage = try await FactorWorld()
        let holder = stage.holder(try #require(try await stage.world.signIn().session))
        await #expect(throws: StoreConflict.notFound) {
            try await stage.factors.newRecoveryCodes(holder, try stage.visit())
        }
    }

    @Test("a change of address needs the same proof")
    func changeEmail() async throws {
        let stage = try await FactorWorld(.none)
        try await stage.addApp()
        let account = MemberAccount(
            store: stage.world.store, settings: { [settings = stage.world.settings] in settings.value },
            now: { [clock = stage.world.clock] in clock.wall() })
        let holder = stage.holder(try #require(try await stage.world.signIn().session))
        let email = try #require(NormalizedEmail("erika@acme.example"))
        await #expect(throws: MemberAccount.AddressFault.proofTooOld) {
            try await account.changeEmail(holder, to: ("erika@acme.example", email), language: "en")
        }
        guard case .confirmed = await stage.factors.stepUp(.totp(stage.code()), holder, try stage.visit()) else {
            throw Missing()
        }
        try await account.changeEmail(holder, to: ("erika@acme.example", email), language: "en")
        #expect(try await stage.fresh(stage.user).email == "erika@acme.example")
    }
}
