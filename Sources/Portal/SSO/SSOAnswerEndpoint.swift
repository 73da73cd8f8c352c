import Access
import Core
import HTTPTypes
import HostCrypto
import Login

/// `…/acs`: takes the provider's answer, which the browser posts from the provider's site (SAML Bindings §3.5).
///
/// A cross-site POST brings the cookie of awaited answers and no other one.  What goes on here goes on as after a
/// password; the pages that follow have forms, which are bound to the login cookie, so that one is given with them.
struct SSOAnswerEndpoint: Sendable {
    /// The field may have twice the bytes of the longest message (security rule 20): base64 takes a third more, and its
    /// lines may be broken.
    static let response = FormFields.LongField(name: "SAMLResponse", longest: 256 * 1024)

    private let desk: SSODesk
    private let answers: LoginAnswers
    private let passkeys: PasskeyOffer

    init(_ desk: SSODesk, pages: PortalPages) {
        self.desk = desk
        answers = LoginAnswers(gate: desk.gate, pages: pages)
        passkeys = PasskeyOffer(gate: desk.gate)
    }

    private var services: PortalServices { desk.services }
    private var pages: LoginPages { desk.gate.pages }

    /// An answer, with what it came to.
    private struct Arrival {
        let place: SSOPlace
        var visit: LoginVisit
        /// That this browser began; nil where it began none that the answer names.
        let attempt: SSOAttempt?
        /// The value of the login cookie, from now on.
        let browser: String
    }

    func submit(_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse? {
        // 1. Where: there is no asking where from, for it comes from the provider's site.
        guard let (place, entered) = desk.enter(request, parameters) else { return nil }
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(entered, .crossOrigin) }
        guard !request.isTenantSuspended else { return pages.refusal(entered, .tenantSuspended) }
        // 2. What.
        let form: FormFields
        switch SubmittedForm.read(request, admitting: [Self.response]) {
        case .success(let fields): form = fields
        case .failure(let fault):
            return refused(entered, place, SSORefusalNote.formMalformed, status: fault.status)
        }
        guard let response = form[Self.response.name] else {
            return refused(entered, place, SSORefusalNote.messageMissing, status: .badRequest)
        }
        // 3. To which request of this browser.
        var visit = entered
        let relayState = form["RelayState"]
        let attempts = desk.attempts(visit, at: place)
        let attempt = attempts.first { $0.relayState == relayState }
        if let attempt { visit.recall(attempt) }
        let outcome = await desk.steps.receive(
            SSOAnswer(
                tenant: place.tenant, connection: place.connection, response: Array(response.utf8),
                relayState: relayState, visit: visit.factorVisit(isRemembered: attempt?.isRemembered ?? false),
                requestID: request.requestID), attempts)
        return await answer(
            outcome,
            Arrival(
                place: place, visit: visit, attempt: attempt, browser: visit.browser ?? SecureRandom.token()))
    }

    private func answer(_ outcome: SSOOutcome, _ given: Arrival) async -> PortalResponse? {
        var arrival = given
        let (place, attempt) = (arrival.place, arrival.attempt)
        let cookie = desk.cookie(without: attempt?.id, arrival.visit)
        switch outcome {
        case .proceeds(let login, let brought):
            arrival.visit.lead(to: brought.returnTo, services: services)
            return with(cookie, await proceed(login, brought, arrival), arrival)
        case .link(let link, let email, let returnTo):
            arrival.visit.lead(to: returnTo, services: services)
            return with(cookie, linkPage(link, email: email, arrival), arrival)
        case .confirmed(let renewed, let returnTo):
            arrival.visit.lead(to: returnTo, services: services)
            return with(cookie, confirmed(renewed, arrival.visit), arrival)
        case .restart(let returnTo):
            return pages.redirect(arrival.visit, to: place.loginAddress(SSOBegin(returnTo: returnTo)))
        case .startAgain(let reason):
            arrival.visit.lead(to: attempt?.returnTo, services: services)
            return refused(
                arrival.visit, place, reason,
                startingAgainAt: place.loginAddress(SSOBegin(returnTo: attempt?.returnTo)))
        case .refused(let reason):
            arrival.visit.lead(to: attempt?.returnTo, services: services)
            return with(cookie, refused(arrival.visit, place, reason, startingAgainAt: way(back: arrival)), arrival)
        case .unknown: return nil
        case .unavailable(let reason):
            return desk.refusal(
                arrival.visit, .ssoUnavailable, desk.note(.acs, place, arrival.visit, reason),
                startingAgainAt: way(back: arrival) ?? place.loginAddress(SSOBegin(returnTo: attempt?.returnTo)))
        }
    }

    // MARK: Outcomes

    /// As after a password.
    private func proceed(
        _ outcome: PasswordLoginOutcome, _ brought: SSOArrival, _ arrival: Arrival
    ) async -> PortalResponse {
        let step = LoginStep(
            visit: arrival.visit, attempt: attempt(arrival, email: brought.email), place: .login,
            browser: arrival.browser, remember: LoginPages.Remember(span: nil, isChosen: brought.isRemembered))
        return await answers.answer(outcome, to: step) {
            refused(arrival.visit, arrival.place, SSORefusalNote.loginRefused)
        }
    }

    /// The account has a password, which is to be proved once.
    private func linkPage(_ link: PendingLink, email: String, _ arrival: Arrival) -> PortalResponse {
        var attempt = attempt(arrival, email: email)
        attempt.link = link
        let visit = arrival.visit
        let hidden = desk.gate.hidden(attempt, visit, arrival.browser)
        var remember = desk.gate.remember(FormFields(), visit)
        remember.isChosen = remember.span != nil && arrival.attempt?.isRemembered == true
        return pages.passwordStep(
            visit, hidden, email: email, remember: remember,
            passkey: passkeys.values(visit, hidden, attempt, remember: remember),
            notice: SSOText.text(in: visit.language).link)
    }

    private func attempt(_ arrival: Arrival, email: String) -> LoginAttempt {
        var attempt = LoginAttempt.begun(
            at: services.now(), returnTo: arrival.visit.returnTo, tenant: arrival.visit.namedTenant)
        attempt.email = email
        return attempt
    }

    /// The session goes on with a new token.
    private func confirmed(_ renewed: RenewedSession, _ visit: LoginVisit) -> PortalResponse {
        services.notify(.renewed(renewed.handle, digest: renewed.digest))
        let age = renewed.isRemembered ? PortalCookies.seconds(until: renewed.expiresAt, from: services.now()) : nil
        return pages.redirect(
            visit, to: visit.target,
            fields: HTTPFields([PortalCookies.setting(.session, to: renewed.token, maxAge: age)]))
    }

    // MARK: Parts

    /// Who was to confirm a session is led back to the page that asked; nil for everybody else.
    private func way(back arrival: Arrival) -> String? {
        guard let attempt = arrival.attempt, attempt.purpose != .signIn else { return nil }
        return attempt.returnTo?.target ?? PortalAddress.home
    }

    private func refused(
        _ visit: LoginVisit, _ place: SSOPlace, _ reason: String, status: HTTPResponse.Status? = nil,
        startingAgainAt address: String? = nil
    ) -> PortalResponse {
        desk.refusal(
            visit, .ssoRefused, desk.note(.acs, place, visit, reason), status: status, startingAgainAt: address)
    }

    /// The answer with its cookies: the one of awaited answers, and, for the forms of a page, the login cookie, unless the
    /// browser has sent it.
    private func with(_ cookie: HTTPFields, _ response: PortalResponse, _ arrival: Arrival) -> PortalResponse {
        var response = response
        response.head.headerFields.append(contentsOf: cookie)
        let sent = PortalCookies(arrival.visit.request.head.headerFields)[.login]
        if sent == nil, response.head.status == .ok {
            response.head.headerFields.append(PortalCookies.setting(.login, to: arrival.browser))
        }
        return response
    }
}
