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
    private let handoff: HandoffEndpoint
    private let forms: PasswordPages
    private let attempts: LoginAttemptSeal
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages) { services.passwords.map { $0.hasMail ? .mail : .administrator } }
        forms = PasswordPages(pages: pages)
        self.services = services
        handoff = HandoffEndpoint(pages: pages, services: services)
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
        if let departure = handoff.departure(visit) { return departure }
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
        guard visit.hosts.home(of: visit.hostName) == nil else {
            return pages.redirect(visit, to: visit.loginAddress())
        }
        // 3. The attempt: an old one, another browser's or a used one begins anew.
        let now = services.now()
        guard
            let attempt = attempts.open(form["attempt"] ?? "", browser: browser, host: visit.host, now: now),
            !services.usedAttempts.isUsed(attempt.id)
        else { return stale(visit) }
        visit.resume(attempt, services: services)
        // 4. The step.
        if let tenant = form["tenant"], !attempt.proved.isEmpty {
            return await choose(tenant, attempt, visit, browser, isRemembered: remember(form, visit).isChosen)
        }
        if let member = attempt.proved.first, attempt.proved.count == 1 {
            return await change(&form, of: member, attempt, visit, browser)
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
        let remember = remember(form, visit)
        let step = { [visit, attempt] (fault: LoginPages.Fault?) in
            pages.passwordStep(
                visit, hidden(attempt, visit, browser), email: email, remember: remember, fault: fault)
        }
        guard form.hasPassword else { return step(nil) }
        guard form.hasFilledPassword else { return step(.password) }
        guard let password = form.takePassword() else { return step(.refused) }
        let outcome = await services.login.signIn(
            PasswordLoginRequest(
                tenant: visit.tenant, email: email, password: password, client: visit.request.client,
                deviceToken: visit.cookies[.device], userAgent: visit.userAgent, language: visit.language.rawValue,
                isRemembered: remember.isChosen))
        return await answer(outcome, attempt, visit, browser, isRemembered: remember.isChosen) { step(.refused) }
    }

    /// One of the tenants whose password was proved before.
    private func choose(
        _ tenant: String, _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String, isRemembered: Bool
    ) async -> PortalResponse {
        // The sealed proof stands for the password, so it works once.
        guard let member = attempt.proved.first(where: { $0.tenant.text == tenant }), use(attempt) else {
            return stale(visit)
        }
        let outcome = await services.login.begin(
            member, visit.request.client, visit.cookies[.device], visit.userAgent, isRemembered)
        return await answer(outcome, attempt, visit, browser, isRemembered: isRemembered) { stale(visit) }
    }

    /// The password that has to be another one before the session begins.  Several proved members choose first, so an
    /// attempt with one is at this step.
    private func change(
        _ form: inout FormFields, of member: ProvedMember, _ attempt: LoginAttempt, _ visit: LoginVisit,
        _ browser: String
    ) async -> PortalResponse {
        guard let flow = services.passwords?.change else { return stale(visit) }
        let isRemembered = remember(form, visit).isChosen
        let step = { (verdict: PasswordVerdict?) in
            forms.forcedChange(
                visit, hidden(attempt, visit, browser), email: attempt.email ?? "",
                field: NewPasswordField(rules: flow.rulesWhereForced, verdict: verdict, language: visit.language),
                isRemembered: isRemembered)
        }
        guard form.hasPassword else { return step(nil) }
        let outcome = await flow.changeAndBegin(
            member, new: form.takeNewPassword(), client: visit.request.client, deviceToken: visit.cookies[.device],
            userAgent: visit.userAgent, language: visit.language.rawValue, isRemembered: isRemembered)
        switch outcome {
        case .signedIn(let signedIn):
            services.notify(.ended(.user(signedIn.user, of: signedIn.tenant)))
            return await answer(.signedIn(signedIn), attempt, visit, browser, isRemembered: isRemembered) {
                stale(visit)
            }
        case .refused(let verdict): return step(verdict)
        case .overtaken: return stale(visit)
        case .busy(let wait): return pages.refusal(visit, .loginBusy, startAgain(visit, wait: wait))
        case .unavailable: return pages.refusal(visit, .storeUnavailable, startAgain(visit))
        }
    }

    // MARK: Answers

    private func answer(
        _ outcome: PasswordLoginOutcome, _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String,
        isRemembered: Bool, refused: () -> PortalResponse
    ) async -> PortalResponse {
        switch outcome {
        case .signedIn(let signedIn):
            // Only attempts that succeeded are kept, so that nobody's failures fill the memory of used ones.
            _ = use(attempt)
            await endTwin(of: signedIn, attempt)
            for handle in signedIn.displaced { services.notify(.ended(.handle(handle))) }
            return begun(signedIn, visit)
        case .choose(let choices):
            var proved = attempt
            proved.proved = choices.map(\.member)
            return pages.choiceStep(
                visit, hidden(proved, visit, browser), choices: choices.map { ($0.member.tenant, $0.name) },
                isRemembered: isRemembered)
        case .mustChange(let member):
            guard let flow = services.passwords?.change else {
                return pages.refusal(visit, .storeUnavailable, startAgain(visit))
            }
            // An attempt of its own: the one before may have been used by a choice.
            var next = LoginAttempt.begun(at: services.now(), returnTo: attempt.returnTo, tenant: attempt.tenant)
            (next.email, next.proved) = (attempt.email, [member])
            return forms.forcedChange(
                visit, hidden(next, visit, browser), email: attempt.email ?? "",
                field: NewPasswordField(rules: flow.rulesWhereForced, language: visit.language),
                isRemembered: isRemembered)
        case .refused: return refused()
        case .throttled(let wait): return pages.refusal(visit, .loginThrottled, startAgain(visit, wait: wait))
        case .busy(let wait): return pages.refusal(visit, .loginBusy, startAgain(visit, wait: wait))
        case .unavailable: return pages.refusal(visit, .storeUnavailable, startAgain(visit))
        }
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

    /// Signed in: a new session's token, whatever the browser sent before, and the device's.
    private func begun(_ signedIn: SignedIn, _ visit: LoginVisit) -> PortalResponse {
        let now = services.now()
        let deviceAge = PortalCookies.seconds(until: signedIn.deviceExpiresAt, from: now)
        let age = signedIn.isRemembered ? PortalCookies.seconds(until: signedIn.expiresAt, from: now) : nil
        return pages.redirect(
            visit, to: visit.target,
            fields: HTTPFields(
                [
                    PortalCookies.setting(.session, to: signedIn.token, maxAge: age),
                    PortalCookies.setting(.device, to: signedIn.deviceToken, maxAge: deviceAge),
                ] + endedApplications(visit)))
    }

    /// What applications knew of whoever used this browser before ends here.
    private func endedApplications(_ visit: LoginVisit) -> [HTTPField] {
        PortalCookies.clearing(applications: services.applicationCookies(visit.host))
    }

    /// To a fresh form, by a GET: a sign-in of another tab that ends meanwhile is met there.
    private func stale(_ visit: LoginVisit) -> PortalResponse {
        pages.redirect(visit, to: visit.loginAddress(notice: .stale))
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

    /// What the page before said about staying signed in, where the host's tenant offers it.  A tenant that an address
    /// names decides nothing here: whether there is one is nobody's business.
    private func remember(_ form: FormFields, _ visit: LoginVisit) -> LoginPages.Remember {
        let limits = services.sessionLimits(of: visit.hostTenant)
        return LoginPages.Remember(
            span: limits.offersToRemember ? limits.limits(isRemembered: true).absolute : nil,
            isChosen: limits.offersToRemember && form["remember"] == "1")
    }
}
