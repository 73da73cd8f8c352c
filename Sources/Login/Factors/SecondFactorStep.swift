public import Core

/// The first factor was right, and a second one is asked for before a session begins.
public struct SecondFactorStep: Sendable, Hashable {
    /// Travels in the sealed attempt, alone.
    public let member: ProvedMember
    /// What the member can prove, the best first: `.passkey`, `.totp`, `.recoveryCode`.
    public let factors: [Factor]
    /// What the browser is asked for where `.passkey` is among them.
    public let passkey: PasskeyRequest?

    public init(member: ProvedMember, factors: [Factor], passkey: PasskeyRequest?) {
        self.member = member
        self.factors = factors
        self.passkey = passkey
    }
}

/// The first factor was right, and the member has to set up a second one before a session begins.
public struct EnrolmentStep: Sendable, Hashable {
    /// Whether an enrolment code is asked for first (security rule 16), and how the member comes by it.
    public enum CodeState: Sendable, Hashable {
        /// This browser is trusted, or a code was right: the factor may be set up.
        case unneeded
        /// One is sent to the member's address where they ask for it (`sendCode`).
        case mailable
        /// One was sent, and is good still.
        case mailed
        /// No mail can be sent, or none to an address that the member chose within the last day: an administrator has
        /// to give one.
        case asked
    }

    /// Travels in the sealed attempt, alone.
    public let member: ProvedMember
    public let code: CodeState
    /// Until then the member may go on without a second factor (`later`); nil where not.
    public let laterUntil: WallTime?
    /// Where codes are sent, and what authenticator apps call the account.
    public let email: String
    /// The tenant's display name, which authenticator apps call the issuer.
    public let issuer: String
    /// What a passkey is made from; nil where there are none at this tenant.
    public let passkey: PasskeyCreation?

    public init(
        member: ProvedMember, code: CodeState, laterUntil: WallTime?, email: String, issuer: String,
        passkey: PasskeyCreation?
    ) {
        self.member = member
        self.code = code
        self.laterUntil = laterUntil
        self.email = email
        self.issuer = issuer
        self.passkey = passkey
    }
}
