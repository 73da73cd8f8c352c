import Access
import Core
import Login
import Store

/// What the account pages ask of `SecondFactors`, as functions: each outcome has its page, and no page needs a store to
/// be shown.
struct FactorAccountSteps: Sendable {
    /// Throws `StoreConflict`, `StoreFault`, as all of them do.
    let list: @Sendable (_ holder: AccountHolder) async throws -> MemberFactorList
    /// What has to be shown before a factor may be added.
    let demand: @Sendable (_ holder: AccountHolder, _ visit: FactorVisit) async throws -> EnrolmentDemand
    let sendCode: @Sendable (_ holder: AccountHolder, _ visit: FactorVisit) async throws -> CodeSending
    let acceptCode:
        @Sendable (_ code: String, _ holder: AccountHolder, _ visit: FactorVisit) async throws -> AcceptedCode
    /// What a passkey is made from; nil where there are none at this tenant.
    let creation: @Sendable (_ holder: AccountHolder) async throws -> PasskeyCreation?
    /// Throws `FactorAccountFault.nameRefused` too.
    let add:
        @Sendable (_ enrolment: FactorEnrolment, _ holder: AccountHolder, _ isSure: Bool, _ visit: FactorVisit)
            async throws -> AddOutcome
    /// Throws `FactorAccountFault` too, as the two after it do.
    let rename: @Sendable (_ factor: RowID, _ name: String, _ holder: AccountHolder) async throws -> Void
    let remove: @Sendable (_ factor: RowID, _ holder: AccountHolder, _ visit: FactorVisit) async throws -> Void
    /// As people read them.
    let newRecoveryCodes: @Sendable (_ holder: AccountHolder, _ visit: FactorVisit) async throws -> [String]
    /// What the member can prove anew.
    let stepUpRequest: @Sendable (_ holder: AccountHolder) async throws -> StepUpRequest
    let stepUp: @Sendable (_ proof: FactorProof, _ holder: AccountHolder, _ visit: FactorVisit) async -> StepUpOutcome
}

extension FactorAccountSteps {
    init(_ factors: SecondFactors) {
        self.init(
            list: { try await factors.list($0) }, demand: { try await factors.demand($0, $1) },
            sendCode: { try await factors.sendCode(to: $0, $1) },
            acceptCode: { try await factors.acceptCode($0, $1, $2) },
            creation: { try await factors.creation(for: $0) },
            add: { try await factors.add($0, $1, isSure: $2, $3) },
            rename: { try await factors.rename($0, to: $1, $2) }, remove: { try await factors.remove($0, $1, $2) },
            newRecoveryCodes: { try await factors.newRecoveryCodes($0, $1) },
            stepUpRequest: { try await factors.stepUpRequest($0) },
            stepUp: { await factors.stepUp($0, $1, $2) })
    }
}

extension PortalServices {
    /// What the account pages ask of second factors; nil where there are none.
    var accountSteps: FactorAccountSteps? { factorAccount ?? factors.map { FactorAccountSteps($0) } }
}

extension AccountVisit {
    /// Where the member comes from.
    var factorVisit: FactorVisit {
        FactorVisit(
            client: request.client, deviceToken: cookies[.device], userAgent: userAgent, language: language.rawValue)
    }
}
