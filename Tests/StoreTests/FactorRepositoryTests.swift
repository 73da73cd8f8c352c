import Core
import Testing

@testable import Store

@Suite("Factors of members")
struct FactorRepositoryTests {
    @Test("apps and passkeys come back as they were written, after a restart too")
    func roundTrip() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let handle = try await tenant.factors.userHandle(of: user.id, at: time(5))
        let app = try await tenant.addApp(user, codes: FactorSample.codes)
        let passkey = try await tenant.addPasskey(user)
        try await first.close()
        let second = try await world.open()
        let again = try await second.tenant(tenant.tenant)
        let found = try await again.factors.all(of: user.id)
        #expect(found.apps.map(\.id) == [app])
        #expect(found.apps.first?.name == "Handy Geheimname")
        #expect(found.apps.first?.secret.octets == FactorSample.seed)
        #expect(found.apps.first?.lastStep == 100)
        #expect(found.apps.first?.createdAt == time(10) && found.apps.first?.usedAt == nil)
        let stored = try #require(found.passkeys.first)
        #expect(found.passkeys.count == 1 && stored.id == passkey && stored.user == user.id)
        #expect(stored.written == FactorSample.passkey())
        #expect(stored.createdAt == time(11) && stored.usedAt == nil)
        #expect(found.recoveryCodesLeft == 10 && found.hasSecondFactor)
        let byCredential = try #require(
            try await again.factors.passkey(credential: FactorSample.credential(1)))
        #expect(byCredential.passkey == stored && byCredential.userHandle == handle)
        #expect(try await again.users.find(user.id)?.hasSecondFactor == true)
        let report = await StoreVerification(second).run()
        #expect(report.isClean && report.factors == 2)
    }

    @Test("a member without factors has none, and nobody is not a member")
    func none() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let found = try await tenant.factors.all(of: user.id)
        #expect(!found.hasSecondFactor && found.recoveryCodesLeft == 0 && found.graceBeganAt == nil)
        #expect(found.invitedAt == nil && found.promptDismissedAt == nil && found.enrolmentCodeExpiresAt == nil)
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(1)) == nil)
        let nobody = User(email: "nobody@acme.example", name: "Nobody")
        await #expect(throws: StoreConflict.notFound) { try await tenant.factors.all(of: nobody.id) }
        await #expect(throws: StoreConflict.notFound) { try await tenant.addApp(nobody) }
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.factors.beginGrace(of: nobody.id, at: time(5))
        }
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.factors.use(app: RowID(at: time(1)), of: nobody.id, step: 1, at: time(5))
        }
        #expect(try await tenant.audit.entries().map(\.action) == ["user.created"])
    }

    @Test("nobody has more than five apps or twenty passkeys")
    func bounds() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        for _ in 0..<FactorRepository.longestApps { try await tenant.addApp(user) }
        await #expect(throws: FactorConflict.tooMany) { try await tenant.addApp(user) }
        for number in 0..<UInt8(FactorRepository.longestPasskeys) {
            try await tenant.addPasskey(user, FactorSample.passkey(number))
        }
        await #expect(throws: FactorConflict.tooMany) {
            try await tenant.addPasskey(user, FactorSample.passkey(99))
        }
        let found = try await tenant.factors.all(of: user.id)
        #expect(found.apps.count == 5 && found.passkeys.count == 20)
    }

    @Test("a credential is one member's, once in a tenant; another tenant's is another")
    func taken() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        try await tenant.addPasskey(user)
        await #expect(throws: FactorConflict.credentialTaken) { try await tenant.addPasskey(user) }
        await #expect(throws: FactorConflict.credentialTaken) { try await tenant.addPasskey(other) }
        #expect(try await tenant.factors.all(of: other.id).passkeys.isEmpty)
        #expect(try await tenant.users.find(other.id)?.hasSecondFactor == false)
        let elsewhere = try await world.makeTenant(store, "other")
        let third = try await elsewhere.makeUser("third@other.example")
        #expect(try await elsewhere.factors.passkey(credential: FactorSample.credential(1)) == nil)
        try await elsewhere.addPasskey(third)
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(1))?.passkey.user == user.id)
        #expect(try await elsewhere.factors.passkey(credential: FactorSample.credential(1))?.passkey.user == third.id)
    }

    @Test("a user handle is random, a member's own, and stays the same")
    func handles() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let handle = try await tenant.factors.userHandle(of: user.id, at: time(5))
        #expect(handle.count == FactorRepository.userHandleByteCount)
        #expect(try await tenant.factors.userHandle(of: user.id, at: time(6)) == handle)
        #expect(try await tenant.factors.userHandle(of: other.id, at: time(6)) != handle)
        let (one, two) = (try await tenant.makeUser("a@acme.example"), tenant)
        async let first = two.factors.userHandle(of: one.id, at: time(7))
        async let second = two.factors.userHandle(of: one.id, at: time(7))
        #expect(try await first == second)
        _ = try await tenant.factors.reset(user.id, audit: entry("factors.reset"), at: time(8))
        #expect(try await tenant.factors.userHandle(of: user.id, at: time(9)) == handle)
    }

    @Test("another name is only another name")
    func renamed() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let ids = [try await tenant.addApp(user), try await tenant.addPasskey(user)]
        let session = try await tenant.makeSession(user)
        for id in ids {
            try await tenant.factors.rename(
                id, of: user.id, to: "Büro", audit: entry("factor.renamed", subject: user.id), at: time(15))
            await #expect(throws: StoreConflict.notFound) {
                try await tenant.factors.rename(id, of: other.id, to: "Mine", audit: entry("never"), at: time(16))
            }
        }
        let found = try await tenant.factors.all(of: user.id)
        #expect(found.apps.map(\.name) == ["Büro"] && found.passkeys.map(\.name) == ["Büro"])
        #expect(found.apps.first?.secret.octets == FactorSample.seed && found.apps.first?.lastStep == 100)
        var expected = FactorSample.passkey()
        expected.name = "Büro"
        #expect(found.passkeys.first?.written == expected)
        #expect(try await tenant.sessions.find(session.id) != nil)
        #expect(try await tenant.audit.entries().filter { $0.action == "factor.renamed" }.count == 2)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("the last factor stays where the tenant asks for one; where it may go, the recovery codes go with it")
    func removed() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let app = try await tenant.addApp(user, codes: FactorSample.codes)
        let passkey = try await tenant.addPasskey(user)
        await #expect(throws: StoreConflict.notFound) { try await tenant.removeFactor(app, of: other) }
        try await tenant.removeFactor(app, of: user, keepingLast: true)
        var found = try await tenant.factors.all(of: user.id)
        #expect(found.apps.isEmpty && found.passkeys.count == 1 && found.recoveryCodesLeft == 10)
        await #expect(throws: FactorConflict.lastRequired) {
            try await tenant.removeFactor(passkey, of: user, keepingLast: true)
        }
        try await tenant.removeFactor(passkey, of: user)
        found = try await tenant.factors.all(of: user.id)
        #expect(!found.hasSecondFactor && found.recoveryCodesLeft == 0)
        #expect(try await tenant.users.find(user.id)?.hasSecondFactor == false)
        #expect(try await tenant.useCode(FactorSample.codes[0], of: user) == nil)
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(1)) == nil)
        await #expect(throws: StoreConflict.notFound) { try await tenant.removeFactor(passkey, of: user) }
        #expect(try await tenant.audit.entries().filter { $0.action == "factor.removed" }.count == 2)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("letters go with their change, and with a change that was refused none goes")
    func letters() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let letter = Letter(
            recipient: user.email, kind: "factor-added", language: "de", fields: ["name": "Handy"],
            expiresAt: time(100_000))
        var outdated = user
        outdated.epoch += 1
        await #expect(throws: StoreConflict.notFound) { try await tenant.addApp(outdated, letters: [letter]) }
        #expect(try await tenant.outbox.take(at: time(50), until: time(60)) == nil)
        try await tenant.addApp(user, letters: [letter])
        let waiting = try #require(try await tenant.outbox.take(at: time(50), until: time(60)))
        #expect(waiting.letter == letter && waiting.user == user.id)
        #expect(try await tenant.outbox.take(at: time(50), until: time(60)) == nil)
    }
}
