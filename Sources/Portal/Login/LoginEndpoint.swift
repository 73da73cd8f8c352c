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
///
/// A class, which a request does not copy with everything that it can do.
final class LoginEndpoint: Sendable {
    private let gate: LoginGate
    private let answers: LoginAnswers
    private let handoff: HandoffEndpoint
    private let forms: PasswordPages
    private let passkeys: PasskeyOffer
    private let connections: ConnectionOffer
    private let first: FirstStep

    init(pages: PortalPages, services: PortalServices) {
        gate = LoginGate(pages: pages, services: services)
        answers = LoginAnswers(gate: gate, pages: pages)
        handoff = HandoffEndpoint(pages: pages, services: services)
        forms = PasswordPages(pages: pages)
        passkeys = PasskeyOffer(gate: gate)
        connections = ConnectionOffer(gate: gate, pages: pages)
        first = FirstStep(gate: gate, pages: pages)
    }

    private var pages: LoginPages { gate.pages }
    private var services: PortalServices { gate.services }

    // MARK: GET

    /// The first step; whoever is signed in already is led on, and a host may lead straight to its provider.
    func show(_ request: PortalRequest) -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return pages.refusal(visit, .tenantSuspended) }
        guard visit.member == nil else { return pages.redirect(visit, to: visit.target) }
        if let departure = handoff.departure(visit) { return departure }
        if let entry = connections.entry(visit) { return entry }
        let browser = visit.browser ?? SecureRandom.token()
        let attempt = LoginAttempt.begun(at: services.now(), returnTo: visit.returnTo, tenant: visit.namedTenant)
        var response = first.page(visit, attempt, browser, remember: gate.remember(FormFields(), visit))
        if visit.browser == nil {
            response.head.headerFields.append(PortalCookies.setting(.login, to: browser))
        }
        return response
    }

    // MARK: POST

    /// A submitted step.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        switch gate.enter(request, at: .login) {
        case .answered(let response): return response
        case .admitted(let step, var form):
            if let name = form[ConnectionOffer.field], step.attempt.proved.isEmpty {
                return connect(name, &form, step)
            }
            if let tenant = form["tenant"], !step.attempt.proved.isEmpty { return await choose(tenant, step) }
            if let member = step.member { return await change(&form, of: member, step) }
            return await identify(&form, step)
        }
    }

    /// A button that names a connection.  A password beside it is not looked at.
    private func connect(_ name: String, _ form: inout FormFields, _ step: LoginStep) -> PortalResponse {
        _ = form.takePassword()
        let email = NormalizedEmail(form["email"] ?? step.attempt.email ?? "")
        let chosen = connections.chosen(name, step, email: email)
        return chosen.flatMap { connections.departure($0, step) } ?? gate.stale(step.visit)
    }

    /// The address, and the password where it came too.
    private func identify(_ form: inout FormFields, _ given: LoginStep) async -> PortalResponse {
        var step = given
        let email = form["email"] ?? step.attempt.email ?? ""
        // The shape alone is judged: it is the same for every account.
        guard let address = NormalizedEmail(email) else { return first.page(step, email: email, fault: .email) }
        step.attempt.email = email
        step.visit.recognize(address, services: services)
        let route = await connections.route(of: address, step)
        if case .enforced(let offer) = route, !form.hasPassword,
            let departure = connections.departure(offer, step)
        {
            return departure
        }
        let again = { [self, step] (fault: LoginPages.Fault?) in
            let hidden = gate.hidden(step.attempt, step.visit, step.browser)
            return pages.passwordStep(
                step.visit, hidden, email: email, remember: step.remember, fault: fault,
                passkey: passkeys.values(step.visit, hidden, step.attempt, remember: nil),
                connections: connections.secondStep(step, hidden, email: address, route: route),
                notice: step.attempt.link == nil ? nil : SSOText.text(in: step.visit.language).link)
        }
        guard form.hasPassword else { return again(nil) }
        guard form.hasFilledPassword else { return again(.password) }
        guard let password = form.takePassword() else { return again(.refused) }
        let outcome = await services.login.signIn(
            PasswordLoginRequest(
                tenant: step.visit.tenant, email: email, password: password, client: step.visit.request.client,
                deviceToken: step.visit.cookies[.device], userAgent: step.visit.userAgent,
                language: step.visit.language.rawValue, isRemembered: step.remember.isChosen))
        return await answers.answer(outcome, to: step) { again(.refused) }
    }

    /// One of the tenants whose password was proved before.
    private func choose(_ tenant: String, _ step: LoginStep) async -> PortalResponse {
        // The sealed proof stands for the password, so it works once.
        guard let member = step.attempt.proved.first(where: { $0.tenant.text == tenant }), gate.use(step.attempt)
        else { return gate.stale(step.visit) }
        let outcome = await services.login.begin(
            member, step.visit.request.client, step.visit.cookies[.device], step.visit.userAgent,
            step.remember.isChosen)
        return await answers.answer(outcome, to: step) { gate.stale(step.visit) }
    }

    /// The password that has to be another one before the session begins.  Several proved members choose first, so an
    /// attempt with one is at this step; one that waits for a factor does not open here.
    private func change(
        _ form: inout FormFields, of member: ProvedMember, _ step: LoginStep
    ) async -> PortalResponse {
        guard let flow = services.passwords?.change else { return gate.stale(step.visit) }
        let again = { [self] (verdict: PasswordVerdict?) in
            forms.forcedChange(
                step.visit, gate.hidden(step.attempt, step.visit, step.browser), email: step.attempt.email ?? "",
                field: NewPasswordField(
                    rules: flow.rulesWhereForced, verdict: verdict, language: step.visit.language),
                isRemembered: step.remember.isChosen)
        }
        guard form.hasPassword else { return again(nil) }
        let outcome = await flow.changeAndBegin(
            member, new: form.takeNewPassword(), client: step.visit.request.client,
            deviceToken: step.visit.cookies[.device], userAgent: step.visit.userAgent,
            language: step.visit.language.rawValue, isRemembered: step.remember.isChosen)
        let visit = step.visit
        switch outcome {
        case .signedIn(let signedIn):
            services.notify(.ended(.user(signedIn.user, of: signedIn.tenant)))
            return await answers.answer(.signedIn(signedIn), to: step) { gate.stale(visit) }
        case .refused(let verdict): return again(verdict)
        case .overtaken: return gate.stale(visit)
        case .busy(let wait): return pages.refusal(visit, .loginBusy, gate.startAgain(visit, wait: wait))
        case .unavailable: return pages.refusal(visit, .storeUnavailable, gate.startAgain(visit))
        }
    }
}
