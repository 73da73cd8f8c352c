public import Core

/// What a member has besides a password, and what was noted on the way there.
public struct MemberFactors: Sendable {
    /// The oldest first.
    public let apps: [AuthenticatorApp]
    /// The oldest first.
    public let passkeys: [StoredPasskey]
    public let recoveryCodesLeft: Int
    /// When the time began in which the member may go on without a second factor; nil where it never began.  It lies at
    /// 1970 for whoever has ever had a factor: for them that time is over.
    public let graceBeganAt: WallTime?
    /// When the member accepted the invitation; nil where there was none.
    public let invitedAt: WallTime?
    /// When the member said that they want no passkey now.
    public let promptDismissedAt: WallTime?
    /// When the enrolment code that was handed out last ends; nil where there is none or it was used.
    public let enrolmentCodeExpiresAt: WallTime?
    /// When the member gave themselves the present address; nil where the address is the one that was given to them.
    public let addressChangedAt: WallTime?

    /// Whether there is an authenticator app or a passkey.
    public var hasSecondFactor: Bool { !apps.isEmpty || !passkeys.isEmpty }
}
