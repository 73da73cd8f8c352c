public import Core
public import Store

/// What decides whom a login asks for a second factor, and for whom passkeys are made.
public struct FactorRules: Sendable {
    /// For whom a tenant's passkeys are made; nil where it has none.
    public let realm: @Sendable (TenantID) -> PasskeyRealm?
    /// The roles that a user has, default ones of the catalogue included.
    public let roles: @Sendable (Tenant, User) -> [RoleName]

    public init(
        realm: @escaping @Sendable (TenantID) -> PasskeyRealm? = { _ in nil },
        roles: @escaping @Sendable (Tenant, User) -> [RoleName] = { _, user in user.roles }
    ) {
        self.realm = realm
        self.roles = roles
    }

    /// Whether the tenant demands a second factor of this member.
    func requires(of user: User, in tenant: Tenant) -> Bool {
        switch tenant.secondFactor {
        case .none, .optional: false
        case .required: true
        case .requiredForRoles(let named): !Set(named).isDisjoint(with: roles(tenant, user))
        }
    }
}
