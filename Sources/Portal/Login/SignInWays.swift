import Core
public import Login
public import Store

/// What a tenant's rule and plan say of signing in, as far as the login page shows it: nothing of any account, and not
/// which addresses the rule excepts.
public struct SignInWays: Sendable, Hashable {
    /// There is a way besides the tenant's connections.
    public var allowsOthers: Bool
    /// Some addresses may sign in by password whatever else is said.
    public var hasBreakGlass: Bool
    /// Addresses in a connection's domain sign in by that connection alone.
    public var enforcesDomains: Bool

    /// What is so where nothing is said.
    public init(allowsOthers: Bool = true, hasBreakGlass: Bool = false, enforcesDomains: Bool = false) {
        self.allowsOthers = allowsOthers
        self.hasBreakGlass = hasBreakGlass
        self.enforcesDomains = enforcesDomains
    }

    /// - Parameter plans: what the tenant's plan includes.
    public init(of tenant: Tenant, plans: PlanBook) {
        let included = plans.plan(tenant.plan).methods
        allowsOthers = included.contains { method in
            method != .saml && tenant.signIn.methods?.contains(method) ?? true
        }
        hasBreakGlass = !tenant.signIn.breakGlass.isEmpty
        enforcesDomains = tenant.signIn.ssoDomains == .enforced
    }
}
