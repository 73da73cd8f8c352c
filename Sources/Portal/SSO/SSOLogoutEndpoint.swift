import Access
import Core
import HTTPTypes
import Login
import Store

/// `…/slo`: a provider's request to end sessions, and its answer to ours (SAML Profiles §4.4).
///
/// What it asks is signed, and is found by what it says: no cookie has a say in which sessions end (security rule 21).
/// Providers ask in hidden frames too; what is answered there is a redirect, and no page of ours is shown in a frame.
struct SSOLogoutEndpoint: Sendable {
    /// What a form brings.
    private static let fields = ["SAMLRequest", "SAMLResponse"].map { name in
        FormFields.LongField(name: name, longest: SSOAnswerEndpoint.response.longest)
    }

    private let desk: SSODesk

    init(_ desk: SSODesk) { self.desk = desk }

    private var services: PortalServices { desk.services }

    /// By the query (SAML Bindings §3.4).
    func show(_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse? {
        guard let (place, visit) = desk.enter(request, parameters) else { return nil }
        let target = request.head.path ?? ""
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")), let form = visit.query else {
            return refused(visit, place, SSORefusalNote.messageMissing, status: .badRequest)
        }
        let query = Array(target.utf8[target.utf8.index(after: mark)...])
        return await receive(form, place, visit) { _ in .query(query) }
    }

    /// By a form (SAML Bindings §3.5).
    func submit(_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse? {
        guard let (place, visit) = desk.enter(request, parameters) else { return nil }
        switch SubmittedForm.read(request, admitting: Self.fields) {
        case .success(let form):
            return await receive(form, place, visit) { .field(Array($0.utf8)) }
        case .failure(let fault):
            return refused(visit, place, SSORefusalNote.formMalformed, status: fault.status)
        }
    }

    private func receive(
        _ form: FormFields, _ place: SSOPlace, _ visit: LoginVisit,
        _ arrival: (String) -> SSOLogoutMessage.Arrival
    ) async -> PortalResponse? {
        let (asked, answered) = (form["SAMLRequest"], form["SAMLResponse"])
        guard let message = asked ?? answered, asked == nil || answered == nil else {
            return refused(visit, place, SSORefusalNote.messageMissing, status: .badRequest)
        }
        let outcome = await desk.steps.receiveLogout(
            SSOLogoutMessage(
                tenant: place.tenant, connection: place.connection, arrival: arrival(message), isRequest: asked != nil,
                relayState: form["RelayState"], requestID: visit.request.requestID))
        switch outcome {
        case .answer(let message, let ended):
            return desk.pages.answer(visit, message, .answer, fields: end(ended, visit))
        case .ended(let ended): return signedOut(visit, next: nil, isComplete: true, fields: end(ended, visit))
        case .signedOut(let index, let isComplete):
            return signedOut(visit, next: index.flatMap(next), isComplete: isComplete)
        case .refused(let reason): return refused(visit, place, reason)
        case .unknown: return nil
        case .unavailable(let reason):
            return desk.refusal(visit, .ssoUnavailable, desk.note(.slo, place, visit, reason))
        }
    }

    /// Tells the loops.
    /// - Returns: what this browser forgets, where its own session is among them.
    private func end(_ sessions: [SessionHandle], _ visit: LoginVisit) -> HTTPFields {
        for handle in sessions { services.notify(.ended(.handle(handle))) }
        guard case .member(let entry) = visit.request.caller, sessions.contains(entry.handle) else { return [:] }
        return HTTPFields(
            [PortalCookies.clearing(.session)]
                + PortalCookies.clearing(applications: services.applicationCookies(visit.host)))
    }

    private func signedOut(
        _ visit: LoginVisit, next: String?, isComplete: Bool, fields: HTTPFields = [:]
    ) -> PortalResponse {
        desk.gate.pages.redirect(
            visit, to: PortalAddress.logout(isDone: true, isUnconfirmed: !isComplete, next: next), fields: fields)
    }

    /// One of `login.after_logout`, as the list is now.
    private func next(_ index: Int) -> String? {
        let list = services.settings().afterLogout
        return list.indices.contains(index) ? list[index] : nil
    }

    private func refused(
        _ visit: LoginVisit, _ place: SSOPlace, _ reason: String, status: HTTPResponse.Status? = nil
    ) -> PortalResponse {
        desk.refusal(visit, .ssoRefused, desk.note(.slo, place, visit, reason), status: status)
    }
}
