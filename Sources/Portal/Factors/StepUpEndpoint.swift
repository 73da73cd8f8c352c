import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/login/step-up`: a member who is signed in proves a second factor, because a page asks for one, or for a
/// newer proof (RFC 9470).
///
/// It is served on every host, since it gives that very host's session a new token (security rule 9), and leads back to
/// the page that asked.  Who has no factor is led to where one is added.  A session that came by a connection whose
/// provider asks for a second factor may be confirmed there.
struct StepUpEndpoint: Sendable {
    private let pages: LoginPages
    private let factors: FactorPages
    private let services: PortalServices
    private let steps: FactorSteps
    private let tokens: FormToken
    private let ceremonies: FactorCeremonySeal
    private let confirmation: ConnectionConfirmation
    private let onward: SSOPages

    init(pages: PortalPages, services: PortalServices, steps: FactorSteps) {
        self.pages = LoginPages(pages: pages)
        factors = FactorPages(pages: pages)
        self.services = services
        self.steps = steps
        tokens = FormToken(forms: services.forms)
        ceremonies = FactorCeremonySeal(forms: services.forms)
        confirmation = ConnectionConfirmation(services: services)
        onward = SSOPages(pages: pages)
    }

    /// The page.
    func show(_ request: PortalRequest) async -> PortalResponse {
        let visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return refusal(visit, .tenantSuspended) }
        guard let member = visit.member else { return signIn(visit) }
        return await page(visit, member, isRepeated: visit.query?[LoginRedirect.repeatField] == "1")
    }

    /// A submitted factor.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        // 1. Where from, and whose: before anything is looked at.
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
        guard let member = visit.member else { return signIn(visit) }
        guard tokens.isToken(form["csrf"] ?? "", for: .session(member.handle)) else { return refusedForm(visit) }
        // 2. The factor, or the provider that is asked for it.
        if let name = form[ConnectionOffer.field] { return await leave(name, visit, member) }
        let isRepeated = form[LoginRedirect.repeatField] == "1"
        let typed = form["code"] ?? ""
        let code = typed.utf8.count <= SecondFactorEndpoint.longestCode ? typed : ""
        switch form["method"].flatMap(Factor.init(rawValue:)) {
        case .totp: return await prove(.totp(code), visit, member, isRepeated: isRepeated)
        case .recoveryCode: return await prove(.recoveryCode(code), visit, member, isRepeated: isRepeated)
        case .passkey: return await provePasskey(form, visit, member, isRepeated: isRepeated)
        default: return await page(visit, member, isRepeated: isRepeated)
        }
    }

    // MARK: Proofs

    /// To the provider that a button names; what is not the session's own is no way.
    private func leave(_ name: String, _ visit: LoginVisit, _ member: SessionEntry) async -> PortalResponse {
        guard let offer = await confirmation.offer(of: member, visit, asSecondFactor: true), offer.name.text == name,
            let departure = confirmation.departure(to: offer, visit, returnTo: visit.returnTo)
        else { return await page(visit, member, isRepeated: false) }
        return onward.onward(visit, to: departure.address, name: offer.displayName, fields: departure.fields)
    }

    private func provePasskey(
        _ form: FormFields, _ visit: LoginVisit, _ member: SessionEntry, isRepeated: Bool
    ) async -> PortalResponse {
        let now = services.now()
        guard
            let ceremony = ceremonies.open(
                form["ceremony"] ?? "", session: member.handle, host: visit.host, now: now),
            services.ceremonies.begin(ceremony)
        else { return await page(visit, member, isRepeated: isRepeated, fault: (.expired, of: .passkey)) }
        guard let assertion = PortalPasskey.assertion(form["passkey"] ?? "") else {
            services.ceremonies.end(ceremony, isDone: false, now: now)
            return await page(visit, member, isRepeated: isRepeated, fault: (.notThisPasskey, of: .passkey))
        }
        let proof = FactorProof.passkey(assertion, challenge: ceremony.challenge)
        let outcome = await steps.stepUp(proof, holder(member, visit), visit.factorVisit())
        var isDone = false
        if case .confirmed = outcome { isDone = true }
        services.ceremonies.end(ceremony, isDone: isDone, now: now)
        return await answer(outcome, to: proof, visit, member, isRepeated: isRepeated)
    }

    private func prove(
        _ proof: FactorProof, _ visit: LoginVisit, _ member: SessionEntry, isRepeated: Bool
    ) async -> PortalResponse {
        let outcome = await steps.stepUp(proof, holder(member, visit), visit.factorVisit())
        return await answer(outcome, to: proof, visit, member, isRepeated: isRepeated)
    }

    private func answer(
        _ outcome: StepUpOutcome, to proof: FactorProof, _ visit: LoginVisit, _ member: SessionEntry,
        isRepeated: Bool
    ) async -> PortalResponse {
        switch outcome {
        case .confirmed(let renewed, let left):
            services.notify(.renewed(renewed.handle, digest: renewed.digest))
            let age =
                renewed.isRemembered ? PortalCookies.seconds(until: renewed.expiresAt, from: services.now()) : nil
            let fields = HTTPFields([PortalCookies.setting(.session, to: renewed.token, maxAge: age)])
            if let left, left <= RecoveryCode.fewLeft {
                return factors.codesLeft(visit, left, frame: frame(visit), fields: fields)
            }
            return pages.redirect(visit, to: visit.target, fields: fields)
        case .wrong(let fault):
            return await page(visit, member, isRepeated: isRepeated, fault: (fault, of: proof.factor))
        case .throttled(let wait):
            var details = again(visit)
            details.wait = wait
            details.text = FactorText.text(in: visit.language).throttled
            return refusal(visit, .loginThrottled, details)
        case .ended: return signIn(visit)
        case .unavailable: return refusal(visit, .storeUnavailable, again(visit))
        }
    }

    // MARK: The page

    private func page(
        _ visit: LoginVisit, _ member: SessionEntry, isRepeated: Bool, fault: (FactorFault, of: Factor)? = nil
    ) async -> PortalResponse {
        let wanted: StepUpRequest
        do {
            wanted = try await steps.stepUpRequest(holder(member, visit))
        } catch is StoreConflict {
            return signIn(visit)
        } catch {
            return refusal(visit, .storeUnavailable, again(visit))
        }
        let connection = await confirmation.offer(of: member, visit, asSecondFactor: true)
        guard !wanted.factors.isEmpty || connection != nil else {
            return pages.redirect(visit, to: factorsAddress(visit))
        }
        let ceremony = FactorCeremony.begun(at: services.now())
        var hidden = [
            ["name": "csrf", "value": tokens.token(for: .session(member.handle))],
            [
                "name": "ceremony",
                "value": ceremonies.seal(ceremony, session: member.handle, host: visit.host),
            ],
        ]
        if let returnTo = visit.returnTo { hidden.append(["name": "return_to", "value": returnTo.target]) }
        if isRepeated { hidden.append(["name": LoginRedirect.repeatField, "value": "1"]) }
        let form = FactorPages.Form(
            action: { _ in LoginRedirect.stepUpPath }, hidden: hidden, namesMethod: true, factors: wanted.factors,
            passkeyOptions: wanted.passkey.map { PasskeyOptions.request($0, challenge: ceremony.challenge) },
            connection: connection, fault: fault)
        return factors.stepUp(visit, form, frame: frame(visit, isRepeated: isRepeated), isRepeated: isRepeated)
    }

    /// Where a first factor is added, with the way back: on `portal_host` it leads over the hand-over of the session to
    /// the host that asked.
    private func factorsAddress(_ visit: LoginVisit) -> String {
        let page = AccountPage.factors.address
        guard let portal = visit.hosts.portal, portal != visit.hostName else {
            return "\(page)?return_to=\(PortalAddress.encoded(visit.target))"
        }
        let back = PortalAddress.handoff(
            to: visit.hostName, state: "", returnTo: visit.returnTo, tenant: visit.namedTenant)
        return "\(visit.hosts.origin(of: portal))\(page)?return_to=\(PortalAddress.encoded(back))"
    }

    // MARK: Parts

    private func holder(_ member: SessionEntry, _ visit: LoginVisit) -> AccountHolder {
        AccountHolder(member, by: visit.cookies)
    }

    /// A visitor, or a session that has ended: the page that asked will ask again.
    private func signIn(_ visit: LoginVisit) -> PortalResponse {
        pages.redirect(
            visit,
            to: PortalAddress.login(
                returnTo: visit.returnTo ?? SafeRedirect(PortalAddress.home), tenant: visit.namedTenant))
    }

    private func again(_ visit: LoginVisit) -> RefusalDetails {
        var details = RefusalDetails()
        details.action = RefusalDetails.Action(
            address: PortalAddress.stepUp(returningTo: visit.returnTo),
            label: PasswordText.text(in: visit.language).openAgain)
        return details
    }

    private func refusedForm(_ visit: LoginVisit, status: HTTPResponse.Status? = nil) -> PortalResponse {
        var details = again(visit)
        details.status = status
        return refusal(visit, .formRefused, details)
    }

    private func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()
    ) -> PortalResponse {
        var details = details
        details.frame = frame(visit)
        return pages.refusal(visit, reason, details)
    }

    private func frame(_ visit: LoginVisit, isRepeated: Bool = false) -> PageFrame {
        // Whoever is signed in knows the tenant, on a shared host too.
        let tenant = visit.member?.tenant
        return PageFrame(
            site: tenant.flatMap(services.tenantName) ?? visit.site, language: visit.language,
            otherLanguageAddress: PortalAddress.stepUp(
                returningTo: visit.returnTo, isRepeated: isRepeated, language: visit.language.other),
            brand: tenant.map(services.brand) ?? visit.brand)
    }
}
