import Access
import Core
import HTTPTypes
import Login
import Store

/// The way into every page of an account: members only, as a document of their own, and changes by forms of ours.
struct AccountGate: Sendable {
    let pages: AccountPages
    let services: PortalServices
    private let tokens: FormToken

    init(pages: AccountPages, services: PortalServices) {
        self.pages = pages
        self.services = services
        tokens = FormToken(forms: services.forms)
    }

    /// What every form of this member carries.
    func csrf(_ visit: AccountVisit) -> String { tokens.token(for: .session(visit.member.handle)) }

    /// Shows a page to a member; a visitor is led to the login and back.
    func show(
        _ request: PortalRequest, _ page: AccountPage, _ body: (AccountVisit) async throws -> PortalResponse
    ) async -> PortalResponse {
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(request, .crossOrigin) }
        guard !request.isTenantSuspended else { return pages.refusal(request, .tenantSuspended) }
        guard let visit = AccountVisit(request, page, services: services) else {
            return login(SafeRedirect(request.head.path ?? "") ?? SafeRedirect(page.address))
        }
        return await answer(visit) { try await body(visit) }
    }

    /// Takes a member's form; nothing of it is looked at before it is known to be theirs.
    func submit(
        _ request: PortalRequest, _ page: AccountPage,
        _ body: (AccountVisit, inout FormFields) async throws -> PortalResponse
    ) async -> PortalResponse {
        // 1. Where from: before anything is read.
        guard FetchRules.admitsDocument(request.head.headerFields), FetchRules.admitsChange(request.head) else {
            return pages.refusal(request, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return pages.refusal(request, .tenantSuspended) }
        // 2. Whose: a session that ended while the form was open leads to the login, and back to the page.
        guard let unread = AccountVisit(request, page, services: services) else {
            return login(SafeRedirect(page.address))
        }
        var form: FormFields
        switch SubmittedForm.read(request) {
        case .success(let fields): form = fields
        case .failure(let fault): return refusedForm(unread, status: fault.status)
        }
        // 3. The member's own form.
        guard tokens.isToken(form["csrf"] ?? "", for: .session(unread.member.handle)),
            let visit = AccountVisit(request, page, form: form, services: services)
        else { return refusedForm(unread) }
        return await answer(visit) { try await body(visit, &form) }
    }

    /// To a page of the account, by a GET: loading it again repeats nothing.
    func done(_ change: AccountChange, on page: AccountPage) -> PortalResponse {
        pages.redirect(to: "\(page.address)?done=\(change.rawValue)")
    }

    /// The session goes on with a new token, of which this browser alone learns.
    func renewed(
        _ session: RenewedSession, _ visit: AccountVisit, leadingTo address: String
    ) -> PortalResponse {
        services.notify(.renewed(session.handle, digest: session.digest))
        return pages.redirect(to: address, fields: HTTPFields([cookie(session, visit)]))
    }

    /// The cookie of a session with a new token.
    func cookie(_ session: RenewedSession, _ visit: AccountVisit) -> HTTPField {
        let age = session.isRemembered ? PortalCookies.seconds(until: session.expiresAt, from: visit.now) : nil
        return PortalCookies.setting(.session, to: session.token, maxAge: age)
    }

    /// Refuses with the wait that the throttle or the queue asks for.
    /// - Parameter text: instead of the reason's own; nil for that.
    func patience(
        _ visit: AccountVisit, _ reason: ReasonCode, wait: Milliseconds, text: RefusalText? = nil
    ) -> PortalResponse {
        var details = back(visit)
        details.wait = wait
        details.text = text
        return pages.refusal(visit, reason, details)
    }

    /// A session that has ended meanwhile, wherever it was ended.
    func ended(_ visit: AccountVisit) -> PortalResponse { login(SafeRedirect(visit.page.address)) }

    /// What the store says against it, in words for the member.
    private func answer(
        _ visit: AccountVisit, _ body: () async throws -> PortalResponse
    ) async -> PortalResponse {
        do {
            return try await body()
        } catch is StoreConflict {
            return ended(visit)
        } catch {
            return pages.refusal(visit, .storeUnavailable, back(visit))
        }
    }

    private func refusedForm(_ visit: AccountVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = back(visit)
        details.status = status
        return pages.refusal(visit, .formRefused, details)
    }

    private func back(_ visit: AccountVisit) -> RefusalDetails {
        var details = RefusalDetails()
        details.action = RefusalDetails.Action(
            address: visit.page.address, label: visit.text.shortName(visit.page))
        return details
    }

    private func login(_ returnTo: SafeRedirect?) -> PortalResponse {
        pages.redirect(to: PortalAddress.login(returnTo: returnTo))
    }
}
