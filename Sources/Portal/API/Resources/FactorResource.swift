import Core
import Login
import Store

/// What a user has besides the password, as the API shows it: kinds and numbers, never a name or a secret.
public struct FactorCounts: Codable, Hashable, Sendable {
    /// Authenticator apps.
    public let totp: Int
    public let passkey: Int
    /// Recovery codes that are left.
    public let recoveryCode: Int

    enum CodingKeys: String, CodingKey {
        case totp, passkey
        case recoveryCode = "recovery-code"
    }

    init(_ factors: MemberFactors) {
        (totp, passkey) = (factors.apps.count, factors.passkeys.count)
        recoveryCode = factors.recoveryCodesLeft
    }
}

/// A user whose second factors were reset, as the API shows it once.
public struct FactorResetResource: Codable, Hashable, Sendable {
    /// A UUID.
    public let user: String
    /// How many apps and passkeys there were.
    public let removed: Int
    /// Lets the user set up a factor on any browser, where it was asked for: two groups of four digits.
    public let enrolmentCode: String?
    /// When the code ends; nil without one.
    public let expiresAt: String?
    /// Whether the user is told by mail.
    public let isMailed: Bool
    /// Whether a password lets the user in now; else only another rule of the tenant's does.
    public let signsInByPassword: Bool

    enum CodingKeys: String, CodingKey {
        case user, removed
        case enrolmentCode = "enrolment_code"
        case expiresAt = "expires_at"
        case isMailed = "mailed"
        case signsInByPassword = "signs_in_by_password"
    }

    init(_ reset: FactorReset, of user: User, signsInByPassword: Bool) {
        self.user = user.id.description
        removed = reset.factors
        enrolmentCode = reset.code
        expiresAt = reset.expiresAt?.text
        isMailed = reset.isMailed
        self.signsInByPassword = signsInByPassword
    }
}
