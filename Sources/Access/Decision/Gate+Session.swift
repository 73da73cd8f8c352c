public import Core

extension Gate {
    /// What a request's cookie amounts to.
    enum SessionFinding {
        /// A session of this host's tenant, bound to the snapshot; its slot in the table.
        case slot(Int)
        /// None; and why, where a cookie came.
        case none(ReasonCode?)
        case load(SessionKey)
    }

    /// Step 7 of a decision.
    static func resolveSession(
        _ facts: RequestFacts, host: HostEntry, snapshot: AccessSnapshot, sessions: inout SessionTable,
        now: MonotonicInstant
    ) -> SessionFinding {
        guard !facts.isSessionCookieRepeated else { return .none(.cookieRepeated) }
        guard let key = facts.sessionKey else { return .none(nil) }
        switch sessions.find(key, now: now) {
        case .unasked: return .load(key)
        case .none(let reason): return .none(reason)
        case .slot(let index):
            sessions.bind(index, to: snapshot)
            // A tenant that the configuration no longer has is nobody's.
            let slot = sessions.slot(index)
            guard slot.tenantIndex >= 0 else { return .none(.sessionUnknown) }
            guard host.tenant < 0 || host.tenant == slot.tenantIndex else { return .none(.sessionWrongTenant) }
            // A token that was handed over opens the host that it was made for.
            guard slot.hostIndex == -1 || slot.hostIndex == host.index else { return .none(.sessionUnknown) }
            return .slot(index)
        }
    }

    /// Step 2: our own pages, which know their caller but do not ask for one here.
    static func decidePortal(
        _ surface: PortalCall.Surface, _ facts: RequestFacts, _ verdict: Verdict, snapshot: AccessSnapshot,
        sessions: inout SessionTable, now: MonotonicInstant
    ) -> Decision {
        if let reason = facts.path.needs.refusal { return verdict.refuse(reason, facts) }
        if surface == .portal, facts.isServiceWorkerScript { return verdict.refuse(.serviceWorkerRefused, facts) }
        var tenant = verdict.tenant
        var session: SessionReference?
        var noted: ReasonCode?
        var isElsewhere = false
        if surface == .portal, let host = snapshot.hosts[facts.host] {
            isElsewhere =
                snapshot.settings.portalHost != nil && !host.isPortal && !ReservedPath.isOnEveryHost(facts.path)
            switch resolveSession(facts, host: host, snapshot: snapshot, sessions: &sessions, now: now) {
            case .load(let key): return .load(key)
            case .none(let reason): noted = reason
            case .slot(let index):
                sessions.touch(index, now: now)
                tenant = sessions.slot(index).tenantIndex
                session = sessions.reference(index)
            }
        }
        let isSuspended = tenant >= 0 && snapshot.tenants[Int(tenant)].isSuspended
        return .portal(
            PortalCall(
                surface: surface, tenantIndex: tenant >= 0 ? Int(tenant) : nil,
                hostTenantIndex: verdict.tenant >= 0 ? Int(verdict.tenant) : nil, session: isSuspended ? nil : session,
                notedSessionReason: noted, isTenantSuspended: isSuspended,
                belongsToPortalHost: isElsewhere))
    }

    /// Whether a request that was permitted under a session still would be, after its member was given other roles:
    /// what a live stream is judged by (security rule 9).
    ///
    /// - Parameter snapshot: the one that permitted it.
    public static func stillPermits(
        _ handle: SessionHandle, routeAt index: Int, snapshot: AccessSnapshot, sessions: inout SessionTable,
        now: MonotonicInstant
    ) -> Bool {
        let route = snapshot.routes[index]
        guard route.rule == .member else { return true }
        guard let slot = sessions.slot(of: handle) else { return false }
        sessions.bind(slot, to: snapshot)
        let session = sessions.slot(slot)
        guard session.tenantIndex >= 0 else { return false }
        if session.tenantAsksSecondFactor, !session.secondFactor.satisfiesTenant(at: now) { return false }
        return route.roleMask == 0 || route.roleMask & session.roleMask != 0
    }
}
