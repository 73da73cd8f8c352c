import Access
import Core
import HTTPTypes
import Login

/// What the endpoints of a connection have in common: the way in, the cookie of awaited answers, and the one page for
/// whatever was not accepted.
struct SSODesk: Sendable {
    let gate: LoginGate
    let pages: SSOPages
    let steps: SSOSteps
    private let seal: SSOAttemptSeal

    init(pages: PortalPages, services: PortalServices, steps: SSOSteps) {
        gate = LoginGate(pages: pages, services: services)
        self.pages = SSOPages(pages: pages)
        self.steps = steps
        seal = SSOAttemptSeal(forms: services.forms)
    }

    var services: PortalServices { gate.services }

    /// The connection that was asked, under its tenant's name; nil where there is none on this host.
    func enter(_ request: PortalRequest, _ parameters: [String: String]) -> (SSOPlace, LoginVisit)? {
        var visit = LoginVisit(request, services: services)
        guard let place = SSOPlace(parameters, visit), steps.displayName(place.connection, place.tenant) != nil else {
            return nil
        }
        visit.belong(to: place.tenant, services: services)
        return (place, visit)
    }

    // MARK: The cookie

    /// The attempts of this browser at this connection, the newest first.
    func attempts(_ visit: LoginVisit, at place: SSOPlace) -> [SSOAttempt] {
        guard let cookie = visit.cookies[.sso] else { return [] }
        return seal.attempts(cookie, host: visit.hostName, now: services.now()).filter { attempt in
            attempt.tenant == place.tenant && attempt.connection == place.connection
        }
    }

    /// One more attempt.
    func cookie(adding attempt: SSOAttempt, _ visit: LoginVisit) -> HTTPField {
        set(seal.cookie(adding: attempt, to: visit.cookies[.sso], host: visit.hostName, now: services.now()))
    }

    /// Without the attempt that was answered; no field where none was.
    func cookie(without id: [UInt8]?, _ visit: LoginVisit) -> HTTPFields {
        guard let id, let cookie = visit.cookies[.sso] else { return [:] }
        let rest = seal.cookie(without: id, of: cookie, host: visit.hostName, now: services.now())
        return HTTPFields([rest.map(set) ?? PortalCookies.clearing(.sso)])
    }

    private func set(_ value: String) -> HTTPField {
        PortalCookies.setting(.sso, to: value, maxAge: Int64(clamping: SSOAttemptSeal.lifetime.count / 1000))
    }

    // MARK: Refusals

    /// The neutral page; the log learns why.
    /// - Parameters:
    ///   - begin: where a fresh start leads; nil for the login page, with its other ways.
    ///   - fields: such as cookies.
    func refusal(
        _ visit: LoginVisit, _ code: ReasonCode, _ note: SSORefusalNote, status: HTTPResponse.Status? = nil,
        startingAgainAt address: String? = nil, fields: HTTPFields = [:]
    ) -> PortalResponse {
        services.noteSSORefusal(note)
        var details = RefusalDetails()
        details.status = status
        details.action = RefusalDetails.Action(
            address: address ?? visit.loginAddress(), label: SSOText.text(in: visit.language).startAgain)
        var response = gate.pages.refusal(visit, code, details)
        response.head.headerFields.append(contentsOf: fields)
        return response
    }

    func note(_ endpoint: SSORefusalNote.Endpoint, _ place: SSOPlace, _ visit: LoginVisit, _ reason: String)
        -> SSORefusalNote
    {
        SSORefusalNote(
            endpoint: endpoint, tenant: place.tenant, connection: place.connection,
            requestID: visit.request.requestID, reason: reason)
    }
}
