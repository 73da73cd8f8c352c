import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/login/passkey-offer`: a member who was offered a passkey after the sign-in wants none now, and is not
/// asked again for a while.
struct PasskeyOfferEndpoint: Sendable {
    private let pages: LoginPages
    private let services: PortalServices
    private let steps: FactorSteps
    private let tokens: FormToken

    init(pages: PortalPages, services: PortalServices, steps: FactorSteps) {
        self.pages = LoginPages(pages: pages)
        self.services = services
        self.steps = steps
        tokens = FormToken(forms: services.forms)
    }

    /// On to where the sign-in was to lead, whatever becomes of the note: it is only about being asked again.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        let unread = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return pages.refusal(unread, .crossOrigin)
        }
        let form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        let visit = LoginVisit(request, form: form, services: services)
        guard let member = visit.member else { return pages.redirect(visit, to: visit.loginAddress()) }
        guard tokens.isToken(form["csrf"] ?? "", for: .session(member.handle)) else { return refusedForm(visit) }
        try? await steps.dismissPrompt(AccountHolder(member, by: visit.cookies))
        return pages.redirect(visit, to: visit.target)
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = RefusalDetails()
        details.status = status
        details.action = RefusalDetails.Action(address: visit.target, label: visit.text.toApplication)
        return pages.refusal(visit, .formRefused, details)
    }
}
