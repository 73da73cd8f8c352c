public import Core

/// Why a request goes nowhere, and what is answered.
public struct Refusal: Sendable, Hashable {
    /// The shape of the answer (interfaces, "What a request meets").
    public enum Form: Sendable, Hashable {
        /// To the login page: 302 for GET and HEAD, the way back being the target; 303 for other methods, the
        /// way back being a same-origin Referer.
        case redirectToLogin(status: UInt16)
        /// To the page that asks for another factor; status as above.
        case redirectToStepUp(status: UInt16)
        /// A 401 page for a frame, with a link that opens login outside it.
        case loginFrame
        /// The page of the reason.
        case page
        /// A problem document (RFC 9457); for 401 with a challenge, see `Challenge`.
        case problem
        /// gRPC's status in a head without a body; see `GRPCStatus`.
        case grpc
    }

    /// What the outside is told.
    public let reason: ReasonCode
    /// Why a session cookie that came counts as none, for the log; nil where it counts or none came.
    public let notedSessionReason: ReasonCode?
    public let form: Form
    /// The methods of an `Allow` field; set for `.methodNotAllowed` alone.
    public let allow: MethodSet?
    /// How old a second factor may be (RFC 9470 §3 `max_age`); set for `.mfaRequired` where the route says so.
    public let maximumAge: Milliseconds?
    /// The route that matched; nil where the request got not so far.
    public let routeIndex: Int?
    /// The tenant of the session or host; nil where none is known.
    public let tenantIndex: Int?
    /// The position of the request's origin in the route's `cross_origin.origins`; nil where it is none of them.
    public let originIndex: Int?

    /// The status code of the answer (RFC 9110 §15).
    public var status: UInt16 {
        switch form {
        case .redirectToLogin(let status), .redirectToStepUp(let status): status
        case .loginFrame, .page, .problem: reason.status
        case .grpc: 200
        }
    }
}

extension Refusal {
    /// A refusal of a request that was refused before a decision, for malformed bytes for instance.
    public static func beforeDecision(_ reason: ReasonCode, facts: RequestFacts) -> Refusal {
        Refusal(
            reason: reason, notedSessionReason: nil, form: plainForm(facts), allow: nil, maximumAge: nil,
            routeIndex: nil, tenantIndex: nil, originIndex: nil)
    }

    /// A refusal of a permitted request, by a bound that is no part of the decision.
    public static func afterDecision(
        _ reason: ReasonCode, facts: RequestFacts, permit: borrowing Permit
    ) -> Refusal {
        Refusal(
            reason: reason, notedSessionReason: permit.notedSessionReason, form: plainForm(facts), allow: nil,
            maximumAge: nil, routeIndex: permit.routeIndex, tenantIndex: permit.tenantIndex,
            originIndex: permit.originIndex)
    }

    /// A page for whoever looks at one, gRPC's status for a call of it, a problem document for other programs.
    static func plainForm(_ facts: RequestFacts) -> Form {
        if facts.isGRPC { return .grpc }
        return facts.isPageLoad || facts.isFrameLoad ? .page : .problem
    }

    /// Where a person waits, the way to `redirect`; a frame gets a page, a program a problem.
    static func signInForm(_ facts: RequestFacts, redirect: (UInt16) -> Form) -> Form {
        if facts.isFrameLoad { return .loginFrame }
        guard facts.isPageLoad else { return facts.isGRPC ? .grpc : .problem }
        return redirect(facts.method == .get || facts.method == .head ? 302 : 303)
    }
}
