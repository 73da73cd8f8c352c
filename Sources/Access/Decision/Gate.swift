public import Core

/// The access decision: every request passes here, and nothing is forwarded without its permit.
///
/// A pure function of facts, configuration, sessions and time: no I/O, no waiting, no allocation.  Each
/// step can only refuse or go on; forwarding is the last line.
public enum Gate {
    /// Decides what becomes of a request.  The order is fixed, and the first step that refuses wins:
    ///
    /// 1. The host is known, else `.hostUnknown`.
    /// 2. Our own paths leave for the portal; a look-alike of their prefix is `.pageMissing`, a service
    ///    worker's script there `.serviceWorkerRefused`.  On `portal_host` `/` is ours too, and nothing else is there.
    /// 3. A route matches, else `.routeMissing`; path forms that it does not allow, or under which another
    ///    route would match, are refused by their reason.  A path that its `prefix_rewrite` would turn into one of
    ///    ours is `.pageMissing`.  On a route with `cross_origin` a preflight is answered here: from a listed origin,
    ///    else `.crossOrigin`.
    /// 4. The route's method list, else `.methodNotAllowed`; its upgrades for a WebSocket, else `.upgradeRefused`.
    /// 5. The host's tenant is not suspended, else `.tenantSuspended`.
    /// 6. A `public` route forwards here, without looking at any session.
    /// 7. The session: two cookies count as none, so does another tenant's; one that is not known here is
    ///    loaded first.  The session's tenant is not suspended.  From here on the session counts as used.
    /// 8. With a session, the cross-origin rule or an origin that the route lists with credentials, else `.crossOrigin`.
    /// 9. The tenant's networks and the route's, else `.networkRefused`.
    /// 10. The rule: without a session only `optional` goes on, else `.loginRequired`.
    /// 11. The tenant's second-factor rule, unless its member still has time to set one up, else `.mfaRequired`; an
    ///     `optional` route forwards without identity then.
    /// 12. The route's roles, else `.roleMissing`; its `mfa.within`, else `.mfaRequired`.
    ///
    /// - Parameter countsAsUse: false where a decision is made again, without anything new from the member.
    public static func decide(
        _ facts: RequestFacts, snapshot: AccessSnapshot, sessions: inout SessionTable, now: MonotonicInstant,
        countsAsUse: Bool = true
    ) -> Decision {
        var verdict = Verdict()
        // 1
        guard let host = snapshot.hosts[facts.host] else { return verdict.refuse(.hostUnknown, facts) }
        verdict.tenant = host.tenant
        // 2
        switch ReservedPath.owner(of: facts.path) {
        case .ours(let surface):
            return decidePortal(surface, facts, verdict, snapshot: snapshot, sessions: &sessions, now: now)
        case .lookAlike: return verdict.refuse(facts.path.needs.refusal ?? .pageMissing, facts)
        case .application:
            if host.isPortal, ReservedPath.isRoot(facts.path) {
                return decidePortal(.portal, facts, verdict, snapshot: snapshot, sessions: &sessions, now: now)
            }
        }
        // 3
        let found = snapshot.route(on: host, for: facts.path, reading: .lenient)
        verdict.routeIndex = found
        if !facts.path.needs.isEmpty, let reason = refusalOfForms(facts.path, found, on: host, snapshot) {
            return verdict.refuse(reason, facts)
        }
        guard let found else { return verdict.refuse(.routeMissing, facts) }
        let route = snapshot.routes[found]
        if !route.reserved.isEmpty, snapshot.meets(route.reserved, facts.path) {
            return verdict.refuse(.pageMissing, facts)
        }
        if !route.origins.isEmpty {
            verdict.origin = snapshot.origin(facts.foreignOrigin, in: route.origins)
            if facts.isPreflight {
                guard let origin = verdict.origin else { return verdict.refuse(.crossOrigin, facts) }
                return verdict.preflight(found, origin: origin)
            }
        }
        // 4
        guard route.methods.contains(facts.method) else {
            return verdict.refuse(.methodNotAllowed, facts, allow: route.methods)
        }
        if facts.asksForWebSocket, !route.upgrades.contains(.webSocket) {
            return verdict.refuse(.upgradeRefused, facts)
        }
        // 5
        if host.tenant >= 0, snapshot.tenants[Int(host.tenant)].isSuspended {
            return verdict.refuse(.tenantSuspended, facts)
        }
        // 6
        if route.rule == .public { return .forward(verdict.permit(route, found, snapshot)) }
        // 7
        let slot: Int?
        switch resolveSession(facts, host: host, snapshot: snapshot, sessions: &sessions, now: now) {
        case .load(let key): return .load(key)
        case .none(let noted):
            verdict.noted = noted
            slot = nil
        case .slot(let index):
            slot = index
            if countsAsUse { sessions.touch(index, now: now) }
        }
        return judge(
            facts, verdict, route: route, routeIndex: found, slot: slot, snapshot: snapshot, sessions: &sessions,
            now: now)
    }

    /// Steps 8 to 12, with the session resolved.
    private static func judge(
        _ facts: RequestFacts, _ start: Verdict, route: CompiledRoute, routeIndex: Int, slot: Int?,
        snapshot: AccessSnapshot, sessions: inout SessionTable, now: MonotonicInstant
    ) -> Decision {
        var verdict = start
        var session: SessionTable.Slot?
        if let slot { session = sessions.slot(slot) }
        if let session {
            verdict.tenant = session.tenantIndex
            // 7, for hosts of no single tenant
            if snapshot.tenants[Int(session.tenantIndex)].isSuspended {
                return verdict.refuse(.tenantSuspended, facts)
            }
            // 8
            guard CrossOriginRule.admits(facts, on: route, from: verdict.origin) else {
                return verdict.refuse(.crossOrigin, facts)
            }
        }
        // 9
        if verdict.tenant >= 0, !snapshot.admits(facts.client, snapshot.tenants[Int(verdict.tenant)].networks) {
            return verdict.refuse(.networkRefused, facts)
        }
        guard snapshot.admits(facts.client, route.networks) else { return verdict.refuse(.networkRefused, facts) }
        // 10
        guard let slot, let session else {
            if route.rule == .optional { return .forward(verdict.permit(route, routeIndex, snapshot)) }
            return verdict.refuse(
                .loginRequired, facts, form: Refusal.signInForm(facts) { .redirectToLogin(status: $0) })
        }
        // 11
        if session.tenantAsksSecondFactor, !session.secondFactor.satisfiesTenant(at: now) {
            if route.rule == .optional { return .forward(verdict.permit(route, routeIndex, snapshot)) }
            return verdict.refuseForFactor(facts, within: route.secondFactorWithin)
        }
        // 12
        guard route.roleMask == 0 || route.roleMask & session.roleMask != 0 else {
            return verdict.refuse(.roleMissing, facts)
        }
        if let within = route.secondFactorWithin {
            guard let provedAt = session.secondFactor.provedAt, now.since(provedAt) <= within else {
                return verdict.refuseForFactor(facts, within: within)
            }
        }
        return .forward(
            verdict.permit(
                route, routeIndex, snapshot, session: sessions.reference(slot), slot: slot, version: session.version,
                identity: sessions.identity(slot)))
    }

    /// Step 3 for a path with more than one reading: every form is allowed, and both readings choose the
    /// same route, so that no parser behind us sees a path under another rule.
    private static func refusalOfForms(
        _ path: CanonicalPath, _ lenient: Int?, on host: HostEntry, _ snapshot: AccessSnapshot
    ) -> ReasonCode? {
        guard let lenient else { return path.needs.refusal }
        let excess = path.needs.subtracting(snapshot.routes[lenient].allowances)
        if let reason = excess.refusal { return reason }
        let literal = snapshot.route(on: host, for: path, reading: .literal)
        return literal == lenient ? nil : path.needs.refusal
    }
}
