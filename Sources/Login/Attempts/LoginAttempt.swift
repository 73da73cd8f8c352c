public import Core

/// One login from its first form to its end, as it travels in a hidden field.
///
/// Nothing of it is kept on this side but the ids of attempts that were used: a flood of visitors evicts nobody, and
/// tabs do not disturb each other (security rule 10).
public struct LoginAttempt: Sendable, Hashable {
    /// Bytes of an id.
    public static let idByteCount = 16
    /// Longer addresses are not carried, in bytes.
    public static let longestEmail = 256
    /// Proved members that are carried.
    public static let longestProved = 3
    /// Bytes of an app's secret.
    public static let longestEnrolment = 64

    /// Random; it can be used once.
    public let id: [UInt8]
    public let beganAt: WallTime
    /// As it was typed in the first step.
    public var email: String?
    /// Where to go afterwards.
    public var returnTo: SafeRedirect?
    /// The tenant that `?tenant=` named.
    public var tenant: TenantID?
    /// Whom the password fitted, where a choice is awaited; the one member who goes on, from then on.
    public var proved: [ProvedMember]
    /// The secret of an authenticator app that is being set up, at most `longestEnrolment` bytes.
    public var enrolment: [UInt8]?
    /// What a provider said of whoever signs in here in another way, to be connected with the account afterwards.
    public var link: PendingLink?

    public init(
        id: [UInt8], beganAt: WallTime, email: String? = nil, returnTo: SafeRedirect? = nil, tenant: TenantID? = nil,
        proved: [ProvedMember] = [], enrolment: [UInt8]? = nil, link: PendingLink? = nil
    ) {
        self.id = id
        self.beganAt = beganAt
        self.email = email
        self.returnTo = returnTo
        self.tenant = tenant
        self.proved = proved
        self.enrolment = enrolment
        self.link = link
    }

    /// The challenge of a passkey's ceremony in this attempt: 32 bytes.
    public var challenge: [UInt8] { CeremonyChallenge.of(id) }
}
