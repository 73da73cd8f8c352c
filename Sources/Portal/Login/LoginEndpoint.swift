import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `/.gatehouse/login`: e-mail first, then the password, in plain forms (interfaces.md, Endpoints).
///
/// Each step is sealed into the next one's form: nothing is kept here for visitors who have proved nothing, so a flood
/// of them fills nothing, and tabs do not disturb each other (security rule 10).  The second step depends on the host
/// and the address that the visitor came by, never on the account.
struct LoginEndpoint: Sendable {
    let pages: LoginPages
    let services: PortalServices
    private let attempts: LoginAttemptSeal
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages)
        self.services = services
        attempts = LoginAttemptSeal(forms: services.forms)
        tokens = FormToken(forms: services.forms)
    }

    // MARK: GET

    /// The first step; whoever is signed in already is led on.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = visit(request)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return pages.refusal(visit, .tenantSuspended) }
        guard visit.member == nil else { return pages.redirect(visit, to: visit.target) }
        let browser = visit.browser ?? SecureRandom.token()
        var response = pages.emailStep(visit, hidden(freshAttempt(visit), visit, browser))
        if visit.browser == nil {
            response.head.headerFields.append(PortalCookies.setting(.login, to: browser))
        }
        return response
    }

    // MARK: POST

    /// A submitted step.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        // 1. Where from: before anything is read.
        let unread = visit(request)
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return pages.refusal(unread, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return pages.refusal(unread, .tenantSuspended) }
        var form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        var visit = LoginVisit(request, form: form, services: services)
        guard let browser = visit.browser, tokens.isToken(form["csrf"] ?? "", for: .browser(browser)) else {
            return refusedForm(visit)
        }
        // 2. Another tab has been faster: its sign-in counts for this one too.
        guard visit.member == nil else { return pages.redirect(visit, to: visit.target) }
        // 3. The attempt: an old one, another browser's or a used one begins anew.
        let now = services.now()
        guard
            let attempt = attempts.open(form["attempt"] ?? "", browser: browser, host: visit.host, now: now),
            !services.usedAttempts.isUsed(attempt.id)
        else { return stale(visit) }
        visit.resume(attempt, services: services)
        // 4. The step.
        if let tenant = form["tenant"], !attempt.proved.isEmpty {
            return await choose(tenant, attempt, visit, browser)
        }
        return await identify(&form, attempt, visit, browser)
    }

    /// The address, and the password where it came too.
    private func identify(
        _ form: inout FormFields, _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String
    ) async -> PortalResponse {
        var (attempt, visit) = (attempt, visit)
        let email = form["email"] ?? attempt.email ?? ""
        // The shape alone is judged: it is the same for every account.
        guard let address = NormalizedEmail(email) else {
            return pages.emailStep(visit, hidden(attempt, visit, browser), email: email, fault: .email)
        }
        attempt.email = email
        visit.recognize(address, services: services)
        let step = { [visit, attempt] (fault: LoginPages.Fault?) in
            pages.passwordStep(visit, hidden(attempt, visit, browser), email: email, fault: fault)
        }
        guard form.hasPassword else { return step(nil) }
        guard form.hasFilledPassword else { return step(.password) }
        guard let password = form.takePassword() else { return step(.refused) }
        let outcome = await services.login.signIn(
            PasswordLoginRequest(
                tenant: visit.tenant, email: email, password: password, client: visit.request.client,
                deviceToken: visit.cookies[.device], userAgent: userAgent(visit)))
        return answer(outcome, attempt, visit, browser) { step(.refused) }
    }

    /// One of the tenants whose password was proved before.
    private func choose(
        _ tenant: String, _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String
    ) async -> PortalResponse {
        // The sealed proof stands for the password, so it works once.
        guard let member = attempt.proved.first(where: { $0.tenant.text == tenant }), use(attempt) else {
            return stale(visit)
        }
        let outcome = await services.login.begin(
            member, visit.request.client, visit.cookies[.device], userAgent(visit))
        return answer(outcome, attempt, visit, browser) { stale(visit) }
    }

    // MARK: Answers

    private func answer(
        _ outcome: PasswordLoginOutcome, _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String,
        refused: () -> PortalResponse
    ) -> PortalResponse {
        switch outcome {
        case .signedIn(let signedIn):
            // Only attempts that succeeded are kept, so that nobody's failures fill the memory of used ones.
            _ = use(attempt)
            for handle in signedIn.displaced { services.notify(.ended(.handle(handle))) }
            return begun(signedIn, visit)
        case .choose(let choices):
            var proved = attempt
            proved.proved = choices.map(\.member)
            return pages.choiceStep(
                visit, hidden(proved, visit, browser), choices: choices.map { ($0.member.tenant, $0.name) })
        case .refused: return refused()
        case .throttled(let wait): return pages.refusal(visit, .loginThrottled, startAgain(visit, wait: wait))
        case .busy(let wait): return pages.refusal(visit, .loginBusy, startAgain(visit, wait: wait))
        case .unavailable: return pages.refusal(visit, .storeUnavailable, startAgain(visit))
        }
    }

    /// Signed in: a new session's token, whatever the browser sent before, and the device's.
    private func begun(_ signedIn: SignedIn, _ visit: LoginVisit) -> PortalResponse {
        // Rounded up: the clock has gone on since the device was written.
        let deviceAge = (signedIn.deviceExpiresAt.milliseconds - services.now().milliseconds + 999) / 1000
        return pages.redirect(
            visit, to: visit.target,
            fields: HTTPFields([
                PortalCookies.setting(.session, to: signedIn.token),
                PortalCookies.setting(.device, to: signedIn.deviceToken, maxAge: deviceAge),
            ]))
    }

    /// To a fresh form, by a GET: a sign-in of another tab that ends meanwhile is met there.
    private func stale(_ visit: LoginVisit) -> PortalResponse {
        pages.redirect(visit, to: visit.loginAddress(isStale: true))
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = startAgain(visit)
        details.status = status
        return pages.refusal(visit, .formRefused, details)
    }

    private func startAgain(_ visit: LoginVisit, wait: Milliseconds? = nil) -> RefusalDetails {
        var details = RefusalDetails()
        details.wait = wait
        details.action = RefusalDetails.Action(address: visit.loginAddress(), label: visit.text.startAgain)
        return details
    }

    // MARK: Parts

    private func visit(_ request: PortalRequest) -> LoginVisit {
        LoginVisit(request, services: services)
    }

    private func freshAttempt(_ visit: LoginVisit) -> LoginAttempt {
        .begun(at: services.now(), returnTo: visit.returnTo, tenant: visit.namedTenant)
    }

    private func hidden(_ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String) -> LoginPages.Hidden {
        LoginPages.Hidden(
            attempt: attempts.seal(attempt, browser: browser, host: visit.host),
            csrf: tokens.token(for: .browser(browser)))
    }

    /// False where the attempt has been used before.
    private func use(_ attempt: LoginAttempt) -> Bool {
        let now = services.now()
        let until = WallTime(
            milliseconds: attempt.beganAt.milliseconds + Int64(clamping: LoginAttemptSeal.lifetime.count))
        return services.usedAttempts.use(attempt.id, until: until, now: now)
    }

    /// At most 512 bytes of what the browser calls itself, for the list of sessions.
    private func userAgent(_ visit: LoginVisit) -> String {
        String(decoding: (visit.request.head.headerFields[.userAgent] ?? "").utf8.prefix(512), as: UTF8.self)
    }
}
