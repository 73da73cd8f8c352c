import Access
import Core
import HTTPTypes
import Login
import Store

/// What a step of an enrolment at sign-in leads to, but for the login that goes on behind it.
struct EnrolmentAnswers: Sendable {
    private let gate: LoginGate
    private let pages: EnrolmentPages
    private let sheets: RecoveryCodeSheet

    init(gate: LoginGate, pages: PortalPages) {
        self.gate = gate
        self.pages = EnrolmentPages(pages: pages)
        sheets = RecoveryCodeSheet(forms: gate.services.forms)
    }

    /// The first page of an enrolment, in an attempt of its own.  Who has to enrol now is sent the code at once; who may
    /// put it off asks for it.
    func begin(_ wanted: EnrolmentStep, _ step: LoginStep) async -> PortalResponse {
        var next = step
        next.attempt = gate.next(step, of: wanted.member)
        guard wanted.code == .mailable, wanted.laterUntil == nil, let send = gate.services.factorSteps?.sendCode else {
            return show(wanted, next)
        }
        switch await send(wanted.member, step.factorVisit) {
        case .step(let sent, _): return show(sent, next)
        // Whatever became of the mail, a code may be there already.
        case .enrolled, .ended: return show(wanted, next)
        }
    }

    /// The page.
    /// - Parameters:
    ///   - step: its attempt goes on, with the same challenge and the same secret.
    ///   - typedName: of the app.
    func show(
        _ wanted: EnrolmentStep, _ step: LoginStep, fault: EnrolmentPages.Fault? = nil, typedName: String = "",
        isSendingThrottled: Bool = false
    ) -> PortalResponse {
        var attempt = step.attempt
        attempt.proved = [wanted.member]
        var secret: [UInt8] = []
        if wanted.code == .unneeded {
            secret = attempt.enrolment ?? TimeBasedCode.newSecret()
            attempt.enrolment = secret
        }
        defer { Wiping.wipe(&secret) }
        return pages.enrolment(
            step.visit,
            EnrolmentPages.Content(
                step: wanted, hidden: gate.hidden(attempt, step.visit, step.browser, for: .enrolment),
                isRemembered: step.remember.isChosen, secret: secret,
                uri: OTPAuthURI.text(
                    secret: SecretBytes(copying: secret), issuer: wanted.issuer, account: wanted.email),
                passkeyOptions: wanted.passkey.map { PasskeyOptions.creation($0, challenge: attempt.challenge) },
                typedName: typedName, fault: fault, isSendingThrottled: isSendingThrottled))
    }

    /// The new recovery codes, with the way on: they are shown whatever became of the session.
    /// - Parameter codes: as people read them.
    func codes(
        _ codes: [String], then outcome: PasswordLoginOutcome, _ step: LoginStep
    ) async -> PortalResponse {
        let (visit, text) = (step.visit, RecoveryCodeText.text(in: step.visit.language))
        var values: [String: Any] = [
            "introduction": text.introduction, "warning": text.warning, "codes": codes, "codesLabel": text.codes,
            "hint": text.hint,
        ]
        switch outcome {
        case .signedIn(let signedIn):
            let cookies = await gate.accept(signedIn, step)
            // The codes are shown here and nowhere else: what stays unconnected is asked for at the next sign-in.
            _ = await gate.connect(signedIn, step)
            values = sheets.values(
                codes: codes,
                site: gate.services.tenantName(signedIn.tenant) ?? signedIn.tenant.text,
                email: step.attempt.email ?? "", session: signedIn.handle, host: visit.host,
                csrf: gate.csrf(signedIn), language: visit.language, continueTo: visit.target,
                now: gate.services.now())
            return pages.recoveryCodes(visit, values, fields: cookies)
        case .mustChange(let member):
            _ = gate.use(step.attempt)
            let hidden = gate.hidden(gate.next(step, of: member), visit, step.browser)
            values["onward"] =
                [
                    "action": visit.formAddress, "label": text.proceed,
                    "hidden": LoginPages.fields(hidden, visit, isRemembered: step.remember.isChosen),
                ] as [String: Any]
        default:
            // The factor is there and the session is not: the next sign-in asks for it.
            _ = gate.use(step.attempt)
            values["proceed"] = ["address": visit.loginAddress(), "label": text.proceed]
        }
        return pages.recoveryCodes(visit, values)
    }
}
