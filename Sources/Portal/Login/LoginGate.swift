import Access
import Core
import HTTPTypes
import Login
import Store

/// A submitted step of a login that has come through `LoginGate`.
struct LoginStep: Sendable {
    var visit: LoginVisit
    var attempt: LoginAttempt
    /// The page that the attempt was sealed for.
    let place: LoginGate.Place
    /// The value of the login cookie.
    let browser: String
    let remember: LoginPages.Remember

    /// Whose factors are proved by and by; nil before the first one, and while a choice is awaited.
    var member: ProvedMember? { attempt.proved.count == 1 ? attempt.proved.first : nil }

    var factorVisit: FactorVisit { visit.factorVisit(isRemembered: remember.isChosen) }
}

/// The way into every form of a login: it comes from a page of ours, out of this browser, and goes on with an attempt
/// that opens and has led to no session yet.
struct LoginGate: Sendable {
    /// Which page's forms an attempt is sealed for: what one page hands out is worth nothing at another, so that nobody
    /// passes by a step.
    enum Place: String, Sendable {
        /// The address, the password, the tenant, another password.
        case login
        case secondFactor = "second-factor"
        case enrolment

        /// What stands for the host in the seal; no host has a blank in it.
        func context(_ host: String) -> String { self == .login ? host : "\(rawValue) \(host)" }
    }

    /// What became of a form at the door.
    enum Entry {
        /// With what was filled in: apart, since it may hold a password, which is taken out of it.
        case admitted(LoginStep, FormFields)
        case answered(PortalResponse)
    }

    let pages: LoginPages
    let services: PortalServices
    private let attempts: LoginAttemptSeal
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages) { services.passwords.map { $0.hasMail ? .mail : .administrator } }
        self.services = services
        attempts = LoginAttemptSeal(forms: services.forms)
        tokens = FormToken(forms: services.forms)
    }

    /// Lets a form in.
    /// - Parameter places: whose attempts are taken here.
    func enter(_ request: PortalRequest, at places: Place...) -> Entry {
        // 1. Where from: before anything is read.
        let unread = { LoginVisit(request, services: services) }
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return .answered(pages.refusal(unread(), .crossOrigin))
        }
        guard !request.isTenantSuspended else { return .answered(pages.refusal(unread(), .tenantSuspended)) }
        let form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return .answered(refusedForm(unread(), status: fault.status))
        }
        var visit = LoginVisit(request, form: form, services: services)
        guard let browser = visit.browser, tokens.isToken(form["csrf"] ?? "", for: .browser(browser)) else {
            return .answered(refusedForm(visit))
        }
        // 2. Another tab has been faster: its sign-in counts for this one too.
        guard visit.member == nil else { return .answered(pages.redirect(visit, to: visit.target)) }
        guard visit.hosts.home(of: visit.hostName) == nil else {
            return .answered(pages.redirect(visit, to: visit.loginAddress()))
        }
        // 3. The attempt: an old one, another browser's or page's, or a used one begins anew.
        let now = services.now()
        for place in places {
            let host = place.context(visit.host)
            guard let attempt = attempts.open(form["attempt"] ?? "", browser: browser, host: host, now: now),
                !services.usedAttempts.isUsed(attempt.id)
            else { continue }
            visit.resume(attempt, services: services)
            return .admitted(
                LoginStep(
                    visit: visit, attempt: attempt, place: place, browser: browser, remember: remember(form, visit)),
                form)
        }
        return .answered(stale(visit))
    }

    // MARK: What every step needs

    /// An attempt that goes on from here, with an id of its own: the one before may have been used, or be used yet.
    /// - Parameter member: whose factors have been proved so far.
    func next(_ step: LoginStep, of member: ProvedMember) -> LoginAttempt {
        var next = LoginAttempt.begun(
            at: services.now(), returnTo: step.attempt.returnTo, tenant: step.attempt.tenant)
        (next.email, next.proved, next.link) = (step.attempt.email, [member], step.attempt.link)
        return next
    }

    /// What a form carries unseen.
    func hidden(
        _ attempt: LoginAttempt, _ visit: LoginVisit, _ browser: String, for place: Place = .login
    ) -> LoginPages.Hidden {
        LoginPages.Hidden(
            attempt: attempts.seal(attempt, browser: browser, host: place.context(visit.host)),
            csrf: tokens.token(for: .browser(browser)))
    }

    /// False where the attempt has been used before.
    func use(_ attempt: LoginAttempt) -> Bool {
        let now = services.now()
        let until = WallTime(
            milliseconds: attempt.beganAt.milliseconds + Int64(clamping: LoginAttemptSeal.lifetime.count))
        return services.usedAttempts.use(attempt.id, until: until, now: now)
    }

    /// What the page before said about staying signed in, where the host's tenant offers it.  A tenant that an address
    /// names decides nothing here: whether there is one is nobody's business.
    func remember(_ form: FormFields, _ visit: LoginVisit) -> LoginPages.Remember {
        let limits = services.sessionLimits(of: visit.hostTenant)
        return LoginPages.Remember(
            span: limits.offersToRemember ? limits.limits(isRemembered: true).absolute : nil,
            isChosen: limits.offersToRemember && form["remember"] == "1")
    }

    /// To a fresh form, by a GET: a sign-in of another tab that ends meanwhile is met there.
    func stale(_ visit: LoginVisit) -> PortalResponse {
        pages.redirect(visit, to: visit.loginAddress(notice: .stale))
    }

    func startAgain(_ visit: LoginVisit, wait: Milliseconds? = nil) -> RefusalDetails {
        var details = RefusalDetails()
        details.wait = wait
        details.action = RefusalDetails.Action(address: visit.loginAddress(), label: visit.text.startAgain)
        return details
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = startAgain(visit)
        details.status = status
        return pages.refusal(visit, .formRefused, details)
    }
}
