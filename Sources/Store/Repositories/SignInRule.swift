public import Core

/// How a tenant lets its members sign in.
public struct SignInRule: Hashable, Sendable {
    /// Nil allows everything that the plan includes.
    public var methods: [SignInMethod]?
    /// Accounts that may sign in by password whatever else is said, for the day on which nothing else works; addresses
    /// as `NormalizedEmail` spells them, sealed at rest.
    public var breakGlass: [String]

    /// Addresses, at most.
    public static let longestBreakGlass = 20

    public init(methods: [SignInMethod]? = nil, breakGlass: [String] = []) {
        self.methods = methods
        self.breakGlass = breakGlass
    }

    /// Whether the account with this address may sign in so.
    /// - Parameter included: what the tenant's plan includes.
    public func allows(_ method: SignInMethod, for email: NormalizedEmail, included: [SignInMethod]) -> Bool {
        if method == .password, breakGlass.contains(email.text) { return true }
        return included.contains(method) && methods?.contains(method) ?? true
    }
}
