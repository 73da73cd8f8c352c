import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/login/enrol`: a member whom the login asks for a second factor, and who has none, sets one up before the
/// session begins: the enrolment code first, where the browser is not trusted, then an app or a passkey.
struct EnrolmentEndpoint: Sendable {
    private let gate: LoginGate
    private let answers: LoginAnswers
    private let enrolments: EnrolmentAnswers
    private let steps: FactorSteps

    init(pages: PortalPages, services: PortalServices, steps: FactorSteps) {
        gate = LoginGate(pages: pages, services: services)
        answers = LoginAnswers(gate: gate, pages: pages)
        enrolments = EnrolmentAnswers(gate: gate, pages: pages)
        self.steps = steps
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        switch gate.enter(request, at: .enrolment) {
        case .answered(let response): return response
        case .admitted(let step, let form):
            guard let member = step.member else { return gate.stale(step.visit) }
            return await act(form, of: member, step)
        }
    }

    private func act(_ form: FormFields, of member: ProvedMember, _ step: LoginStep) async -> PortalResponse {
        if form["later"] == "1" { return await answer(await steps.later(member, step.factorVisit), step) }
        if form["send"] == "1" { return await send(to: member, step) }
        let typed = form["code"] ?? ""
        let code = typed.utf8.count <= SecondFactorEndpoint.longestCode ? typed : ""
        switch form["step"] {
        case "code":
            return await show(await steps.acceptCode(code, member, step.factorVisit), step, of: nil)
        case "totp": return await enrol(code, named: form["name"] ?? "", of: member, step)
        case "passkey": return await enrol(PortalPasskey.registration(form["passkey"] ?? ""), of: member, step)
        default: return await show(await steps.enrolment(member, step.factorVisit), step, of: nil)
        }
    }

    /// Another code by mail; too many of them are no reason to lose the page.
    private func send(to member: ProvedMember, _ step: LoginStep) async -> PortalResponse {
        let sent = await steps.sendCode(member, step.factorVisit)
        guard case .ended(.throttled) = sent else { return await show(sent, step, of: nil) }
        guard case .step(let wanted, _) = await steps.enrolment(member, step.factorVisit) else {
            return await show(sent, step, of: nil)
        }
        return enrolments.show(wanted, step, isSendingThrottled: true)
    }

    private func enrol(
        _ code: String, named name: String, of member: ProvedMember, _ step: LoginStep
    ) async -> PortalResponse {
        // Without a secret the page has shown none: it comes first.
        guard let secret = step.attempt.enrolment else {
            return await show(await steps.enrolment(member, step.factorVisit), step, of: nil)
        }
        let enrolment = FactorEnrolment.totp(
            secret: FactorSecret(SecretBytes(copying: secret)), code: code, name: name)
        return await show(
            await steps.enrol(enrolment, member, step.factorVisit), step, of: .totp, typedName: name)
    }

    private func enrol(
        _ answer: (registration: PasskeyRegistration, transports: [String])?, of member: ProvedMember, _ step: LoginStep
    ) async -> PortalResponse {
        guard let answer else {
            guard case .step(let wanted, nil) = await steps.enrolment(member, step.factorVisit) else {
                return gate.stale(step.visit)
            }
            return enrolments.show(wanted, step, fault: .init(fault: .notThisPasskey, factor: .passkey))
        }
        let enrolment = FactorEnrolment.passkey(
            answer.registration, challenge: step.attempt.challenge, transports: answer.transports, name: "")
        return await show(await steps.enrol(enrolment, member, step.factorVisit), step, of: .passkey)
    }

    /// - Parameter factor: whose form it was; nil for the others.
    private func show(
        _ outcome: EnrolmentOutcome, _ step: LoginStep, of factor: Factor?, typedName: String = ""
    ) async -> PortalResponse {
        switch outcome {
        case .step(let wanted, let fault):
            return enrolments.show(
                wanted, step, fault: fault.map { .init(fault: $0, factor: factor) }, typedName: typedName)
        case .enrolled(let outcome, let codes):
            // The first factor has ended every session that the member had: whoever holds copies is told, whatever became
            // of the one that begins.
            if let member = step.member { gate.services.notify(.ended(.user(member.user, of: member.tenant))) }
            guard let codes else { return await answer(outcome, step) }
            return await enrolments.codes(codes, then: outcome, step)
        case .ended(let outcome): return await answer(outcome, step)
        }
    }

    private func answer(_ outcome: PasswordLoginOutcome, _ step: LoginStep) async -> PortalResponse {
        await answers.answer(outcome, to: step, throttled: FactorText.text(in: step.visit.language).throttled) {
            gate.stale(step.visit)
        }
    }
}
