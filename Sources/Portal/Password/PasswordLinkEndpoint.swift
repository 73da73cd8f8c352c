import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `/.gatehouse/password/reset` and `/.gatehouse/invitation`: GET shows, only POST consumes (security rule 17).
///
/// The link's token goes from the address into a hidden field.  What is no use any more has one page, with the way on;
/// neither page signs anybody in.
struct PasswordLinkEndpoint: Sendable {
    private let pages: PasswordPages
    private let logins: LoginPages
    private let services: PortalServices
    private let flows: PasswordFlows
    private let links: PasswordLinks
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices, flows: PasswordFlows, links: PasswordLinks) {
        self.pages = PasswordPages(pages: pages, hidesAddress: true)
        logins = LoginPages(pages: pages)
        self.services = services
        self.flows = flows
        self.links = links
        tokens = FormToken(forms: services.forms)
    }

    private var path: String { PortalOrigin.path(of: links.purpose) }

    /// The form of a link that is good for something.
    func show(_ request: PortalRequest) async -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return refusal(visit, .tenantSuspended) }
        switch await links.look(link(visit)) {
        case .usable(let owner):
            let browser = visit.browser ?? SecureRandom.token()
            var response = form(visit, owner, browser)
            if visit.browser == nil {
                response.head.headerFields.append(PortalCookies.setting(.login, to: browser))
            }
            return response
        case .unusable: return unusable(visit)
        case .throttled(let wait): return throttled(visit, wait)
        case .unavailable: return refusal(visit, .storeUnavailable, again(visit))
        }
    }

    /// Sets the password that was chosen.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        let unread = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields),
            FetchRules.admitsChange(request.head, hidesOrigin: true)
        else {
            return refusal(unread, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return refusal(unread, .tenantSuspended) }
        var fields: FormFields
        switch SubmittedForm.read(request) {
        case .success(let read): fields = read
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        let visit = LoginVisit(request, form: fields, services: services)
        guard let browser = visit.browser, tokens.isToken(fields["csrf"] ?? "", for: .browser(browser)) else {
            return refusedForm(visit)
        }
        switch await links.setPassword(fields.takeNewPassword(), link(visit)) {
        case .done(let owner, let device):
            services.notify(.ended(.user(owner.user, of: owner.tenant)))
            return signIn(visit, device)
        case .spent: return signIn(visit)
        case .refused(let owner, let verdict): return form(visit, owner, browser, verdict: verdict)
        case .unusable: return unusable(visit)
        case .throttled(let wait): return throttled(visit, wait)
        case .busy(let wait):
            var details = again(visit)
            details.wait = wait
            return refusal(visit, .loginBusy, details)
        case .unavailable: return refusal(visit, .storeUnavailable, again(visit))
        }
    }

    // MARK: Answers

    private func form(
        _ visit: LoginVisit, _ owner: LinkOwner, _ browser: String, verdict: PasswordVerdict? = nil
    ) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        let (heading, introduction) =
            switch links.purpose {
            case .invitation: (text.invitationHeading(owner.tenantName), text.invitationIntroduction)
            case .passwordReset: (text.resetHeading, text.resetIntroduction)
            }
        var frame = frame(visit)
        frame.site = owner.tenantName
        return pages.form(
            visit,
            PasswordPages.Form(
                heading: heading, introduction: introduction, action: path,
                hidden: [("csrf", tokens.token(for: .browser(browser))), ("token", visit.linkToken ?? "")],
                email: owner.email, name: links.purpose == .invitation ? owner.name : nil,
                field: NewPasswordField(rules: links.rules, verdict: verdict, language: visit.language),
                proceed: text.setPassword, frame: frame))
    }

    /// To the login, which neither kind of link spares anybody.
    /// - Parameter device: the browser of an accepted invitation, which the account knows from now on.
    private func signIn(_ visit: LoginVisit, _ device: KnownDevice? = nil) -> PortalResponse {
        var fields = HTTPFields()
        if let device {
            let age = PortalCookies.seconds(until: device.expiresAt, from: services.now())
            fields.append(PortalCookies.setting(.device, to: device.token, maxAge: age))
        }
        return logins.redirect(visit, to: visit.loginAddress(notice: .passwordSet), fields: fields)
    }

    /// Used, expired, replaced, foreign, unknown: 410 (RFC 9110 §15.5.11), with the way on.
    private func unusable(_ visit: LoginVisit) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        let signIn = PasswordPages.Way(address: visit.loginAddress(), label: visit.text.signIn)
        let askAgain = PasswordPages.Way(
            address: PortalAddress.forgottenPassword(tenant: visit.namedTenant), label: text.askAgain)
        var frame = frame(visit)
        frame.otherLanguageAddress = PortalAddress.link(path, token: "", language: visit.language.other)
        switch links.purpose {
        case .invitation:
            return pages.message(
                visit, heading: text.unusableHeading, paragraphs: text.unusableInvitation, action: signIn,
                frame: frame, status: .gone)
        case .passwordReset:
            return pages.message(
                visit, heading: text.unusableHeading, paragraphs: text.unusableReset,
                action: flows.hasMail ? askAgain : signIn, aside: flows.hasMail ? signIn : nil, frame: frame,
                status: .gone)
        }
    }

    private func throttled(_ visit: LoginVisit, _ wait: Milliseconds) -> PortalResponse {
        var details = again(visit)
        (details.wait, details.text) = (wait, PasswordText.text(in: visit.language).linksThrottled)
        return refusal(visit, .loginThrottled, details)
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = again(visit)
        details.status = status
        return refusal(visit, .formRefused, details)
    }

    private func again(_ visit: LoginVisit) -> RefusalDetails {
        var details = RefusalDetails()
        details.action = RefusalDetails.Action(
            address: PortalAddress.link(path, token: shownToken(visit)),
            label: PasswordText.text(in: visit.language).openAgain)
        return details
    }

    private func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()
    ) -> PortalResponse {
        pages.refusal(visit, reason, details, frame: frame(visit))
    }

    // MARK: Parts

    private func frame(_ visit: LoginVisit) -> PageFrame {
        PageFrame(
            site: visit.site, language: visit.language,
            otherLanguageAddress: PortalAddress.link(
                path, token: shownToken(visit), language: visit.language.other), brand: visit.brand)
    }

    /// The token as far as it is one: nothing else is written into a page.
    private func shownToken(_ visit: LoginVisit) -> String { LinkToken(visit.linkToken ?? "")?.text ?? "" }

    private func link(_ visit: LoginVisit) -> LinkVisit {
        LinkVisit(
            token: visit.linkToken ?? "", hostTenant: visit.request.hostTenant, client: visit.request.client,
            userAgent: visit.userAgent, language: visit.language.rawValue)
    }
}
