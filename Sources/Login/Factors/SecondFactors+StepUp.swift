import Core
import Store

/// A factor that a member proves anew within a session, where a route or a page asks for it.
extension SecondFactors {
    /// What the member can prove.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func stepUpRequest(_ holder: AccountHolder) async throws -> StepUpRequest {
        let (standing, _) = try await open(holder)
        return StepUpRequest(
            try await standing.store.factors.all(of: standing.user.id), realm: login.rules.realm(holder.tenant))
    }

    /// Looks at a factor.  The session goes on with a new token (security rule 9); its copies are the caller's to tell.
    public func stepUp(_ proof: FactorProof, _ holder: AccountHolder, _ visit: FactorVisit) async -> StepUpOutcome {
        let (begin, visit) = (login.pacing.begin(), self.visit(visit))
        let outcome: StepUpOutcome
        do {
            outcome = try await stepUp(proof, holder, visit)
        } catch is StoreConflict {
            outcome = .ended
        } catch {
            services.report(error)
            outcome = .unavailable
        }
        if case .confirmed = outcome { return outcome }
        await login.pacing.hold(since: begin)
        return outcome
    }

    private func stepUp(
        _ proof: FactorProof, _ holder: AccountHolder, _ visit: LoginVisit
    ) async throws -> StepUpOutcome {
        let (standing, _) = try await open(holder)
        let factors = try await standing.store.factors.all(of: standing.user.id)
        switch try await verify(proof, of: standing, factors, visit, session: holder.session) {
        case .wrong(let fault): return .wrong(fault)
        case .throttled(let retryAfter): return .throttled(retryAfter: retryAfter)
        case .right(let proved, let left):
            let renewed = try await renew(holder, standing, proving: proved, visit)
            return .confirmed(renewed, recoveryCodesLeft: left)
        }
    }

    /// Gives the holder's session a new token with a factor that was proved.
    /// - Throws: `StoreConflict.notFound` where it has ended, or has another token by now; `StoreFault`.
    func renew(
        _ holder: AccountHolder, _ standing: MemberStanding, proving proved: ProvedFactor, _ visit: LoginVisit
    ) async throws -> RenewedSession {
        let token = SessionTokens.make(for: holder.tenant)
        guard let id = RowID(holder.session.description), let digest = SessionTokens.digest(token) else {
            throw StoreConflict.notFound
        }
        let entry = LoginRecord.confirmed(
            standing.user.id, by: proved.factor, session: holder.session, client: visit.client)
        let renewed = try await standing.store.sessions.renew(
            id, on: holder.host, holding: holder.token, of: standing.user.id, epoch: standing.user.epoch,
            proving: proved, with: digest, audit: entry, at: services.now())
        return RenewedSession(
            token: token, handle: holder.session, digest: digest.octets, expiresAt: renewed.expiresAt,
            isRemembered: renewed.isRemembered)
    }

    /// Whom a session belongs to, as the store has them now.
    /// - Throws: `StoreConflict.notFound` where the session is over, or its member or tenant may not come in; `StoreFault`.
    func open(_ holder: AccountHolder) async throws -> (MemberStanding, StoredSession) {
        let (tenant, store, user, session) = try await account.open(holder)
        guard tenant.state == .active, user.state == .active, session.epoch == user.epoch,
            services.now() < session.expiresAt
        else { throw StoreConflict.notFound }
        return (MemberStanding(tenant: tenant, store: store, user: user), session)
    }
}
