import Access
import Core
import HTTPTypes
import Login

/// What a step of a login leads to: each outcome has its page, whichever step it came from.
///
/// A class, which a request does not copy.
final class LoginAnswers: Sendable {
    let gate: LoginGate
    private let passwords: PasswordPages
    private let factors: FactorPages
    private let enrolments: EnrolmentAnswers
    private let providers: SSOPages

    init(gate: LoginGate, pages: PortalPages) {
        self.gate = gate
        passwords = PasswordPages(pages: pages)
        factors = FactorPages(pages: pages)
        enrolments = EnrolmentAnswers(gate: gate, pages: pages)
        providers = SSOPages(pages: pages)
    }

    private var services: PortalServices { gate.services }

    /// The answer to a step.
    /// - Parameters:
    ///   - throttled: what a page says besides the wait; nil for the usual words.
    ///   - refused: the answer to whoever is refused.
    func answer(
        _ outcome: PasswordLoginOutcome, to step: LoginStep, throttled: RefusalText? = nil,
        refused: () -> PortalResponse
    ) async -> PortalResponse {
        let visit = step.visit
        switch outcome {
        case .signedIn(let signedIn): return await begun(signedIn, step)
        case .choose(let choices):
            var proved = step.attempt
            proved.proved = choices.map(\.member)
            return gate.pages.choiceStep(
                visit, gate.hidden(proved, visit, step.browser), choices: choices.map { ($0.member.tenant, $0.name) },
                isRemembered: step.remember.isChosen)
        case .mustChange(let member): return forcedChange(of: member, step)
        case .secondFactor(let wanted):
            return secondFactor(wanted, gate.next(step, of: wanted.member), step)
        case .enrol(let wanted):
            return await enrolments.begin(wanted, step)
        case .refused: return refused()
        case .throttled(let wait):
            var details = gate.startAgain(visit, wait: wait)
            details.text = throttled
            return gate.pages.refusal(visit, .loginThrottled, details)
        case .busy(let wait): return gate.pages.refusal(visit, .loginBusy, gate.startAgain(visit, wait: wait))
        case .unavailable: return gate.pages.refusal(visit, .storeUnavailable, gate.startAgain(visit))
        }
    }

    /// The page that asks for a second factor.
    /// - Parameter attempt: whose challenge a passkey answers.
    func secondFactor(
        _ wanted: SecondFactorStep, _ attempt: LoginAttempt, _ step: LoginStep,
        fault: (FactorFault, of: Factor)? = nil
    ) -> PortalResponse {
        factors.secondFactor(
            step.visit, gate.hidden(attempt, step.visit, step.browser, for: .secondFactor), wanted,
            challenge: attempt.challenge, isRemembered: step.remember.isChosen, fault: fault)
    }

    private func forcedChange(of member: ProvedMember, _ step: LoginStep) -> PortalResponse {
        guard let flow = services.passwords?.change else {
            return gate.pages.refusal(step.visit, .storeUnavailable, gate.startAgain(step.visit))
        }
        // What was proved to come this far proves nothing a second time.
        if step.place != .login { _ = gate.use(step.attempt) }
        return passwords.forcedChange(
            step.visit, gate.hidden(gate.next(step, of: member), step.visit, step.browser),
            email: step.attempt.email ?? "",
            field: NewPasswordField(rules: flow.rulesWhereForced, language: step.visit.language),
            isRemembered: step.remember.isChosen)
    }

    /// Signed in: on to where the visitor wanted to go, past what the member should know first.
    private func begun(_ signedIn: SignedIn, _ step: LoginStep) async -> PortalResponse {
        let cookies = await gate.accept(signedIn, step)
        if await !gate.connect(signedIn, step) { return providers.notLinked(step.visit, fields: cookies) }
        if let left = signedIn.recoveryCodesLeft, left <= RecoveryCode.fewLeft {
            return factors.codesLeft(step.visit, left, fields: cookies)
        }
        if let prompts = services.factorSteps?.promptsForPasskey, await prompts(signedIn) {
            return factors.passkeyOffer(step.visit, csrf: gate.csrf(signedIn), fields: cookies)
        }
        return gate.pages.redirect(step.visit, to: step.visit.target, fields: cookies)
    }
}

extension LoginGate {
    /// A session has begun: its attempt is used, what it displaced is told of.
    /// - Returns: its cookies.
    func accept(_ signedIn: SignedIn, _ step: LoginStep) async -> HTTPFields {
        // Only attempts that succeeded are kept, so that nobody's failures fill the memory of used ones.
        _ = use(step.attempt)
        await endTwin(of: signedIn, step.attempt)
        for handle in signedIn.displaced { services.notify(.ended(.handle(handle))) }
        return cookies(signedIn, step.visit)
    }

    /// Connects the account that was proved with whom an identity provider named before; nothing where none did.
    /// - Returns: false where it is not that account, or too late: the session is there all the same.
    func connect(_ signedIn: SignedIn, _ step: LoginStep) async -> Bool {
        guard let link = step.attempt.link else { return true }
        return await services.sso?.completeLink(link, signedIn, step.factorVisit) ?? false
    }

    /// What the forms of the member's session carry.
    func csrf(_ signedIn: SignedIn) -> String {
        FormToken(forms: services.forms).token(for: .session(signedIn.handle))
    }

    /// A form that was sent twice at once leads to one session, the later one.
    private func endTwin(of signedIn: SignedIn, _ attempt: LoginAttempt) async {
        let session = UsedLoginAttempts.Session(
            handle: signedIn.handle, tenant: signedIn.tenant, user: signedIn.user)
        guard let twin = services.usedAttempts.lead(attempt.id, to: session) else { return }
        // Where it cannot be ended now it is nobody's, and its time ends it.
        try? await services.login.signOut(twin.handle, twin.tenant, twin.user)
        services.notify(.ended(.handle(twin.handle)))
    }

    /// A new session's token, whatever the browser sent before, and the device's.  What applications knew of whoever
    /// used this browser before ends here.
    private func cookies(_ signedIn: SignedIn, _ visit: LoginVisit) -> HTTPFields {
        let now = services.now()
        let deviceAge = PortalCookies.seconds(until: signedIn.deviceExpiresAt, from: now)
        let age = signedIn.isRemembered ? PortalCookies.seconds(until: signedIn.expiresAt, from: now) : nil
        return HTTPFields(
            [
                PortalCookies.setting(.session, to: signedIn.token, maxAge: age),
                PortalCookies.setting(.device, to: signedIn.deviceToken, maxAge: deviceAge),
            ] + PortalCookies.clearing(applications: services.applicationCookies(visit.host)))
    }
}
