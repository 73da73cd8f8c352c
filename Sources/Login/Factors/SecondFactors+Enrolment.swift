import Core
import Store

/// The first factor of a member whom a login demands one of.
extension SecondFactors {
    /// The page again, such as after a reload.
    public func enrolment(of member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome {
        await enrolling(member, visit) { _, step, _, _ in .step(step, nil) }
    }

    /// Sends the member an enrolment code, in the place of the former one.
    public func sendCode(to member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome {
        await enrolling(member, visit) { standing, step, _, visit in
            guard step.code != .unneeded else { return .step(step, nil) }
            switch try await sendCode(to: standing, visit) {
            case .sent: return .step(step.with(code: .mailed), nil)
            case .withoutMail: return .step(step.with(code: .asked), nil)
            case .throttled(let retryAfter): return .ended(.throttled(retryAfter: retryAfter))
            }
        }
    }

    /// Looks at an enrolment code.  Where it is right the step's member is sure from then on.
    /// - Parameter code: as it was typed.
    public func acceptCode(_ code: String, of member: ProvedMember, _ visit: FactorVisit) async -> EnrolmentOutcome {
        await enrolling(member, visit) { standing, step, _, visit in
            guard step.code != .unneeded else { return .step(step, nil) }
            switch try await accept(code, of: standing, visit, session: nil) {
            case .right: return .step(step.sure, nil)
            case .wrong: return .step(step, .wrong)
            case .notACode: return .step(step, .notACode)
            case .throttled(let retryAfter): return .ended(.throttled(retryAfter: retryAfter))
            }
        }
    }

    /// Adds the member's first factor and goes on with the login: it counts as proved.
    public func enrol(
        _ enrolment: FactorEnrolment, by member: ProvedMember, _ visit: FactorVisit
    ) async -> EnrolmentOutcome {
        await enrolling(member, visit) { standing, step, factors, visit in
            // 1. The right to it: more than a password (security rule 16).
            guard step.code == .unneeded else { return .step(step, nil) }
            // 2. The factor.
            let added: Added
            do {
                added = try await add(enrolment, to: standing, factors, visit, keeping: nil)
            } catch let fault as FactorFault {
                return .step(step, fault)
            }
            // 3. The login.  Its codes are shown whatever becomes of it.
            var member = step.member
            member.second = added.proved
            let outcome = await login.settled {
                try await login.proceed(member, standing, visit)
            } ended: {
                $0
            }
            return .enrolled(outcome, recoveryCodes: added.recoveryCodes)
        }
    }

    /// Goes on without a second factor, as long as that may be.
    public func later(_ member: ProvedMember, _ visit: FactorVisit) async -> PasswordLoginOutcome {
        let visit = self.visit(visit)
        return await login.answer(since: login.pacing.begin(), steps: 1) {
            guard let standing = try await login.standing(of: member, for: ProvedMember.enrolmentLifetime) else {
                return .refused
            }
            return try await login.proceed(member, standing, visit, isPutOff: true)
        }
    }

    /// Runs a step of an enrolment for a member who has to enrol; everybody else's login goes on or begins anew.
    private func enrolling(
        _ member: ProvedMember, _ visit: FactorVisit,
        _ body: (MemberStanding, EnrolmentStep, MemberFactors, LoginVisit) async throws -> EnrolmentOutcome
    ) async -> EnrolmentOutcome {
        let (begin, visit) = (login.pacing.begin(), self.visit(visit))
        let outcome: EnrolmentOutcome = await login.settled {
            guard let standing = try await login.standing(of: member, for: ProvedMember.enrolmentLifetime) else {
                return .ended(.refused)
            }
            guard case .enrolment(let factors, let laterUntil) = try await login.pending(member, standing) else {
                return .ended(try await login.proceed(member, standing, visit))
            }
            let step = try await login.step(member, standing, factors, laterUntil: laterUntil, visit)
            return try await body(standing, step, factors, visit)
        } ended: {
            .ended($0)
        }
        switch outcome {
        case .ended(let ended), .enrolled(let ended, _): await login.finish(ended, since: begin)
        case .step(_, let fault): if fault != nil { await login.pacing.hold(since: begin) }
        }
        return outcome
    }
}

extension EnrolmentStep {
    /// The same step where the code stands otherwise.
    func with(code: CodeState) -> EnrolmentStep {
        EnrolmentStep(
            member: member, code: code, laterUntil: laterUntil, email: email, issuer: issuer, passkey: passkey)
    }

    /// The same step after a right code.
    var sure: EnrolmentStep {
        var member = member
        member.isSure = true
        return EnrolmentStep(
            member: member, code: .unneeded, laterUntil: laterUntil, email: email, issuer: issuer, passkey: passkey)
    }
}
