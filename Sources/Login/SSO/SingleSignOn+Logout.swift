public import Core
import HostCrypto
import SAML
public import Store

/// A sign-out that goes on to the provider, and its answer.
extension SingleSignOn {
    /// What tells the request's id from every other that the installation makes.
    private static let logoutPurpose = "saml-logout 1"
    /// Addresses after a sign-out that can be chosen.
    private static let mostNext = 1000

    /// What takes the browser to the provider to end its session; nil where the connection has no single logout, or
    /// cannot be used now: then the sign-out has ended here.
    ///
    /// Nothing is kept for the answer: the request's id is a code over the relay state, which only this installation can
    /// make.
    /// - Parameter nextIndex: which of `after_logout` was asked for; nil for none.
    public func logout(_ origin: SessionOrigin, in tenant: TenantID, nextIndex: Int?) async -> SSOMessage? {
        let connection: SSOConnection
        do {
            guard let found = try await connections.connection(origin.connection, of: tenant),
                found.settings.usesSingleLogout, found.provider.entityID == origin.entityID
            else { return nil }
            connection = found
        } catch {
            _ = reason(of: error)
            return nil
        }
        guard let (binding, address) = connection.provider.singleLogout.preferred(.redirect) else { return nil }
        let random = Base64.encode(SecureRandom.bytes(16), alphabet: .url)
        let state = "\(nextIndex.map(String.init) ?? "-").\(random)"
        let request = LogoutRequest(
            id: requestID(state, of: origin.connection, tenant), issuedAt: now(),
            entityID: connection.addresses.entityID, destination: address,
            subject: VerifiedAssertion.NameID(
                value: origin.subject, format: origin.format, nameQualifier: origin.nameQualifier,
                ownQualifier: origin.ownQualifier),
            sessionIndex: origin.sessionIndex)
        count { $0.logoutsSent += 1 }
        switch binding {
        case .redirect: return .redirect(to: request.redirect(relayState: state, key: connection.signingKey))
        case .post:
            return .post(
                SSOForm(
                    address: address, field: "SAMLRequest",
                    value: request.field(key: connection.signingKey, certificate: connection.signingCertificate),
                    relayState: state))
        }
    }

    /// Judges a logout message and does what it asks for.
    public func receiveLogout(_ message: SSOLogoutMessage) async -> SSOLogoutOutcome {
        var run = SSORun(
            tenant: message.tenant, connection: message.connection, requestID: message.requestID, kind: .logout,
            attempt: nil)
        let outcome: SSOLogoutOutcome
        do {
            guard let connection = try await connections.connection(message.connection, of: message.tenant),
                connection.settings.usesSingleLogout,
                let (tenant, store) = try await login.store.openTenant(message.tenant)
            else { return .unknown }
            let place = SSOPlace(connection: connection, tenant: tenant, store: store)
            outcome =
                message.isRequest
                ? try await carryOut(message, at: place, &run) : answered(message, at: place, &run)
        } catch let refusal as SSORefusal {
            run.failed(refusal.words)
            outcome = .refused(reason: refusal.reason.rawValue)
        } catch {
            outcome = .unavailable(reason: reason(of: error).rawValue)
        }
        if case .refused(let reason) = outcome { count { $0.refused[reason, default: 0] += 1 } }
        await recorder.keep(run, verdict: outcome.verdict, reason: outcome.reason)
        return outcome
    }

    // MARK: The provider asks

    /// Ends the sessions that a provider names, wherever they are (security rule 21: never by a cookie).
    private func carryOut(
        _ message: SSOLogoutMessage, at place: SSOPlace, _ run: inout SSORun
    ) async throws -> SSOLogoutOutcome {
        let moment = now()
        let judged = verifier(at: place, moment).request(message.arrival.verifiable)
        run.take(judged.steps)
        let request: LogoutVerifier.Request
        switch judged.result {
        case .success(let value):
            request = value
            run.isVerified = true
        case .failure(let refusal): return .refused(reason: refusal.reason.rawValue)
        }
        let until = moment.advanced(by: LogoutVerifier.longestAge).advanced(by: ResponseExpectations.longestSkew)
            .advanced(by: ResponseExpectations.longestSkew)
        let id = "logout \(place.entityID) \(request.id)"
        let named = try await place.store.connections.sessions(
            connection: place.name, entityID: place.entityID, subject: request.subject.value,
            sessionIndexes: request.sessionIndexes)
        // It is used up with what it ends: one that could not be carried out can come again.
        let carriedOut = try await place.store.connections.end(
            sessions: named, using: id, until: until,
            audit: { SSORecord.loggedOut($1, session: $0, by: place.name) }, at: moment)
        guard let ended = carriedOut else {
            run.replayed = SSORun.Replayed(id: id, until: until)
            throw SSORefusal(.logoutReplayed, "the request was carried out before")
        }
        run.passed("\(ended.count) sessions ended, of \(request.sessionIndexes.count) that were named")
        count { $0.logoutsReceived += 1 }
        let handles = ended.compactMap { SessionHandle($0.description) }
        guard let answer = answer(to: request, message, at: place, moment) else { return .ended(handles) }
        return .answer(answer, ended: handles)
    }

    private func answer(
        to request: LogoutVerifier.Request, _ message: SSOLogoutMessage, at place: SSOPlace, _ moment: WallTime
    ) -> SSOMessage? {
        let endpoints = place.connection.provider.singleLogout
        guard let (binding, address) = endpoints.preferred(.redirect) else { return nil }
        let endpoint = endpoints.first { $0.binding == binding && $0.location == address }
        let destination = endpoint?.responseLocation ?? address
        let answer = LogoutAnswer(
            id: Self.makeMessageID(), issuedAt: moment, entityID: place.connection.addresses.entityID,
            destination: destination, inResponseTo: request.id, status: .success)
        let state = request.relayState ?? message.relayState
        switch binding {
        case .redirect: return .redirect(to: answer.redirect(relayState: state, key: place.connection.signingKey))
        case .post:
            return .post(
                SSOForm(
                    address: destination, field: "SAMLResponse",
                    value: answer.field(
                        key: place.connection.signingKey, certificate: place.connection.signingCertificate),
                    relayState: state))
        }
    }

    // MARK: The provider answers

    private func answered(_ message: SSOLogoutMessage, at place: SSOPlace, _ run: inout SSORun) -> SSOLogoutOutcome {
        guard let state = message.relayState, let next = Self.nextIndex(of: state) else {
            run.failed("the relay state is none of ours")
            return .refused(reason: SSOReason.logoutUnknown.rawValue)
        }
        let id = requestID(state, of: place.name, place.tenant.id)
        let judged = verifier(at: place, now()).answer(message.arrival.verifiable, to: id)
        run.take(judged.steps)
        switch judged.result {
        case .success: return .signedOut(nextIndex: next.index, isComplete: true)
        case .failure(let refusal) where refusal.reason == .statusNotSuccess:
            return .signedOut(nextIndex: next.index, isComplete: false)
        case .failure(let refusal): return .refused(reason: refusal.reason.rawValue)
        }
    }

    /// What stands before the full stop; nil for what we never wrote.
    private static func nextIndex(of state: String) -> (index: Int?, isNone: Bool)? {
        let parts = state.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 22 else { return nil }
        if parts[0] == "-" { return (nil, true) }
        guard let index = Int(parts[0]), (0..<mostNext).contains(index) else { return nil }
        return (index, false)
    }

    private func requestID(_ state: String, of connection: ConnectionName, _ tenant: TenantID) -> String {
        let code = login.store.forms.code(
            purpose: Self.logoutPurpose, for: "\(tenant.text) \(connection.text) \(state)")
        return "_" + Base64.encode(code, alphabet: .url)
    }

    private func verifier(at place: SSOPlace, _ moment: WallTime) -> LogoutVerifier {
        LogoutVerifier(
            provider: place.connection.provider, destination: place.connection.addresses.slo, now: moment,
            skew: place.connection.settings.skew, algorithms: place.connection.settings.algorithms)
    }
}

extension SSOLogoutMessage.Arrival {
    fileprivate var verifiable: LogoutVerifier.Arrival {
        switch self {
        case .query(let query): .query(query)
        case .field(let field): .field(field)
        }
    }
}

extension SSOLogoutOutcome {
    /// What traces call it.
    fileprivate var verdict: String {
        switch self {
        case .answer, .ended: "accepted"
        case .signedOut(_, let isComplete): isComplete ? "accepted" : "incomplete"
        case .refused, .unknown: "refused"
        case .unavailable: "unavailable"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .refused(let reason), .unavailable(let reason): reason
        case .answer, .ended, .signedOut, .unknown: nil
        }
    }
}
