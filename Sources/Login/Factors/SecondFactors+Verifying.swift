import Core
import HostCrypto
import Store
import WebAuthn

/// The one place where a second factor is looked at, for a sign-in and within a session.
extension SecondFactors {
    /// What became of a proof.
    enum Verdict: Sendable {
        /// - Parameter left: recovery codes, where one was used.
        case right(ProvedFactor, left: Int?)
        case wrong(FactorFault)
        case throttled(retryAfter: Milliseconds)
    }

    /// Looks at a proof.
    /// - Parameters:
    ///   - factors: what the member has.
    ///   - session: within which it is given; nil at sign-in.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func verify(
        _ proof: FactorProof, of standing: MemberStanding, _ factors: MemberFactors, _ visit: LoginVisit,
        session: SessionHandle?
    ) async throws -> Verdict {
        let factor = proof.factor
        // 1. What can be no code is none, and costs nothing.
        guard let candidate = Candidate(proof) else { return .wrong(.notACode) }
        // 2. The token, before anything is looked at: guesses at once cannot overrun it.
        let member = ThrottleMember(tenant: standing.tenant.id, user: standing.user.id)
        let reservation: ThrottleReservation
        switch services.throttle.reserve(factorOf: member, from: visit.client) {
        case .refused(let retryAfter):
            count { $0.throttled[factor, default: 0] += 1 }
            return .throttled(retryAfter: retryAfter)
        case .reserved(let value): reservation = value
        }
        // 3. The proof.
        do {
            let left = try await check(candidate, of: standing, factors, visit, session)
            services.throttle.refund(reservation)
            count { $0.proved[factor, default: 0] += 1 }
            return .right(ProvedFactor(factor, at: services.now()), left: left)
        } catch let fault as FactorFault {
            // 4. It is told also where the visitor has gone and their task was cancelled.
            count { $0.wrong[factor, default: 0] += 1 }
            let entry = FactorRecord.failed(
                standing.user.id, factor.rawValue, reason: fault.code, session: session, client: visit.client)
            try await Task { try await failed(standing, entry, visit) }.value
            return .wrong(fault)
        }
    }

    /// A guess was wrong: the entry, and the mail where no further one would be looked at.
    func failed(_ standing: MemberStanding, _ entry: AuditEntry, _ visit: LoginVisit) async throws {
        let (moment, member) = (services.now(), ThrottleMember(tenant: standing.tenant.id, user: standing.user.id))
        try await standing.store.audit.append(entry, at: moment)
        guard services.hasMail, services.throttle.isDrained(member), services.throttle.admits(guessMailTo: member)
        else { return }
        let notice = MailNotice.factorGuessed(at: moment, address: visit.client.description)
        for letter in try await letters(notice, to: standing) {
            try await standing.store.outbox.post(letter, to: standing.user.id, at: moment)
        }
    }

    // MARK: Proofs

    /// A proof that may be right.
    private enum Candidate: Sendable {
        /// Six ASCII digits.
        case totp(String)
        /// Sixteen characters, as they are kept.
        case recoveryCode(String)
        case passkey(PasskeyAssertion, challenge: [UInt8])

        init?(_ proof: FactorProof) {
            switch proof {
            case .totp(let typed):
                guard let code = TimeBasedCode.normalised(typed) else { return nil }
                self = .totp(code)
            case .recoveryCode(let typed):
                guard let code = RecoveryCode.normalised(typed) else { return nil }
                self = .recoveryCode(code)
            case .passkey(let assertion, let challenge): self = .passkey(assertion, challenge: challenge)
            }
        }
    }

    /// - Returns: how many recovery codes are left, where one was used.
    /// - Throws: `FactorFault`; `StoreConflict`, `StoreFault`.
    private func check(
        _ candidate: Candidate, of standing: MemberStanding, _ factors: MemberFactors, _ visit: LoginVisit,
        _ session: SessionHandle?
    ) async throws -> Int? {
        switch candidate {
        case .totp(let code):
            try await check(code, of: standing, factors.apps)
            return nil
        case .recoveryCode(let code):
            // Without an app or a passkey there is nothing that a recovery code could stand for.
            guard factors.hasSecondFactor else { throw FactorFault.wrong }
            return try await take(code, of: standing, visit, session)
        case .passkey(let assertion, let challenge):
            guard factors.passkeys.contains(where: { $0.credentialID == assertion.credentialID }),
                let found = try await standing.store.factors.passkey(credential: assertion.credentialID),
                found.passkey.user == standing.user.id
            else { throw FactorFault.notThisPasskey }
            // The member is known already: an authenticator need not say whose the passkey is (WebAuthn L3 §7.2 step 6).
            if let handle = assertion.userHandle, !handle.isEmpty,
                !ConstantTime.isEqual(handle, found.userHandle)
            {
                throw FactorFault.notThisPasskey
            }
            try await check(
                assertion, challenge, found.passkey, in: standing.tenant.id, standing.store, isAlone: false)
            return nil
        }
    }

    /// Every app is tried, so that time does not tell which fits; each step is good once (RFC 6238 §5.2).
    private func check(_ code: String, of standing: MemberStanding, _ apps: [AuthenticatorApp]) async throws {
        let moment = services.now()
        let matches = apps.map { app in
            (app, app.secret.withSecret { TimeBasedCode.matches(code, $0, at: moment) })
        }.filter { !$0.1.isEmpty }
        guard !matches.isEmpty else { throw FactorFault.wrong }
        for (app, steps) in matches {
            for step in steps where step > app.lastStep {
                if try await standing.store.factors.use(app: app.id, of: standing.user.id, step: step, at: moment) {
                    return
                }
            }
        }
        throw FactorFault.used
    }

    private func take(
        _ code: String, of standing: MemberStanding, _ visit: LoginVisit, _ session: SessionHandle?
    ) async throws -> Int {
        let (moment, user) = (services.now(), standing.user)
        var letter: (@Sendable (Int) -> Letter?)?
        if let mail = services.post.mail() {
            let language = try await standing.store.outbox.language(of: user.id) ?? mail.language
            letter = { left in
                MailNotice.recoveryCodeUsed(
                    left: left, at: moment, device: PasswordLogin.cut(visit.userAgent),
                    address: visit.client.description
                ).letter(to: user.email, language: language, now: moment)
            }
        }
        let left = try await standing.store.factors.useRecoveryCode(
            code, of: user.id, audit: FactorRecord.recoveryCodeUsed(user.id, session: session, visit), at: moment,
            letter: letter)
        guard let left else { throw FactorFault.wrong }
        return left
    }

    /// Verifies an assertion against the passkey that it names (WebAuthn L3 §7.2 from step 7 on), and stores the
    /// counter.
    /// - Parameter isAlone: nothing was proved before, so the authenticator must have verified its user.
    /// - Throws: `FactorFault`; `StoreConflict`, `StoreFault`.
    func check(
        _ assertion: PasskeyAssertion, _ challenge: [UInt8], _ passkey: StoredPasskey, in tenant: TenantID,
        _ store: TenantStore, isAlone: Bool
    ) async throws {
        guard let realm = login.rules.realm(tenant) else { throw FactorFault.notThisPasskey }
        let credential = RegisteredCredential(
            credentialID: passkey.credentialID, publicKey: passkey.publicKey, signCount: passkey.signCount,
            isBackupEligible: passkey.isBackupEligible)
        let verified: VerifiedAssertion
        do throws(WebAuthnRefusal) {
            verified = try Assertion.verify(
                assertion.response, challenge: challenge, credential: credential,
                for: realm.party(rpID: passkey.rpID, requiresUserVerification: isAlone))
        } catch {
            throw FactorFault(error)
        }
        guard verified.isUserVerified || !isAlone else { throw FactorFault.userVerification }
        let isFirstUse = try await store.factors.use(
            passkey: passkey.id, of: passkey.user, from: passkey.signCount, to: verified.signCount,
            isBackedUp: verified.isBackedUp, at: services.now())
        guard isFirstUse else { throw FactorFault.used }
    }
}
