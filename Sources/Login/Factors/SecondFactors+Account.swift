import Core
public import Store

/// The pages on which members look after their factors.  Every change needs a proof of the last minutes (security rule
/// 11); who holds copies of sessions is the caller's to tell.
extension SecondFactors {
    /// What the member has.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func list(_ holder: AccountHolder) async throws -> MemberFactorList {
        let (standing, session) = try await open(holder)
        let factors = try await standing.store.factors.all(of: standing.user.id)
        let isRequired = login.rules.requires(of: standing.user, in: standing.tenant)
        let grace = standing.tenant.secondFactorGrace
        let due = factors.graceBeganAt.map { $0.advanced(by: grace) }.flatMap { services.now() < $0 ? $0 : nil }
        return MemberFactorList(
            apps: factors.apps.map {
                MemberFactor(id: $0.id, kind: .totp, name: $0.name, createdAt: $0.createdAt, usedAt: $0.usedAt)
            },
            passkeys: factors.passkeys.map {
                MemberFactor(
                    id: $0.id, kind: .passkey, name: $0.name, createdAt: $0.createdAt, usedAt: $0.usedAt,
                    isBackedUp: $0.isBackedUp)
            },
            recoveryCodesLeft: factors.recoveryCodesLeft, isRequired: isRequired,
            dueAt: isRequired && !factors.hasSecondFactor ? due : nil,
            offersPasskeys: login.rules.realm(holder.tenant) != nil && login.mayMakePasskey(standing),
            hasRecentProof: account.isRecent(session, factors),
            needsSecondFactor: factors.hasSecondFactor && !session.hasProvedSecondFactor,
            canProveAgain: (standing.user.hasPassword && services.admitsPassword(standing.tenant, standing.user))
                || !factors.passkeys.isEmpty || session.provedAt(.sso) != nil)
    }

    /// What a passkey of the member is made from; nil where there are none at this tenant.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func creation(for holder: AccountHolder) async throws -> PasskeyCreation? {
        let (standing, _) = try await open(holder)
        return try await login.creation(standing, try await standing.store.factors.all(of: standing.user.id))
    }

    /// What authenticator apps call the account: the tenant's display name, and the member's address.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func appLabel(for holder: AccountHolder) async throws -> (issuer: String, account: String) {
        let (standing, _) = try await open(holder)
        return (standing.tenant.name, standing.user.email)
    }

    // MARK: Adding

    /// What the member has to show before a factor may be added.
    /// - Parameter isSure: an enrolment code was right (`FactorCeremony.isSure`).
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func demand(
        _ holder: AccountHolder, isSure: Bool = false, _ visit: FactorVisit
    ) async throws -> EnrolmentDemand {
        let (standing, session) = try await open(holder)
        let factors = try await standing.store.factors.all(of: standing.user.id)
        return try await demand(standing, session, factors, isSure: isSure, self.visit(visit))
    }

    private func demand(
        _ standing: MemberStanding, _ session: StoredSession, _ factors: MemberFactors, isSure: Bool,
        _ visit: LoginVisit
    ) async throws -> EnrolmentDemand {
        guard account.isRecent(session, factors) else { return .proof }
        if factors.hasSecondFactor || isSure { return .none }
        if try await login.isTrusted(visit, standing, factors) { return .none }
        return .code(login.codeState(isSure: false, factors))
    }

    /// Sends the member an enrolment code, in the place of the former one.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func sendCode(to holder: AccountHolder, _ visit: FactorVisit) async throws -> CodeSending {
        let (standing, _) = try await open(holder)
        return try await sendCode(to: standing, self.visit(visit))
    }

    /// Looks at an enrolment code.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func acceptCode(
        _ code: String, _ holder: AccountHolder, _ visit: FactorVisit
    ) async throws -> AcceptedCode {
        let begin = login.pacing.begin()
        let (standing, _) = try await open(holder)
        let accepted = try await accept(code, of: standing, self.visit(visit), session: holder.session)
        if accepted != .right { await login.pacing.hold(since: begin) }
        return accepted
    }

    /// Adds a factor: it counts as proved.
    /// - Parameter isSure: an enrolment code was right (`FactorCeremony.isSure`).
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func add(
        _ enrolment: FactorEnrolment, _ holder: AccountHolder, isSure: Bool, _ visit: FactorVisit
    ) async throws -> AddOutcome {
        let visit = self.visit(visit)
        let (standing, session) = try await open(holder)
        let factors = try await standing.store.factors.all(of: standing.user.id)
        switch try await demand(standing, session, factors, isSure: isSure, visit) {
        case .none: break
        case .proof: return .proofTooOld
        case .code(let state): return .codeNeeded(state)
        }
        do {
            let added = try await add(enrolment, to: standing, factors, visit, keeping: session.id)
            let renewed = try await renew(holder, standing, proving: added.proved, visit)
            return .added(recoveryCodes: added.recoveryCodes, renewed: renewed)
        } catch let fault as FactorFault {
            return .fault(fault)
        }
    }

    // MARK: Changing

    /// Gives a factor another name.
    /// - Throws: `FactorAccountFault`; `StoreConflict`, also where the member has no such factor; `StoreFault`.
    public func rename(_ id: RowID, to typed: String, _ holder: AccountHolder) async throws {
        let (standing, factors) = try await openForChange(holder)
        guard let name = FactorName.accepted(typed) else { throw FactorAccountFault.nameRefused }
        let (kind, old) = try factors.named(id)
        guard old != name else { return }
        try await standing.store.factors.rename(
            id, of: standing.user.id, to: name,
            audit: FactorRecord.renamed(standing.user.id, kind, from: old, to: name), at: services.now())
    }

    /// Takes a factor away; every other session of the member ends.
    /// - Throws: `FactorAccountFault`; `StoreConflict`, also where the member has no such factor; `StoreFault`.
    public func remove(_ id: RowID, _ holder: AccountHolder, _ visit: FactorVisit) async throws {
        let (visit, moment) = (self.visit(visit), services.now())
        let (standing, factors) = try await openForChange(holder)
        let (kind, name) = try factors.named(id)
        let letters = try await letters(
            .factorRemoved(
                kind: kind, name: name, at: moment, device: PasswordLogin.cut(visit.userAgent),
                address: visit.client.description),
            to: standing, visit)
        do {
            try await standing.store.factors.remove(
                id, of: standing.user.id, keepingLast: login.rules.requires(of: standing.user, in: standing.tenant),
                keeping: RowID(holder.session.description),
                audit: FactorRecord.removed(standing.user.id, kind, name: name, visit), letters: letters, at: moment)
        } catch FactorConflict.lastRequired {
            throw FactorAccountFault.lastRequired
        }
        count { $0.removed[kind, default: 0] += 1 }
    }

    /// Makes new recovery codes in the place of all that there were.
    /// - Returns: as people read them, to be shown once.
    /// - Throws: `FactorAccountFault`; `StoreConflict`, also where the member has no second factor; `StoreFault`.
    public func newRecoveryCodes(_ holder: AccountHolder, _ visit: FactorVisit) async throws -> [String] {
        let (visit, moment) = (self.visit(visit), services.now())
        let (standing, _) = try await openForChange(holder)
        let codes = RecoveryCode.makeSet()
        let letters = try await letters(
            .recoveryCodesRenewed(
                at: moment, device: PasswordLogin.cut(visit.userAgent), address: visit.client.description),
            to: standing, visit)
        try await standing.store.factors.replaceRecoveryCodes(
            codes, of: standing.user.id, audit: FactorRecord.recoveryCodesRenewed(standing.user.id, visit),
            letters: letters, at: moment)
        return codes.map(RecoveryCode.grouped)
    }

    private func openForChange(_ holder: AccountHolder) async throws -> (MemberStanding, MemberFactors) {
        let (standing, session) = try await open(holder)
        let factors = try await standing.store.factors.all(of: standing.user.id)
        guard account.isRecent(session, factors) else { throw FactorAccountFault.proofTooOld }
        return (standing, factors)
    }

    // MARK: The prompt

    /// Whoever wants no passkey is not offered one again for so long.
    static let promptRest = Milliseconds.hours(90 * 24)

    /// Whether a member who has just signed in is to be offered a passkey.
    public func promptsForPasskey(after signedIn: SignedIn) async -> Bool {
        guard services.settings().promptsForPasskey, let realm = login.rules.realm(signedIn.tenant), realm.signsIn
        else { return false }
        do {
            guard let (_, store) = try await services.store.openTenant(signedIn.tenant) else { return false }
            let factors = try await store.factors.all(of: signedIn.user)
            let asksAgain = factors.promptDismissedAt.map { $0.advanced(by: Self.promptRest) <= services.now() } ?? true
            return factors.passkeys.isEmpty && asksAgain
        } catch {
            // Nobody misses an offer.
            return false
        }
    }

    /// The member wants no passkey now.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func dismissPrompt(_ holder: AccountHolder) async throws {
        let (standing, _) = try await open(holder)
        try await standing.store.factors.dismissPrompt(of: standing.user.id, at: services.now())
    }
}

extension MemberFactors {
    /// What the factor of this id is, and how it is called.
    /// - Throws: `StoreConflict.notFound` where the member has none.
    fileprivate func named(_ id: RowID) throws(StoreConflict) -> (kind: Factor, name: String) {
        if let app = apps.first(where: { $0.id == id }) { return (.totp, app.name) }
        if let passkey = passkeys.first(where: { $0.id == id }) { return (.passkey, passkey.name) }
        throw .notFound
    }
}
