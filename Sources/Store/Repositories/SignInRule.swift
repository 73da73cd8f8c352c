public import Core

/// What becomes of the other ways to sign in where an address lies in a domain of one of the tenant's connections.
public enum SSODomains: String, CaseIterable, Hashable, Sendable {
    /// They stay; SSO is offered first.
    case optional
    /// There are none: such an account signs in by its connection alone (security rule 19).
    case enforced
}

/// How a tenant lets its members sign in.
public struct SignInRule: Hashable, Sendable {
    /// Nil allows everything that the plan includes.
    public var methods: [SignInMethod]?
    /// Accounts that may sign in by password whatever else is said, for the day on which nothing else works; addresses
    /// as `NormalizedEmail` spells them, sealed at rest.
    public var breakGlass: [String]
    /// Whether SSO is the only way for the domains of the tenant's connections.
    public var ssoDomains: SSODomains

    /// Addresses, at most.
    public static let longestBreakGlass = 20

    public init(
        methods: [SignInMethod]? = nil, breakGlass: [String] = [], ssoDomains: SSODomains = .optional
    ) {
        self.methods = methods
        self.breakGlass = breakGlass
        self.ssoDomains = ssoDomains
    }

    /// Whether the account with this address may sign in so.
    /// - Parameter included: what the tenant's plan includes.
    public func allows(_ method: SignInMethod, for email: NormalizedEmail, included: [SignInMethod]) -> Bool {
        if method == .password, breakGlass.contains(email.text) { return true }
        return included.contains(method) && methods?.contains(method) ?? true
    }
}
