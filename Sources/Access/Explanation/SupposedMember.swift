public import Core

/// A member that somebody supposes, to ask what they could reach: `--tenant T --role R… --factor F…`.
public struct SupposedMember: Sendable, Hashable {
    public var tenant: TenantID
    /// Roles besides those that every member has.
    public var roles: [RoleName]
    /// Factors proved just now; the password where none is named.
    public var factors: [Factor]

    public init(tenant: TenantID, roles: [RoleName] = [], factors: [Factor] = []) {
        self.tenant = tenant
        self.roles = roles
        self.factors = factors
    }

    /// The session that this member would have just after signing in; default roles are added.
    public func entry(in settings: AccessSettings, now: MonotonicInstant) -> SessionEntry? {
        guard let handle = SessionHandle("supposed") else { return nil }
        let defaults = settings.roles.filter(\.isDefault).map(\.name)
        return SessionEntry(
            handle: handle, tenant: tenant, user: UserID(high: 0, low: 0), email: "member@\(tenant).invalid",
            name: "Supposed member", roles: defaults.filter { !roles.contains($0) } + roles,
            assurance: Assurance(factors.isEmpty ? [.password] : factors, at: now), lastUse: now,
            absoluteDeadline: now.advanced(by: .hours(12)))
    }
}
