import Core
import Store

/// Whom a proof concerns, as the store has them now.
struct MemberStanding: Sendable {
    let tenant: Tenant
    let store: TenantStore
    let user: User

    init(tenant: Tenant, store: TenantStore, user: User) {
        self.tenant = tenant
        self.store = store
        self.user = user
    }

    init(_ candidate: LoginCandidate) {
        self.init(tenant: candidate.tenant, store: candidate.store, user: candidate.user)
    }
}

extension PasswordLogin {
    /// Whom a proof concerns; nil where it is worth nothing any more: too old, or the password, the member's or the
    /// tenant's state, the tenant's rule or its plan has changed since.
    /// - Throws: `StoreFault`.
    func standing(
        of member: ProvedMember, for lifetime: Milliseconds = ProvedMember.lifetime
    ) async throws -> MemberStanding? {
        guard member.isYoung(at: now(), for: lifetime),
            let (tenant, tenantStore) = try await store.openTenant(member.tenant), tenant.state == .active,
            let user = try await tenantStore.users.find(member.user), user.state == .active,
            user.epoch == member.epoch, let email = NormalizedEmail(user.email),
            let method = member.method, settings().plans.allows(method, for: email, in: tenant),
            isStanding(member)
        else { return nil }
        return MemberStanding(tenant: tenant, store: tenantStore, user: user)
    }

    /// Whether a provider's word is worth something still, where it is the first factor: its connection is in use, and
    /// its session has not ended.
    func isStanding(_ member: ProvedMember) -> Bool {
        guard member.first == .sso else { return true }
        guard let proof = member.sso, mayUse(proof.connection, member.tenant) else { return false }
        return proof.endsAt.map { now() < $0 } ?? true
    }
}
