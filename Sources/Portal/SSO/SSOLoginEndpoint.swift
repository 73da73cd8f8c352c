import Access
import Core
import HTTPTypes
import HostCrypto
import Login

/// `…/login`: sends the browser to the provider with a request, and gives it the cookie that its answer is bound to.
///
/// Links may lead here from anywhere: what begins here proves nothing, and nobody's browser is remembered by one.
struct SSOLoginEndpoint: Sendable {
    private let desk: SSODesk

    init(_ desk: SSODesk) { self.desk = desk }

    private var services: PortalServices { desk.services }

    func show(_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse? {
        guard let (place, visit) = desk.enter(request, parameters) else { return nil }
        guard FetchRules.admitsDocument(request.head.headerFields) else {
            return desk.gate.pages.refusal(visit, .crossOrigin)
        }
        guard !request.isTenantSuspended else { return desk.gate.pages.refusal(visit, .tenantSuspended) }
        let purpose = await purpose(place, visit)
        // Who is signed in already has come for nothing, unless they are to prove it anew.
        if purpose == .signIn, visit.query?[SSOBegin.confirmField] != "1", visit.member?.tenant == place.tenant {
            return desk.gate.pages.redirect(visit, to: visit.target)
        }
        let begin = SSOBegin(
            returnTo: visit.returnTo, isRemembered: isRemembered(request, place, visit),
            isConfirmation: purpose != .signIn, language: visit.chosenLanguage)
        let departure = await desk.steps.begin(
            place.connection, place.tenant, purpose, begin, visit.language.rawValue)
        switch departure {
        case .leaves(let message, let attempt): return leave(place, visit, message, attempt)
        case .unknown: return nil
        case .unavailable(let reason):
            return desk.refusal(
                visit, .ssoUnavailable, desk.note(.login, place, visit, reason),
                startingAgainAt: place.loginAddress(begin))
        }
    }

    private func leave(
        _ place: SSOPlace, _ visit: LoginVisit, _ message: SSOMessage, _ begun: SSOAttempt
    ) -> PortalResponse {
        let browser = visit.browser ?? SecureRandom.token()
        var attempt = begun
        // The answer comes from another site and brings neither: it is bound to this browser's forms, and known by its
        // device, all the same.
        (attempt.browser, attempt.deviceToken) = (browser, visit.cookies[.device])
        var fields = HTTPFields([desk.cookie(adding: attempt, visit)])
        if visit.browser == nil { fields.append(PortalCookies.setting(.login, to: browser)) }
        let name = desk.steps.displayName(place.connection, place.tenant) ?? place.connection.text
        return desk.pages.answer(visit, message, .signIn(name: name), fields: fields)
    }

    /// To confirm a session takes one that came by this very connection.
    private func purpose(_ place: SSOPlace, _ visit: LoginVisit) async -> SSOPurpose {
        guard visit.query?[SSOBegin.confirmField] == "1", let member = visit.member, member.tenant == place.tenant,
            await desk.steps.origin(member.handle, member.tenant) == place.connection
        else { return .signIn }
        return .confirm(AccountHolder(member, by: visit.cookies))
    }

    /// Whether the visitor asked to stay signed in: on a page of ours, not by a link that somebody else made.
    private func isRemembered(_ request: PortalRequest, _ place: SSOPlace, _ visit: LoginVisit) -> Bool {
        visit.query?["remember"] == "1" && FetchRules.comesFromOwnSite(request.head.headerFields)
            && services.sessionLimits(of: place.tenant).offersToRemember
    }
}
