import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/account/password`: a member who is signed in sets another password and proves the current one with the
/// same form (security rule 11).
struct PasswordChangeEndpoint: Sendable {
    private let pages: PasswordPages
    private let logins: LoginPages
    private let services: PortalServices
    private let flow: PasswordChange
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices, flow: PasswordChange) {
        self.pages = PasswordPages(pages: pages)
        logins = LoginPages(pages: pages)
        self.services = services
        self.flow = flow
        tokens = FormToken(forms: services.forms)
    }

    /// The form; visitors sign in first and are led back.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return refusal(visit, .tenantSuspended) }
        guard let member = visit.member else { return signIn(visit) }
        guard mayHavePassword(member) else { return withoutPassword(visit) }
        let isDone = (request.head.path ?? "").hasSuffix("?\(Self.done)")
        return form(visit, member, notice: isDone ? PasswordText.text(in: visit.language).changed : nil)
    }

    /// Sets the new password.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return refusal(visit, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return refusal(visit, .tenantSuspended) }
        var fields: FormFields
        switch SubmittedForm.read(request) {
        case .success(let read): fields = read
        case .failure(let fault): return refusedForm(visit, status: fault.status)
        }
        // The session has ended since the form was shown.
        guard let member = visit.member else { return signIn(visit) }
        guard tokens.isToken(fields["csrf"] ?? "", for: .session(member.handle)) else { return refusedForm(visit) }
        guard mayHavePassword(member) else { return withoutPassword(visit) }
        let text = PasswordText.text(in: visit.language)
        guard fields.isFilled(FormFields.currentPassword) else {
            return form(visit, member, currentFault: text.currentMissing)
        }
        guard let current = fields.takePassword(FormFields.currentPassword) else {
            return form(visit, member, currentFault: text.currentWrong)
        }
        let outcome = await flow.change(
            PasswordChange.Request(
                session: member.handle, host: member.host,
                token: visit.cookies[.session].flatMap { SessionTokens.digest($0) }, tenant: member.tenant,
                user: member.user, email: member.email, current: current, new: fields.takeNewPassword(),
                client: request.client, deviceToken: visit.cookies[.device], userAgent: visit.userAgent,
                language: visit.language.rawValue, forms: services.forms))
        switch outcome {
        case .changed(let token, let device, let keptUntil):
            services.notify(.ended(.user(member.user, of: member.tenant)))
            return changed(visit, token, device, keptUntil: keptUntil)
        case .wrong: return form(visit, member, currentFault: text.currentWrong)
        case .needsSecondFactor:
            let page = SafeRedirect(PortalAddress.accountPassword)
            return logins.redirect(visit, to: PortalAddress.stepUp(returningTo: page))
        case .refused(let verdict): return form(visit, member, verdict: verdict)
        // A second submit of the form: where it led to is for its session to say.
        case .overtaken: return logins.redirect(visit, to: PortalAddress.accountPassword)
        case .throttled(let wait): return refusal(visit, .loginThrottled, again(visit, wait: wait))
        case .busy(let wait): return refusal(visit, .loginBusy, again(visit, wait: wait))
        case .unavailable: return refusal(visit, .storeUnavailable, again(visit))
        }
    }

    // MARK: Answers

    /// The query of the page that says that it is done.
    private static let done = "done=1"

    private func form(
        _ visit: LoginVisit, _ member: SessionEntry, verdict: PasswordVerdict? = nil, currentFault: String? = nil,
        notice: String? = nil
    ) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        return pages.form(
            visit,
            PasswordPages.Form(
                heading: text.changeHeading, introduction: text.changeIntroduction,
                action: PortalAddress.accountPassword,
                hidden: [("csrf", tokens.token(for: .session(member.handle)))], email: member.email,
                asksForCurrent: true, currentFault: currentFault,
                field: NewPasswordField(rules: flow.rules, verdict: verdict, language: visit.language),
                proceed: text.change, notice: notice,
                back: PasswordPages.Way(address: PortalAddress.home, label: text.back), frame: frame(visit),
                isAccountPage: services.account != nil, hasFactors: services.accountSteps != nil))
    }

    private func mayHavePassword(_ member: SessionEntry) -> Bool {
        services.mayHavePassword(member.email, in: member.tenant)
    }

    /// A member whose password would not count has none to change (security rule 19).
    private func withoutPassword(_ visit: LoginVisit) -> PortalResponse {
        let text = ConnectionText.text(in: visit.language)
        return pages.message(
            visit, heading: text.withoutPassword, paragraphs: [text.withoutPasswordAdvice],
            action: PasswordPages.Way(
                address: PortalAddress.home, label: PasswordText.text(in: visit.language).back),
            frame: frame(visit), status: .forbidden)
    }

    /// The session goes on under its new token, and this device is known again.
    private func changed(
        _ visit: LoginVisit, _ token: String, _ device: KnownDevice, keptUntil: WallTime?
    ) -> PortalResponse {
        let now = services.now()
        let age = PortalCookies.seconds(until: device.expiresAt, from: now)
        return logins.redirect(
            visit, to: "\(PortalAddress.accountPassword)?\(Self.done)",
            fields: HTTPFields([
                PortalCookies.setting(
                    .session, to: token, maxAge: keptUntil.map { PortalCookies.seconds(until: $0, from: now) }),
                PortalCookies.setting(.device, to: device.token, maxAge: age),
            ]))
    }

    private func signIn(_ visit: LoginVisit) -> PortalResponse {
        logins.redirect(
            visit,
            to: PortalAddress.login(returnTo: SafeRedirect(PortalAddress.accountPassword), tenant: visit.namedTenant))
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = again(visit)
        details.status = status
        return refusal(visit, .formRefused, details)
    }

    private func again(_ visit: LoginVisit, wait: Milliseconds? = nil) -> RefusalDetails {
        var details = RefusalDetails()
        details.wait = wait
        details.action = RefusalDetails.Action(
            address: PortalAddress.accountPassword, label: PasswordText.text(in: visit.language).openAgain)
        return details
    }

    private func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()
    ) -> PortalResponse {
        pages.refusal(visit, reason, details, frame: frame(visit))
    }

    private func frame(_ visit: LoginVisit) -> PageFrame {
        // Whoever is signed in knows the tenant, on a shared host too.
        let tenant = visit.member?.tenant
        return PageFrame(
            site: tenant.flatMap(services.tenantName) ?? visit.site, language: visit.language,
            otherLanguageAddress: "\(PortalAddress.accountPassword)?lang=\(visit.language.other.rawValue)",
            brand: tenant.map(services.brand) ?? visit.brand)
    }
}
