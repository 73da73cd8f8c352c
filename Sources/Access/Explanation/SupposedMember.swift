public import Core

/// A member that somebody supposes, to ask what they could reach: `--tenant T --role R… --factor F… --in-grace`.
public struct SupposedMember: Sendable, Hashable {
    public var tenant: TenantID
    /// Roles besides those that every member has.
    public var roles: [RoleName]
    /// Factors proved just now; the password where none is named.
    public var factors: [Factor]
    /// The member has no second factor yet, and the tenant's `mfa.grace` has begun; without a grace it changes nothing.
    public var isInGrace: Bool

    public init(tenant: TenantID, roles: [RoleName] = [], factors: [Factor] = [], isInGrace: Bool = false) {
        self.tenant = tenant
        self.roles = roles
        self.factors = factors
        self.isInGrace = isInGrace
    }

    /// The session that this member would have just after signing in; default roles are added.
    public func entry(in settings: AccessSettings, now: MonotonicInstant) -> SessionEntry? {
        guard let handle = SessionHandle("supposed") else { return nil }
        let defaults = settings.roles.filter(\.isDefault).map(\.name)
        var entry = SessionEntry(
            handle: handle, tenant: tenant, user: UserID(high: 0, low: 0), email: "member@\(tenant).invalid",
            name: "Supposed member", roles: defaults.filter { !roles.contains($0) } + roles,
            assurance: Assurance(factors.isEmpty ? [.password] : factors, at: now), lastUse: now,
            absoluteDeadline: now.advanced(by: .hours(12)))
        let grace = settings.tenants.first { $0.id == tenant }?.secondFactorGrace ?? Milliseconds(0)
        if isInGrace, grace.count > 0 { entry.secondFactorDueAt = now.advanced(by: grace) }
        return entry
    }
}
