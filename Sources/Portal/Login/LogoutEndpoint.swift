import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/logout`: asks first, and ends the session by a POST from its own page only, so that no link, image or
/// other site signs anybody out.
struct LogoutEndpoint: Sendable {
    private let pages: LoginPages
    private let providers: SSOPages
    private let services: PortalServices
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages)
        providers = SSOPages(pages: pages)
        self.services = services
        tokens = FormToken(forms: services.forms)
    }

    /// The question, or the news that nobody is signed in.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return refusal(visit, .crossOrigin) }
        guard let member = visit.member else { return pages.signedOut(visit) }
        return pages.signOutQuestion(
            visit, email: member.email, csrf: tokens.token(for: .session(member.handle)),
            hasAccount: services.account != nil)
    }

    /// Ends the session, everywhere, and takes its cookie out of the browser.  A session that came from an identity
    /// provider ends there too: what happens there cannot undo what has happened here.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        let unread = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return refusal(unread, .crossOrigin)
        }
        let form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        let visit = LoginVisit(request, form: form, services: services)
        // Without a session there is nothing to end, and nothing to protect.
        guard let member = visit.member else { return done(visit) }
        guard tokens.isToken(form["csrf"] ?? "", for: .session(member.handle)) else { return refusedForm(visit) }
        // The session knows its provider as long as it lasts.
        let origin = await services.sso?.sessionOrigin(member.handle, member.tenant)
        do {
            try await services.login.signOut(member.handle, member.tenant, member.user)
        } catch is StoreConflict {
            // It has ended already; the loops may not know yet.
        } catch {
            var details = RefusalDetails()
            details.text = visit.text.signOutFailed
            var response = refusal(visit, .storeUnavailable, details)
            // The browser at least forgets: whoever sits down next finds no session.
            response.head.headerFields.append(contentsOf: forgotten(visit))
            return response
        }
        services.notify(.ended(.handle(member.handle)))
        if let origin, let message = await services.sso?.logout(origin, member.tenant, nextIndex(visit)) {
            return providers.page(visit, message, .signOut, fields: forgotten(visit))
        }
        return done(visit)
    }

    /// Which of `login.after_logout` the visitor named.
    private func nextIndex(_ visit: LoginVisit) -> Int? {
        visit.afterLogout.flatMap { services.settings().afterLogout.firstIndex(of: $0) }
    }

    private func done(_ visit: LoginVisit) -> PortalResponse {
        pages.redirect(
            visit, to: PortalAddress.logout(isDone: true, next: visit.afterLogout), fields: forgotten(visit))
    }

    /// The session's cookie and those of applications end in this browser.
    private func forgotten(_ visit: LoginVisit) -> HTTPFields {
        HTTPFields(
            [PortalCookies.clearing(.session)]
                + PortalCookies.clearing(applications: services.applicationCookies(visit.host)))
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = RefusalDetails()
        details.status = status
        details.action = RefusalDetails.Action(address: PortalAddress.logout, label: visit.text.signOut)
        return refusal(visit, .formRefused, details)
    }

    private func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()
    ) -> PortalResponse {
        var details = details
        details.frame = visit.logoutFrame
        return pages.refusal(visit, reason, details)
    }
}
