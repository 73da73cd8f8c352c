import Core

/// Puts a decision's outcome in words, step by step.  Every step before the one that decided was passed, so
/// the outcome alone tells the whole way.
struct ExplanationWords {
    private let facts: RequestFacts
    private let snapshot: AccessSnapshot
    private var steps: [String] = []

    init(facts: RequestFacts, snapshot: AccessSnapshot) {
        self.facts = facts
        self.snapshot = snapshot
    }

    /// - Parameter owesSecondFactor: the tenant asks for a second factor, and the member may still set one up.
    mutating func forwarded(_ permit: borrowing Permit, owesSecondFactor: Bool) -> Explanation {
        sayHost()
        sayRoute(permit.routeIndex)
        saySession(permit.session, tenant: permit.tenantIndex, noted: permit.notedSessionReason)
        if owesSecondFactor {
            steps.append("the tenant asks for a second factor; the member still has time to set one up (mfa.grace)")
        }
        steps.append(permit.session == nil ? "forwarded without an identity" : "forwarded with the member's identity")
        return explanation(
            .forward, route: permit.routeIndex, upstream: permit.upstreamIndex, noted: permit.notedSessionReason)
    }

    mutating func answered(_ call: PortalCall) -> Explanation {
        sayHost()
        steps.append("path \(facts.path.text) is Gatehouse's own")
        saySession(call.session, tenant: call.tenantIndex, noted: call.notedSessionReason)
        if call.belongsToPortalHost, let portal = snapshot.settings.portalHost {
            steps.append("it is on portal_host: the answer leads to \(portal)")
        }
        if call.isTenantSuspended { steps.append("the tenant is suspended; nobody signs in") }
        return explanation(.portal, noted: call.notedSessionReason)
    }

    mutating func preflighted(_ preflight: Preflight) -> Explanation {
        sayHost()
        sayRoute(preflight.routeIndex)
        if let settings = snapshot.settings.routes[preflight.routeIndex].crossOrigin {
            let methods = settings.methods.methods.map(\.token).joined(separator: ", ")
            steps.append("\(settings.origins[preflight.originIndex]) is listed by cross_origin")
            steps.append(
                "its scripts may ask with \(methods), \(settings.allowsCredentials ? "with" : "without") cookies")
            if !settings.headers.isEmpty { steps.append("and set \(settings.headers.joined(separator: ", "))") }
        }
        return explanation(.preflight, route: preflight.routeIndex, status: 204)
    }

    mutating func refused(_ refusal: Refusal) -> Explanation {
        switch refusal.reason {
        case .hostMalformed, .pathMalformed, .pathDotSegment, .pathBackslash, .pathControl, .pathInvalidUTF8: break
        default: sayHost()
        }
        if let route = refusal.routeIndex { sayRoute(route) }
        if let noted = refusal.notedSessionReason { steps.append("session counts as none: \(noted.code)") }
        if let allow = refusal.allow {
            steps.append("allowed methods: \(allow.methods.map(\.token).joined(separator: ", "))")
        }
        sayGrace(refusal)
        steps.append("refused: \(refusal.reason.code) (\(refusal.reason.summary))")
        return explanation(
            .refuse, route: refusal.routeIndex, reason: refusal.reason, noted: refusal.notedSessionReason,
            status: refusal.status)
    }

    mutating func unasked() -> Explanation {
        sayHost()
        steps.append("the session is not known here; it would be loaded, and the decision made anew")
        return explanation(.load)
    }

    private func explanation(
        _ verdict: Explanation.Verdict, route: Int? = nil, upstream: Int? = nil, reason: ReasonCode? = nil,
        noted: ReasonCode? = nil, status: UInt16? = nil
    ) -> Explanation {
        Explanation(
            verdict: verdict, routeName: route.map(snapshot.routeName(at:)),
            rule: route.map { snapshot.settings.routes[$0].access.words }, upstreamIndex: upstream, reason: reason,
            notedSessionReason: noted, status: status, steps: steps)
    }

    private mutating func sayHost() {
        guard let host = snapshot.hosts[facts.host] else { return steps.append("host \(facts.host) is not known") }
        if host.isPortal { return steps.append("host \(facts.host) is portal_host, where no route leads") }
        let owner = host.tenant >= 0 ? "belongs to tenant \(snapshot.tenantID(at: Int(host.tenant)))" : "is shared"
        steps.append("host \(facts.host) \(owner)")
    }

    private mutating func sayRoute(_ index: Int) {
        let route = snapshot.settings.routes[index]
        steps.append(
            "route \(route.name) (routes[\(index)]: \(route.host) \(route.path)) matches path \(facts.path.text)")
        steps.append("rule: \(route.access.words)")
    }

    /// Where it is the tenant's rule that refuses: for how long it lets some members through.
    private mutating func sayGrace(_ refusal: Refusal) {
        guard refusal.reason == .mfaRequired, refusal.maximumAge == nil, let tenant = refusal.tenantIndex else {
            return
        }
        let grace = snapshot.settings.tenants[tenant].secondFactorGrace
        guard grace.count > 0 else { return }
        steps.append(
            "the tenant asks for a second factor; members who have none get by for \(grace.count / 1000)s from the first "
                + "sign-in that asks for it (mfa.grace)")
    }

    private mutating func saySession(_ session: SessionReference?, tenant: Int?, noted: ReasonCode?) {
        if let noted { steps.append("session counts as none: \(noted.code)") }
        guard session != nil, let tenant else { return }
        steps.append("signed in as a member of tenant \(snapshot.tenantID(at: tenant))")
    }
}

extension AccessRule {
    /// The rule as an operator would say it.
    var words: String {
        switch self {
        case .public: return "public"
        case .optional: return "optional"
        case .authenticated: return "authenticated"
        case .restricted(let requirements):
            var parts: [String] = []
            if !requirements.roles.isEmpty {
                parts.append("roles: " + requirements.roles.map(\.text).joined(separator: " or "))
            }
            if let within = requirements.secondFactorWithin { parts.append("mfa within \(within.count / 1000)s") }
            if !requirements.networks.isEmpty {
                parts.append(
                    "networks: " + requirements.networks.map { "\($0.network)/\($0.prefix)" }.joined(separator: " or "))
            }
            return parts.isEmpty ? "authenticated" : parts.joined(separator: "; ")
        }
    }
}
