import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `/.gatehouse/password/forgot`: asks for an address, and says the same whatever comes of it, before anybody is looked
/// up (security rules 14 and 17).
struct ForgottenPasswordEndpoint: Sendable {
    private let pages: PasswordPages
    private let services: PortalServices
    private let reset: PasswordReset
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices, reset: PasswordReset) {
        self.pages = PasswordPages(pages: pages)
        self.services = services
        self.reset = reset
        tokens = FormToken(forms: services.forms)
    }

    /// The form; where no mail can be sent, whom to ask.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return refusal(visit, .tenantSuspended) }
        guard reset.hasMail else { return withoutMail(visit) }
        let browser = visit.browser ?? SecureRandom.token()
        var response = pages.forgotten(visit, csrf: tokens.token(for: .browser(browser)))
        if visit.browser == nil {
            response.head.headerFields.append(PortalCookies.setting(.login, to: browser))
        }
        return response
    }

    /// Takes the address in.
    func submit(_ request: PortalRequest) -> PortalResponse {
        let unread = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return refusal(unread, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return refusal(unread, .tenantSuspended) }
        let form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        let visit = LoginVisit(request, form: form, services: services)
        guard let browser = visit.browser, tokens.isToken(form["csrf"] ?? "", for: .browser(browser)) else {
            return refusedForm(visit)
        }
        // The shape alone is judged: it is the same for every account.
        let typed = form["email"] ?? ""
        guard let email = NormalizedEmail(typed) else {
            return pages.forgotten(
                visit, csrf: tokens.token(for: .browser(browser)), email: typed, hasFault: true)
        }
        let asked = PasswordReset.Request(
            tenant: visit.tenant, email: email, client: request.client, language: visit.language.rawValue)
        switch reset.ask(asked) {
        case .accepted: return accepted(visit)
        case .withoutMail: return withoutMail(visit)
        case .throttled(let wait):
            var details = again(visit)
            (details.wait, details.text) = (wait, PasswordText.text(in: visit.language).mailsThrottled)
            return refusal(visit, .loginThrottled, details)
        case .busy(let wait):
            var details = again(visit)
            details.wait = wait
            return refusal(visit, .loginBusy, details)
        }
    }

    // MARK: Answers

    private func accepted(_ visit: LoginVisit) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        return pages.message(
            visit, heading: text.mailHeading, paragraphs: text.mailParagraphs, action: signIn(visit),
            frame: pages.forgottenFrame(visit))
    }

    private func withoutMail(_ visit: LoginVisit) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        return pages.message(
            visit, heading: text.noMailHeading, paragraphs: text.noMailParagraphs, action: signIn(visit),
            frame: pages.forgottenFrame(visit))
    }

    private func signIn(_ visit: LoginVisit) -> PasswordPages.Way {
        PasswordPages.Way(address: visit.loginAddress(), label: visit.text.startAgain)
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = again(visit)
        details.status = status
        return refusal(visit, .formRefused, details)
    }

    private func again(_ visit: LoginVisit) -> RefusalDetails {
        var details = RefusalDetails()
        details.action = RefusalDetails.Action(
            address: PortalAddress.forgottenPassword(tenant: visit.namedTenant),
            label: PasswordText.text(in: visit.language).openAgain)
        return details
    }

    private func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()
    ) -> PortalResponse {
        pages.refusal(visit, reason, details, frame: pages.forgottenFrame(visit))
    }
}
