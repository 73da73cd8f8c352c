import Core
import Store

/// What comes after a first factor, in the one order that there is: a second one, its enrolment, another password, the
/// session.  Whoever has stolen a password gets to none of the later ones.
extension PasswordLogin {
    /// A device is trusted to set up a first factor when it has been known for so long.
    static let trustedAge = Milliseconds.hours(24)

    /// What a login still owes before its session.
    enum Pending: Sendable {
        case nothing
        /// The member has a factor, which is asked for.
        case secondFactor(MemberFactors)
        /// The member has none, and the tenant demands one.
        /// - Parameter laterUntil: until then it may be put off; nil where not.
        case enrolment(MemberFactors, laterUntil: WallTime?)
    }

    /// Goes on with a member who has proved what `member` says.
    /// - Parameter isPutOff: the member wants to set a factor up later; it counts where that may be.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func proceed(
        _ member: ProvedMember, _ standing: MemberStanding, _ visit: LoginVisit, isPutOff: Bool = false
    ) async throws -> PasswordLoginOutcome {
        switch try await pending(member, standing) {
        case .secondFactor(let factors):
            return .secondFactor(step(member, standing, factors))
        case .enrolment(let factors, let laterUntil):
            if isPutOff, laterUntil != nil { break }
            return .enrol(try await step(member, standing, factors, laterUntil: laterUntil, visit))
        case .nothing: break
        }
        guard !mustChangePassword(member, standing) else { return .mustChange(member) }
        return try await start(member, standing, visit)
    }

    /// What a login still owes.  A passkey that stood alone has verified its user, and is both factors.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func pending(_ member: ProvedMember, _ standing: MemberStanding) async throws -> Pending {
        let (tenant, user) = (standing.tenant, standing.user)
        guard tenant.secondFactor != .none, member.second == nil, member.first != .passkey else { return .nothing }
        let factors = try await standing.store.factors.all(of: user.id)
        if factors.hasSecondFactor { return .secondFactor(factors) }
        guard rules.requires(of: user, in: tenant) else { return .nothing }
        return .enrolment(factors, laterUntil: try await grace(factors, standing))
    }

    /// Whether a member who goes on from here owes no second factor, or may put it off.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func hasPassedFactors(_ member: ProvedMember, _ standing: MemberStanding) async throws -> Bool {
        switch try await pending(member, standing) {
        case .nothing: true
        case .secondFactor: false
        case .enrolment(_, let laterUntil): laterUntil != nil
        }
    }

    /// Until when a member may go on without a second factor; nil where that time is over or there is none.  It begins
    /// now where it never began.
    private func grace(_ factors: MemberFactors, _ standing: MemberStanding) async throws -> WallTime? {
        let (length, moment) = (standing.tenant.secondFactorGrace, now())
        guard length.count > 0 else { return nil }
        var began = factors.graceBeganAt
        if began == nil { began = try await standing.store.factors.beginGrace(of: standing.user.id, at: moment) }
        return began.map { $0.advanced(by: length) }.flatMap { moment < $0 ? $0 : nil }
    }

    /// Whoever signs in without a password need not choose another where they may have none, and never at a provider.
    private func mustChangePassword(_ member: ProvedMember, _ standing: MemberStanding) -> Bool {
        guard standing.user.mustChangePassword, member.first != .sso, let email = NormalizedEmail(standing.user.email)
        else { return false }
        return member.first == .password || settings().plans.allows(.password, for: email, in: standing.tenant)
    }

    // MARK: Steps

    /// The page that asks for a second factor.
    func step(_ member: ProvedMember, _ standing: MemberStanding, _ factors: MemberFactors) -> SecondFactorStep {
        let request = StepUpRequest(factors, realm: rules.realm(standing.tenant.id))
        return SecondFactorStep(member: member, factors: request.factors, passkey: request.passkey)
    }

    /// The page that sets a factor up.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func step(
        _ member: ProvedMember, _ standing: MemberStanding, _ factors: MemberFactors, laterUntil: WallTime?,
        _ visit: LoginVisit
    ) async throws -> EnrolmentStep {
        var member = member
        if !member.isSure { member.isSure = try await isTrusted(visit, standing, factors) }
        return EnrolmentStep(
            member: member, code: codeState(isSure: member.isSure, factors), laterUntil: laterUntil,
            email: standing.user.email, issuer: standing.tenant.name, passkey: try await creation(standing, factors))
    }

    /// Whether a first factor may be set up in this browser without a code: the account has known it for a day, or since
    /// no later than its invitation was accepted.  What a thief of the password has begun is younger (security rule 16).
    /// - Throws: `StoreFault`.
    func isTrusted(
        _ visit: LoginVisit, _ standing: MemberStanding, _ factors: MemberFactors
    ) async throws -> Bool {
        let moment = now()
        guard let device = visit.device,
            let since = try await standing.store.devices.knownSince(device, to: standing.user.id, at: moment)
        else { return false }
        if let invitedAt = factors.invitedAt, since <= invitedAt { return true }
        return since.advanced(by: Self.trustedAge) <= moment
    }

    /// Whether a code is needed, and how the member comes by it.
    func codeState(isSure: Bool, _ factors: MemberFactors) -> EnrolmentStep.CodeState {
        guard !isSure else { return .unneeded }
        guard settings().mail != nil, !isAddressYoung(factors) else { return .asked }
        return (factors.enrolmentCodeExpiresAt.map { now() < $0 } ?? false) ? .mailed : .mailable
    }

    /// Whether the member chose the present address so short a time ago that no code is mailed there: a thief of the
    /// password could have chosen it.
    func isAddressYoung(_ factors: MemberFactors) -> Bool {
        factors.addressChangedAt.map { now() < $0.advanced(by: Self.trustedAge) } ?? false
    }

    /// What a passkey of the member is made from; nil where the tenant has none, or the member may have none.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func creation(_ standing: MemberStanding, _ factors: MemberFactors) async throws -> PasskeyCreation? {
        guard let realm = rules.realm(standing.tenant.id), mayMakePasskey(standing) else { return nil }
        let handle = try await standing.store.factors.userHandle(of: standing.user.id, at: now())
        return PasskeyCreation(
            realm: realm, userHandle: handle, userName: standing.user.email, displayName: standing.user.name,
            excluded: factors.passkeys.map { .init(id: $0.credentialID, transports: $0.transports) })
    }
    /// Whether the member may have another passkey: whose account is a connection's alone makes no credentials here
    /// (security rule 19).
    func mayMakePasskey(_ standing: MemberStanding) -> Bool {
        guard let email = NormalizedEmail(standing.user.email) else { return false }
        return !settings().plans.enforcesSSO(for: email, in: standing.tenant)
    }
}
