import Core

/// What a decision has found out so far; every way out of it is made from this.
struct Verdict {
    /// Position of the tenant, or -1.
    var tenant: Int32 = -1
    var routeIndex: Int?
    /// Why the session cookie counts as none.
    var noted: ReasonCode?
    /// The position of the request's origin in the route's list.
    var origin: Int?

    private var tenantIndex: Int? { tenant >= 0 ? Int(tenant) : nil }

    func permit(
        _ route: CompiledRoute, _ index: Int, _ snapshot: AccessSnapshot, session: SessionReference? = nil,
        slot: Int = -1, version: UInt32 = 0, identity: [UInt8] = []
    ) -> Permit {
        Permit(
            routeIndex: index, route: route, generation: snapshot.generation, tenantIndex: tenantIndex,
            session: session, sessionSlot: slot, sessionVersion: version, identity: identity,
            notedSessionReason: noted, originIndex: origin)
    }

    func refuse(
        _ reason: ReasonCode, _ facts: RequestFacts, form: Refusal.Form? = nil, allow: MethodSet? = nil,
        maximumAge: Milliseconds? = nil
    ) -> Decision {
        .refuse(
            Refusal(
                reason: reason, notedSessionReason: noted, form: form ?? Refusal.plainForm(facts), allow: allow,
                maximumAge: maximumAge, routeIndex: routeIndex, tenantIndex: tenantIndex, originIndex: origin))
    }

    func preflight(_ route: Int, origin: Int) -> Decision {
        .preflight(Preflight(routeIndex: route, originIndex: origin, tenantIndex: tenantIndex))
    }

    func refuseForFactor(_ facts: RequestFacts, within: Milliseconds?) -> Decision {
        refuse(
            .mfaRequired, facts, form: Refusal.signInForm(facts) { .redirectToStepUp(status: $0) },
            maximumAge: within)
    }
}
