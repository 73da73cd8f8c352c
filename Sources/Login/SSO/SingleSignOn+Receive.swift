import Core
import HostCrypto
import SAML
import Store

/// A response of a provider, from its bytes to what becomes of them.
extension SingleSignOn {
    /// Judges a response and goes on with whoever it is about.
    /// - Parameter attempts: of the browser's cookie.  One that none of them began makes no session, unless the
    ///   connection takes what its provider begins.
    public func receive(_ answer: SSOAnswer, attempts: [SSOAttempt]) async -> SSOOutcome {
        let begin = login.pacing.begin()
        let attempt = attempts.first {
            $0.relayState == answer.relayState && $0.tenant == answer.tenant && $0.connection == answer.connection
        }
        var run = SSORun(
            tenant: answer.tenant, connection: answer.connection, requestID: answer.requestID, kind: .signIn,
            attempt: attempt?.relayState)
        let outcome = await outcome(of: answer, attempt, &run, since: begin)
        note(outcome)
        guard outcome != .unknown else { return outcome }
        await recorder.keep(run, verdict: outcome.verdict, reason: outcome.reason)
        await audit(outcome, run, answer)
        switch outcome {
        case .refused, .startAgain, .unavailable:
            // What was wrong shows by no time (security rule 22).
            await login.pacing.hold(since: begin)
        case .proceeds, .confirmed, .link, .restart, .unknown: break
        }
        return outcome
    }

    private func outcome(
        of answer: SSOAnswer, _ attempt: SSOAttempt?, _ run: inout SSORun, since begin: MonotonicInstant
    ) async -> SSOOutcome {
        do {
            guard let connection = try await connections.connection(answer.connection, of: answer.tenant) else {
                return .unknown
            }
            let seen = UnverifiedResponse(withoutSignatureCheck: answer.response)
            if let seen { run.describe(seen) } else { run.add("base64-bytes", "\(answer.response.count)") }
            guard let attempt else { return try await unsolicited(answer, seen, connection, &run, since: begin) }
            run.passed("this browser began the attempt at \(SAMLTime.write(attempt.beganAt))")
            let asked = ResponseExpectations.Asked(
                authenticationSince: attempt.forcedSince, contexts: connection.settings.contexts)
            return try await judge(
                answer, attempt, connection, .answering(id: attempt.requestID, asked: asked), &run, since: begin)
        } catch let refusal as SSORefusal {
            run.failed(refusal.words)
            return .refused(reason: refusal.reason.rawValue)
        } catch is StoreConflict {
            run.failed("something changed meanwhile")
            return .refused(reason: SSOReason.accountChanged.rawValue)
        } catch {
            let reason = reason(of: error)
            run.failed("it could not be judged: \(reason.rawValue)")
            return .unavailable(reason: reason.rawValue)
        }
    }

    /// What answers nothing of this browser.  By what it says itself it is told what is offered instead; it lets nobody
    /// in.
    private func unsolicited(
        _ answer: SSOAnswer, _ seen: UnverifiedResponse?, _ connection: SSOConnection, _ run: inout SSORun,
        since begin: MonotonicInstant
    ) async throws -> SSOOutcome {
        if seen?.inResponseTo != nil {
            run.failed("it answers a request, and none that this browser began or has not had answered")
            return .startAgain(reason: SSOReason.attemptUnknown.rawValue)
        }
        switch connection.settings.idpInitiated {
        case .disabled:
            run.failed("the provider began, and this connection takes only what it was asked for")
            return .refused(reason: SSOReason.idpInitiatedDisabled.rawValue)
        case .restart:
            run.noted("the provider began: it is thrown away, and the provider asked")
            return .restart(returnTo: answer.relayState.flatMap { SafeRedirect($0) })
        case .accept:
            return try await judge(answer, nil, connection, .unsolicited, &run, since: begin)
        }
    }

    private func judge(
        _ answer: SSOAnswer, _ attempt: SSOAttempt?, _ connection: SSOConnection,
        _ request: ResponseExpectations.Request, _ run: inout SSORun, since begin: MonotonicInstant
    ) async throws -> SSOOutcome {
        // 1. The message itself.
        let (moment, settings) = (now(), connection.settings)
        let verified = ResponseVerifier(
            ResponseExpectations(
                provider: connection.provider, entityID: connection.addresses.entityID,
                consumerURL: connection.addresses.acs, request: request, now: moment, skew: settings.skew,
                decryptionKeys: connection.decryptionKeys, requiresEncryption: settings.requiresEncryption,
                algorithms: settings.algorithms)
        ).verify(field: answer.response)
        run.take(verified.steps)
        let assertion: VerifiedAssertion
        switch verified.result {
        case .success(let value): assertion = value
        case .failure(let refusal): return .refused(reason: refusal.reason.rawValue)
        }
        run.isVerified = true
        if assertion.wasEncrypted {
            run.describe(attributes: assertion.attributes.map { (String($0.name.prefix(200)), $0.values.count) })
        }
        guard let (tenant, store) = try await login.store.openTenant(answer.tenant), tenant.state == .active else {
            return .unknown
        }
        // 2. Each assertion and each answer counts once.
        try await use(assertion, attempt, in: store, at: moment, &run)
        // 3. Who it is there.
        let person = try AssertedPerson(assertion, settings)
        run.passed("the account at the provider is \(Self.masked(person.subject))")
        let place = SSOPlace(connection: connection, tenant: tenant, store: store)
        // 4. Who it is here.
        if case .confirm(let holder) = attempt?.purpose {
            let proof = SSOProof(assertion, at: place, provedAt: moment)
            let renewed = try await confirm(holder, person, by: proof, at: place, &run, answer.visit)
            return .confirmed(renewed, returnTo: attempt?.returnTo)
        }
        let returnTo = attempt.map(\.returnTo) ?? answer.relayState.flatMap { SafeRedirect($0) }
        switch try await account(of: person, at: place, &run) {
        case .pending(let link, let email):
            guard attempt != nil else {
                // Whoever posts an answer of theirs from this browser would have their subject linked with its account.
                run.noted("the provider began: it is asked anew from this browser before a link is offered")
                return .restart(returnTo: returnTo)
            }
            return .link(link, email: email, returnTo: returnTo)
        case .member(let user):
            let proof = SSOProof(
                assertion, at: place, provedAt: attempt?.forcedSince == nil ? assertion.authenticatedAt : moment)
            let arrival = SSOArrival(
                returnTo: returnTo, isRemembered: attempt?.isRemembered ?? false, email: user.email,
                attemptID: attempt?.id)
            return try await proceed(user, proof, answer, attempt, arrival, &run, since: begin)
        }
    }

    /// Uses up what counts once.
    /// - Throws: `SSORefusal`.
    private func use(
        _ assertion: VerifiedAssertion, _ attempt: SSOAttempt?, in store: TenantStore, at moment: WallTime,
        _ run: inout SSORun
    ) async throws {
        var ids = ["assertion \(assertion.issuer) \(assertion.id)"]
        var until = assertion.usableUntil
        if let attempt {
            ids.append("request \(attempt.requestID)")
            until = max(
                until, attempt.beganAt.advanced(by: SSOAttemptSeal.lifetime).advanced(by: LoginAttemptSeal.skew))
        }
        guard try await store.connections.use(ids, until: until, at: moment) else {
            run.replayed = SSORun.Replayed(id: ids[0], until: until)
            throw SSORefusal(.assertionReplayed, "the assertion, or the answer to this request, was used before")
        }
        run.passed("it is used for the first time")
    }

    /// Goes on with the login from its first factor.
    private func proceed(
        _ user: User, _ proof: SSOProof, _ answer: SSOAnswer, _ attempt: SSOAttempt?, _ arrival: SSOArrival,
        _ run: inout SSORun, since begin: MonotonicInstant
    ) async throws -> SSOOutcome {
        let moment = now()
        let isMFA = connections.settings(of: answer.tenant).contains { $0.name == proof.connection && $0.countsAsMFA }
        let member = ProvedMember(
            tenant: answer.tenant, user: user.id, epoch: user.epoch, at: moment, first: .sso,
            second: isMFA ? ProvedFactor(.mfa, at: min(proof.provedAt, moment)) : nil, sso: proof)
        guard let standing = try await login.standing(of: member) else {
            throw SSORefusal(.accountChanged, "the account may not sign in so now")
        }
        let visit = LoginVisit(
            client: answer.visit.client, deviceToken: attempt?.deviceToken ?? answer.visit.deviceToken,
            userAgent: answer.visit.userAgent, forms: login.store.forms,
            language: attempt.map(\.language) ?? answer.visit.language, isRemembered: arrival.isRemembered)
        let outcome = await login.settled {
            try await login.proceed(member, standing, visit)
        } ended: {
            $0
        }
        await login.finish(outcome, since: begin)
        switch outcome {
        case .refused, .choose, .throttled, .busy:
            throw SSORefusal(.accountChanged, "the account changed while it signed in")
        case .unavailable: return .unavailable(reason: SSOReason.storeUnavailable.rawValue)
        case .signedIn: run.passed("the session has begun")
        case .secondFactor: run.passed("a second factor is asked for")
        case .enrol: run.passed("a second factor has to be set up")
        case .mustChange: run.passed("another password has to be chosen")
        }
        return .proceeds(outcome, arrival)
    }

    /// Of a subject the first character is left, and an address's domain.
    static func masked(_ subject: String) -> String {
        guard !subject.contains("@"), let first = subject.first else { return SSOMasking.masked(subject) }
        return "\(first)…"
    }
}

extension SSOOutcome {
    /// What traces call it.
    fileprivate var verdict: String {
        switch self {
        case .proceeds: "accepted"
        case .confirmed: "confirmed"
        case .link: "link-offered"
        case .restart: "restarted"
        case .startAgain: "start-again"
        case .refused, .unknown: "refused"
        case .unavailable: "unavailable"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .startAgain(let reason), .refused(let reason), .unavailable(let reason): reason
        case .proceeds, .confirmed, .link, .restart, .unknown: nil
        }
    }
}
