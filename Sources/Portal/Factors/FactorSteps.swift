import Core
import Login

/// What the pages of a login, and of the step in the middle of a session, ask of `SecondFactors`, as functions: each
/// outcome has its page, and no page needs a store to be shown.
struct FactorSteps: Sendable {
    // At sign-in.
    let prove: @Sendable (_ proof: FactorProof, _ member: ProvedMember, _ visit: FactorVisit) async -> FactorOutcome
    /// What the browser is asked for where a passkey alone signs in; nil where none does.
    let passkeyRequest: @Sendable (_ tenant: TenantID) -> PasskeyRequest?
    /// Signs in with a passkey alone.
    let signIn:
        @Sendable (
            _ assertion: PasskeyAssertion, _ challenge: [UInt8], _ tenant: TenantID, _ visit: FactorVisit
        ) async -> PasswordLoginOutcome
    // Setting one up at sign-in.
    /// The step again.
    let enrolment: @Sendable (_ member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome
    let sendCode: @Sendable (_ member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome
    let acceptCode: @Sendable (_ code: String, _ member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome
    let enrol:
        @Sendable (_ enrolment: FactorEnrolment, _ member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome
    let later: @Sendable (_ member: ProvedMember, _ visit: FactorVisit) async -> PasswordLoginOutcome
    // Within a session.
    let stepUp: @Sendable (_ proof: FactorProof, _ holder: AccountHolder, _ visit: FactorVisit) async -> StepUpOutcome
    /// Throws `StoreConflict` where the session has ended, `StoreFault`.
    let stepUpRequest: @Sendable (_ holder: AccountHolder) async throws -> StepUpRequest
    /// Whether a passkey is to be offered now.
    let promptsForPasskey: @Sendable (_ signedIn: SignedIn) async -> Bool
    /// Throws as `stepUpRequest`.
    let dismissPrompt: @Sendable (_ holder: AccountHolder) async throws -> Void
}

extension FactorSteps {
    init(_ factors: SecondFactors) {
        self.init(
            prove: { proof, member, visit in await factors.prove(proof, of: member, visit) },
            passkeyRequest: { tenant in factors.passkeyRequest(for: tenant) },
            signIn: { assertion, challenge, tenant, visit in
                await factors.signIn(assertion, challenge: challenge, at: tenant, visit)
            },
            enrolment: { member, visit in await factors.enrolment(of: member, visit) },
            sendCode: { member, visit in await factors.sendCode(to: member, visit) },
            acceptCode: { code, member, visit in await factors.acceptCode(code, of: member, visit) },
            enrol: { enrolment, member, visit in await factors.enrol(enrolment, by: member, visit) },
            later: { member, visit in await factors.later(member, visit) },
            stepUp: { proof, holder, visit in await factors.stepUp(proof, holder, visit) },
            stepUpRequest: { holder in try await factors.stepUpRequest(holder) },
            promptsForPasskey: { signedIn in await factors.promptsForPasskey(after: signedIn) },
            dismissPrompt: { holder in try await factors.dismissPrompt(holder) })
    }
}
