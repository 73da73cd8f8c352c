import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/login/totp`, `…/recovery-code` and `…/passkey`: a second factor, after the first one of the same attempt;
/// and a passkey alone, which stands for both.
///
/// None has a page of its own: each is asked for by the answer to the step before, and its attempt travels in the form.
struct SecondFactorEndpoint: Sendable {
    /// A code is typed; longer texts are none, in bytes.
    static let longestCode = 256

    private let gate: LoginGate
    private let answers: LoginAnswers
    private let steps: FactorSteps
    private let passkeys: PasskeyOffer
    private let first: FirstStep

    init(pages: PortalPages, services: PortalServices, steps: FactorSteps) {
        gate = LoginGate(pages: pages, services: services)
        answers = LoginAnswers(gate: gate, pages: pages)
        self.steps = steps
        passkeys = PasskeyOffer(gate: gate)
        first = FirstStep(gate: gate, pages: pages)
    }

    /// Whoever opens the address of a step comes to the login, or where it leads.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = LoginVisit(request, services: gate.services)
        guard FetchRules.admitsDocument(request.head.headerFields) else {
            return gate.pages.refusal(visit, .crossOrigin)
        }
        return gate.pages.redirect(visit, to: visit.member == nil ? visit.loginAddress() : visit.target)
    }

    /// A code, of an app or from the list.
    func submit(_ request: PortalRequest, _ factor: Factor) async -> PortalResponse {
        switch gate.enter(request, at: .secondFactor) {
        case .answered(let response): return response
        case .admitted(let step, let form):
            guard let member = step.member else { return gate.stale(step.visit) }
            let typed = form["code"] ?? ""
            let code = typed.utf8.count <= Self.longestCode ? typed : ""
            return await prove(factor == .recoveryCode ? .recoveryCode(code) : .totp(code), of: member, step)
        }
    }

    /// A passkey: as the second factor, or alone.
    func submitPasskey(_ request: PortalRequest) async -> PortalResponse {
        switch gate.enter(request, at: .secondFactor, .login) {
        case .answered(let response): return response
        case .admitted(let step, let form):
            let assertion = PortalPasskey.assertion(form["passkey"] ?? "")
            guard step.place == .secondFactor else { return await signIn(assertion, step) }
            guard let member = step.member else { return gate.stale(step.visit) }
            guard let assertion else { return await unreadable(of: member, step) }
            return await prove(.passkey(assertion, challenge: step.attempt.challenge), of: member, step)
        }
    }

    private func prove(_ proof: FactorProof, of member: ProvedMember, _ step: LoginStep) async -> PortalResponse {
        switch await steps.prove(proof, member, step.factorVisit) {
        case .ended(let outcome): return await answer(outcome, step)
        case .again(let wanted, let fault):
            return answers.secondFactor(wanted, again(wanted, step), step, fault: (fault, of: proof.factor))
        }
    }

    /// What the script never sends: the page again, without a guess.
    private func unreadable(of member: ProvedMember, _ step: LoginStep) async -> PortalResponse {
        let outcome = await gate.services.login.begin(
            member, step.visit.request.client, step.visit.cookies[.device], step.visit.userAgent,
            step.remember.isChosen)
        guard case .secondFactor(let wanted) = outcome else { return await answer(outcome, step) }
        return answers.secondFactor(
            wanted, again(wanted, step), step, fault: (.notThisPasskey, of: .passkey))
    }

    /// A passkey alone, at the tenant whose page it was.
    private func signIn(_ assertion: PasskeyAssertion?, _ step: LoginStep) async -> PortalResponse {
        guard step.attempt.proved.isEmpty else { return gate.stale(step.visit) }
        guard let assertion, let tenant = passkeys.tenant(step.visit, email: step.attempt.email) else {
            return refused(step)
        }
        let outcome = await steps.signIn(assertion, step.attempt.challenge, tenant, step.factorVisit)
        let text = FactorText.text(in: step.visit.language)
        return await answers.answer(outcome, to: step, throttled: text.passkeyAloneThrottled) { refused(step) }
    }

    /// The first step again, with the same words whatever was wrong.
    private func refused(_ step: LoginStep) -> PortalResponse {
        first.page(step, email: step.attempt.email ?? "", fault: .passkey)
    }

    private func answer(_ outcome: PasswordLoginOutcome, _ step: LoginStep) async -> PortalResponse {
        await answers.answer(outcome, to: step, throttled: FactorText.text(in: step.visit.language).throttled) {
            gate.stale(step.visit)
        }
    }

    /// The attempt goes on with what the store says of its member now.
    private func again(_ wanted: SecondFactorStep, _ step: LoginStep) -> LoginAttempt {
        var attempt = step.attempt
        attempt.proved = [wanted.member]
        return attempt
    }
}
