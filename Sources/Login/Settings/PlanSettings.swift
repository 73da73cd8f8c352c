public import Core
public import Store

/// `plans`: what each plan that a tenant may pay for includes.
public struct PlanSettings: Sendable, Hashable {
    public var name: String
    /// `sign_in`: ways to sign in.
    public var methods: [SignInMethod]
    /// `features`.
    public var features: [PlanFeature]

    public init(
        name: String, methods: [SignInMethod] = SignInMethod.allCases, features: [PlanFeature] = PlanFeature.allCases
    ) {
        self.name = name
        self.methods = methods
        self.features = features
    }
}

/// The plans of an installation, asked by a tenant's word.
public struct PlanBook: Sendable, Hashable {
    /// By name; empty where the installation has no plans and every tenant everything.
    public var plans: [String: PlanSettings]
    /// The domains of a tenant's connections that are in use, as `NormalizedEmail.domain` spells them; none unless set.
    /// Two books with the same plans are equal, whoever is asked for this.
    public var connectionDomains: @Sendable (TenantID) -> Set<String> = { _ in [] }

    public init(_ plans: [PlanSettings] = []) {
        self.plans = Dictionary(plans.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the plan of that name includes.  A tenant without a plan, or with one that is not configured any more, has
    /// everything: nobody is locked out by a name.
    public func plan(_ name: String) -> PlanSettings { plans[name] ?? PlanSettings(name: name) }

    /// True for a name that tenants may be given.
    public func knows(_ name: String) -> Bool { plans.isEmpty || name.isEmpty || plans[name] != nil }

    /// Whether the account with this address may sign in so, by its tenant's rule and plan.  It is asked before a
    /// password counts, and before a link lets somebody set one.
    public func allows(_ method: SignInMethod, for email: NormalizedEmail, in tenant: Tenant) -> Bool {
        guard method == .saml || !enforcesSSO(for: email, in: tenant) else { return false }
        return tenant.signIn.allows(method, for: email, included: plan(tenant.plan).methods)
    }

    /// Whether nothing but a connection makes a session or a credential of the account with this address: its domain is
    /// one of a connection's, the tenant enforces that, and the address is none that its rule excepts (security rule 19).
    public func enforcesSSO(for email: NormalizedEmail, in tenant: Tenant) -> Bool {
        tenant.signIn.ssoDomains == .enforced && !tenant.signIn.breakGlass.contains(email.text)
            && connectionDomains(tenant.id).contains(email.domain)
    }

    /// The tenant without what its plan does not include.
    ///
    /// Networks that were set before stay in force: a change of plans takes rights away, and never a restriction.
    public func limited(_ tenant: Tenant) -> Tenant {
        var tenant = tenant
        if !plan(tenant.plan).features.contains(.ownRoles) { tenant.ownRoles = [] }
        return tenant
    }
}

extension PlanBook {
    public static func == (one: Self, other: Self) -> Bool { one.plans == other.plans }

    public func hash(into hasher: inout Hasher) { hasher.combine(plans) }
}
