public import Core

/// An authenticator app of a member, opened.
public struct AuthenticatorApp: Sendable {
    public let id: RowID
    /// What the member calls it.
    public let name: String
    public let createdAt: WallTime
    /// When a code of it was last accepted at a sign-in; nil where none was.
    public let usedAt: WallTime?
    public let secret: FactorSecret
    /// The time step of the code that was accepted last; only later ones are good (RFC 6238 §5.2).
    public let lastStep: Int64
}

/// An authenticator app to be written.
public struct NewAuthenticatorApp: Sendable {
    /// What the member calls it, as the rule for names lets it pass.
    public var name: String
    public var secret: FactorSecret
    /// The time step of the code that proved the app; it is used up.
    public var firstStep: Int64

    public init(name: String, secret: FactorSecret, firstStep: Int64) {
        self.name = name
        self.secret = secret
        self.firstStep = firstStep
    }
}
