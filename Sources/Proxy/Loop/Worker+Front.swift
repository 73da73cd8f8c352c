import Access
import Core
import HTTPWire

/// What stands between a permit and its application: a route's own bounds on how much it lets through.
extension Worker {
    /// What these bounds say of a permitted request.
    enum RouteAdmission {
        /// It goes on; where its route bounds requests under way it has a place, which its exchange gives back.
        case admitted(RateRules.Standing?)
        case refused(ReasonCode, RateRules.Standing?)
    }

    /// Asks the route's rate, then its places: what a rate turns away takes no place.
    func admit(_ rules: RouteRules, _ permit: borrowing Permit) -> RouteAdmission {
        var standing: RateRules.Standing?
        if let rates = rules.rates {
            let (isAdmitted, found) = takeTokens(rates, permit)
            guard isAdmitted else { return .refused(.rateLimited, found) }
            standing = found
        }
        if let gauge = rules.gauge {
            guard gauge.enter(most: rules.requestsInFlight, isSignedIn: permit.session != nil) else {
                return .refused(.tooManyInFlight, standing)
            }
        }
        return .admitted(standing)
    }

    /// Takes a token of every bucket that the request has, in the order address, session, tenant, up to the first that is
    /// empty: whoever is refused by a wider one has still asked.
    /// - Returns: what the tightest of them says; nil where the request has none.
    private func takeTokens(
        _ rates: RateRules, _ permit: borrowing Permit
    ) -> (isAdmitted: Bool, standing: RateRules.Standing?) {
        var tightest: RateRules.Standing?
        for rule in rates.rules {
            guard let key = bucket(of: rule, permit) else { continue }
            let verdict = routes.rates.take(key: key, step: rule.step, span: rule.span, now: now &* 1_000_000)
            let standing = RateRules.Standing(
                kind: rule.kind, remaining: verdict.remaining,
                seconds: max(1, (verdict.wait + 999_999_999) / 1_000_000_000))
            guard verdict.isAdmitted else { return (false, standing) }
            if tightest.map({ standing.remaining < $0.remaining }) ?? true { tightest = standing }
        }
        return (true, tightest)
    }

    /// The bucket of a request; nil where there is none of this kind: nobody is signed in, or the host is no tenant's.
    private func bucket(of rule: RateRules.Rule, _ permit: borrowing Permit) -> UInt64? {
        var hasher = Hasher()
        hasher.combine(rule.seed)
        switch rule.kind {
        case .address: hasher.combine(ConnectionLedger.network(facts.client))
        case .session:
            guard let session = permit.session else { return nil }
            hasher.combine(session.handle)
            hasher.combine(session.tenant)
        case .tenant:
            guard let index = permit.tenantIndex else { return nil }
            hasher.combine(configuration.source.access.tenantID(at: index))
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// Tells a browser what a script of a listed origin may do (Fetch §4.8); nothing is asked of session or application.
    func answer(_ client: ClientConnection, _ bytes: RawSpan, _ preflight: Preflight) {
        let requestID = requestIDs.next(wall: wall)
        settleRefusedBody(client, nil)
        beginOwnHead(204, client)
        if let crossOrigin = configuration.routeRules[preflight.routeIndex]?.crossOrigin {
            clientOut.append(crossOrigin.preflights[preflight.originIndex])
            clientOut.append(CrossOriginBytes.vary)
        }
        endOwnAnswer(client, requestID, status: 204, body: [], isHTML: false, isHead: false)
        var part = WireBuffer()
        writeLogPart(client, bytes, into: &part)
        record(
            requestID, logPart: part,
            refusal: RefusalMarks(route: preflight.routeIndex, tenant: preflight.tenantIndex), status: 204, bytesOut: 0,
            milliseconds: 0)
        afterRefusal(client)
    }
}
