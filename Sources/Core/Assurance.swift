/// Which factors a session has proved, and when each was proved last.
public struct Assurance: Hashable, Sendable {
    private var password: MonotonicInstant?
    private var totp: MonotonicInstant?
    private var passkey: MonotonicInstant?
    private var recoveryCode: MonotonicInstant?
    private var sso: MonotonicInstant?
    private var mfa: MonotonicInstant?

    /// Nothing proved.
    public init() {}

    /// Each of `factors` proved at `instant`.
    public init(_ factors: [Factor], at instant: MonotonicInstant) {
        for factor in factors { self[factor] = instant }
    }

    /// When the factor was proved last; nil where it never was.
    public subscript(factor: Factor) -> MonotonicInstant? {
        get {
            switch factor {
            case .password: password
            case .totp: totp
            case .passkey: passkey
            case .recoveryCode: recoveryCode
            case .sso: sso
            case .mfa: mfa
            }
        }
        set {
            switch factor {
            case .password: password = newValue
            case .totp: totp = newValue
            case .passkey: passkey = newValue
            case .recoveryCode: recoveryCode = newValue
            case .sso: sso = newValue
            case .mfa: mfa = newValue
            }
        }
    }

    /// The proved factors, in the order of `Factor`.
    public var factors: [Factor] { Factor.allCases.filter { self[$0] != nil } }

    /// When a second factor was proved last: a one-time password, a passkey (which verifies its user where
    /// it stands alone), a recovery code, or one that the identity provider vouches for.  A password is a first
    /// factor; so is SSO alone, whose provider's word becomes a second factor only where the login flow records one.
    public var secondFactorProvedAt: MonotonicInstant? {
        [totp, passkey, recoveryCode, mfa].compactMap(\.self).max()
    }
}
