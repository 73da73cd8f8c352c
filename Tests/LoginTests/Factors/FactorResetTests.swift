import Core
import Store
import Testing

@testable import Login

@Suite("Factors are reset")
struct FactorResetTests {
    @Test("everything goes: factors, codes, sessions and devices; entries and a mail say so")
    func reset() async throws {
        let stage = try await FactorWorld(.required)
        try await stage.addApp(codes: RecoveryCode.makeSet())
        try await stage.addPasskey()
        let session = try await stage.signedIn()
        _ = try await stage.mails()
        let reset = try await stage.factors.reset(
            stage.user.id, of: stage.tenant.tenant, printsCode: false, by: .operator)
        #expect(reset == FactorReset(factors: 2, code: nil, expiresAt: nil, isMailed: true))
        let left = try await stage.tenant.factors.all(of: stage.user.id)
        #expect(!left.hasSecondFactor && left.recoveryCodesLeft == 0 && left.enrolmentCodeExpiresAt == nil)
        await #expect(throws: Missing.self) { try await stage.session(session) }
        #expect(try await stage.tenant.devices.count(of: stage.user.id, at: stage.world.clock.wall()) == 0)
        #expect(try await stage.fresh(stage.user).epoch > stage.user.epoch)
        let record = try #require(try await stage.tenant.audit.entries().last)
        #expect(record.action == "factors.reset" && record.actor == .operator && record.subject == stage.user.id)
        #expect(try await stage.mails() == ["factors-reset"])
        #expect(stage.factors.metrics.resets == 1)
        // The next sign-in sets a factor up anew, in no browser without a code.
        #expect(try await stage.enrolmentStep(device: session.deviceToken).code == .mailable)
    }

    @Test("a printed code is shown once, in two groups, is good for a day, and is in no entry and no mail")
    func printed() async throws {
        let stage = try await FactorWorld(.required)
        try await stage.addApp()
        let reset = try await stage.factors.reset(
            stage.user.id, of: stage.tenant.tenant, printsCode: true, by: .user(.random()))
        let code = try #require(reset.code)
        #expect(code.utf8.count == 9 && EnrolmentCode.normalised(code) != nil)
        let digits = try #require(EnrolmentCode.normalised(code))
        for record in try await stage.tenant.audit.entries() {
            let details = (record.publicDetails + (record.sealedDetails ?? [])).map(\.value)
            #expect(!details.contains { $0.contains(digits) || $0.contains(code) })
        }
        let letters = try await stage.world.letters(stage.tenant)
        let words: [String] = letters.flatMap { letter in Array(letter.fields.values) }
        #expect(!words.contains { $0.contains(digits) || $0.contains(code) })
        stage.world.clock.advance(.hours(24))
        let late = try await stage.enrolmentStep().member
        #expect(await stage.factors.acceptCode(code, of: late, try stage.visit()).fault == .wrong)
    }

    @Test("nobody is there: no reset; a member without factors may be given a code all the same")
    func nobody() async throws {
        let stage = try await FactorWorld(hasMail: false)
        await #expect(throws: StoreConflict.notFound) {
            try await stage.factors.reset(.random(), of: stage.tenant.tenant, printsCode: false, by: .operator)
        }
        await #expect(throws: StoreConflict.notFound) {
            try await stage.factors.reset(stage.user.id, of: try tenantID("nowhere"), printsCode: true, by: .operator)
        }
        let (clock, settings) = (stage.world.clock, stage.world.settings)
        let resetting = FactorResetting(
            store: stage.world.store, mail: { settings.value.mail }, now: { clock.wall() })
        let reset = try await resetting.reset(
            stage.user.id, of: stage.tenant.tenant, printsCode: true, by: .operator)
        #expect(reset.factors == 0 && reset.code != nil && !reset.isMailed)
    }
}
