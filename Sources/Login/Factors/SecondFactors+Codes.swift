import Core
import Store

/// Enrolment codes: sent and looked at, at sign-in and within a session.
extension SecondFactors {
    /// Sends a member a new code, in the place of the former one.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func sendCode(to standing: MemberStanding, _ visit: LoginVisit) async throws -> CodeSending {
        // Read after the user: an address that has become another one since is not the one that is written to.
        let factors = try await standing.store.factors.all(of: standing.user.id)
        guard services.hasMail, !login.isAddressYoung(factors) else { return .withoutMail }
        let member = ThrottleMember(tenant: standing.tenant.id, user: standing.user.id)
        if case .refused(let retryAfter) = services.throttle.reserve(enrolmentMailTo: member) {
            return .throttled(retryAfter: retryAfter)
        }
        let (code, moment) = (EnrolmentCode.make(), services.now())
        let expiresAt = moment.advanced(by: EnrolmentCode.mailedLifetime)
        let letters = try await letters(
            .enrolmentCode(code: EnrolmentCode.grouped(code), expiresAt: expiresAt), to: standing, visit)
        try await standing.store.factors.issueEnrolmentCode(
            code, to: standing.user.id, expiresAt: expiresAt, audit: FactorRecord.codeIssued(standing.user.id, visit),
            letters: letters, at: moment)
        count { $0.codesMailed += 1 }
        return .sent
    }

    /// Looks at a code: a guess at it costs what a guess at a second factor costs.
    /// - Parameter session: within which it is given; nil at sign-in.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func accept(
        _ typed: String, of standing: MemberStanding, _ visit: LoginVisit, session: SessionHandle?
    ) async throws -> AcceptedCode {
        guard let code = EnrolmentCode.normalised(typed) else { return .notACode }
        let member = ThrottleMember(tenant: standing.tenant.id, user: standing.user.id)
        let reservation: ThrottleReservation
        switch services.throttle.reserve(factorOf: member, from: visit.client) {
        case .refused(let retryAfter): return .throttled(retryAfter: retryAfter)
        case .reserved(let value): reservation = value
        }
        if try await standing.store.factors.isEnrolmentCode(code, of: standing.user.id, at: services.now()) {
            services.throttle.refund(reservation)
            return .right
        }
        count { $0.codesWrong += 1 }
        let entry = FactorRecord.failed(
            standing.user.id, "enrolment-code", reason: FactorFault.wrong.code, session: session, client: visit.client)
        try await Task { try await failed(standing, entry, visit) }.value
        return .wrong
    }
}
