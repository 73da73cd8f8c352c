import Core
import HostCrypto
import Store

/// The second factor of a sign-in.
extension SecondFactors {
    /// Looks at a member's second factor and goes on with the login.
    /// - Parameter member: of the sealed attempt, alone there.
    public func prove(_ proof: FactorProof, of member: ProvedMember, _ visit: FactorVisit) async -> FactorOutcome {
        let (begin, visit) = (login.pacing.begin(), self.visit(visit))
        let outcome = await login.settled {
            try await prove(proof, of: member, visit)
        } ended: {
            .ended($0)
        }
        switch outcome {
        case .ended(let ended): await login.finish(ended, since: begin)
        case .again: await login.pacing.hold(since: begin)
        }
        return outcome
    }

    private func prove(
        _ proof: FactorProof, of member: ProvedMember, _ visit: LoginVisit
    ) async throws -> FactorOutcome {
        // 1. Whether the first factor is worth something still.
        guard let standing = try await login.standing(of: member) else { return .ended(.refused) }
        guard case .secondFactor(let factors) = try await login.pending(member, standing) else {
            // Nothing is asked for any more, or there is nothing to be proved: the login goes on from there.
            return .ended(try await login.proceed(member, standing, visit))
        }
        // 2. The second one.
        switch try await verify(proof, of: standing, factors, visit, session: nil) {
        case .throttled(let retryAfter): return .ended(.throttled(retryAfter: retryAfter))
        case .wrong(let fault): return .again(login.step(member, standing, factors), fault)
        case .right(let proved, let left):
            var member = member
            member.second = proved
            let outcome = try await login.proceed(member, standing, visit)
            guard case .signedIn(var session) = outcome else { return .ended(outcome) }
            session.recoveryCodesLeft = left
            return .ended(.signedIn(session))
        }
    }
}
