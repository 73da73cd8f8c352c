import Access
import Core
import HTTPTypes
import Login

/// `/` on `portal_host`: who is signed in there, with the ways to the application and out; everybody else signs in.
///
/// It is a page and no redirect to the application: a form's policy binds every redirect behind it (CSP3 §4.2.4), and a
/// sign-in ends here where no way back was named.
struct PortalHome: Sendable {
    private let pages: LoginPages
    private let services: PortalServices
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages)
        self.services = services
        tokens = FormToken(forms: services.forms)
    }

    /// Nil on every other host.
    func show(_ request: PortalRequest) -> PortalResponse? {
        var visit = LoginVisit(request, services: services)
        guard visit.hosts.portal == visit.hostName else { return nil }
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(visit, .crossOrigin) }
        guard let member = visit.member else { return pages.redirect(visit, to: visit.loginAddress()) }
        visit.show(member, services: services)
        return pages.home(
            visit, email: member.email, csrf: tokens.token(for: .session(member.handle)),
            application: visit.hosts.application(of: member.tenant), hasAccount: services.account != nil)
    }
}
