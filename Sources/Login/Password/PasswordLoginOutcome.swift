public import Core
public import Store

/// What became of a login, by password or by whatever came after it.
public enum PasswordLoginOutcome: Sendable, Hashable {
    case signedIn(SignedIn)
    /// On a shared host the password fits in several tenants: the member chooses, then `begin` is called.
    case choose([TenantChoice])
    /// All factors are right and the password must be changed before a session begins: `PasswordChange.changeAndBegin` is called.
    case mustChange(ProvedMember)
    /// The password is right and a second factor is asked for: `SecondFactors.prove` is called.
    case secondFactor(SecondFactorStep)
    /// The password is right and a second factor has to be set up: `SecondFactors.enrol` is called.
    case enrol(EnrolmentStep)
    /// Unknown, wrong, disabled, invited, without a password, tenant closed: one answer.
    case refused
    /// Too many failures; a try is given back after so long.
    case throttled(retryAfter: Milliseconds)
    /// More wait for their hash than may.
    case busy(retryAfter: Milliseconds)
    /// The store cannot be used.
    case unavailable
}

/// A session that has begun, with what only the browser may learn.
public struct SignedIn: Sendable, Hashable {
    /// The session cookie's value.
    public let token: String
    /// The session's public name.
    public let handle: SessionHandle
    public let tenant: TenantID
    public let user: UserID
    /// The device cookie's value: the one that came where it was this user's, else a new one.
    public let deviceToken: String
    /// When the device is forgotten, where its token is a new one; the cookie need not live longer.
    public let deviceExpiresAt: WallTime
    /// When the session ends, whatever is asked.
    public let expiresAt: WallTime
    /// Whether the browser is to keep the cookie when it is closed, until `expiresAt`.
    public let isRemembered: Bool
    /// Older sessions of the user that gave way to a limit; the caller notifies the loops.
    public let displaced: [SessionHandle]
    /// How many recovery codes are left, where one was used; nil where none was.
    public var recoveryCodesLeft: Int?

    public init(
        token: String, handle: SessionHandle, tenant: TenantID, user: UserID, deviceToken: String,
        deviceExpiresAt: WallTime, expiresAt: WallTime, isRemembered: Bool = false, displaced: [SessionHandle] = []
    ) {
        self.token = token
        self.handle = handle
        self.tenant = tenant
        self.user = user
        self.deviceToken = deviceToken
        self.deviceExpiresAt = deviceExpiresAt
        self.expiresAt = expiresAt
        self.isRemembered = isRemembered
        self.displaced = displaced
    }
}

/// One of several tenants that a password fits in.
public struct TenantChoice: Sendable, Hashable {
    public let member: ProvedMember
    /// The tenant's display name.
    public let name: String

    public init(member: ProvedMember, name: String) {
        self.member = member
        self.name = name
    }
}

/// A member whose first factor has been proved, though no session has begun.
///
/// It travels in the sealed attempt only.  What has happened since counts: a new password, a state or a tenant's end
/// makes it worthless.
public struct ProvedMember: Sendable, Hashable {
    /// What is not done by then, after the last proof, needs the first factor anew.
    public static let lifetime = Milliseconds.minutes(10)
    /// Setting up a factor takes longer: a mail has to arrive, an app to be installed.
    public static let enrolmentLifetime = Milliseconds.minutes(30)

    public let tenant: TenantID
    public let user: UserID
    /// The user's epoch at the proof.
    public let epoch: Int64
    /// When the first factor was proved.
    public let at: WallTime
    /// What was proved first.
    public var first: Factor
    /// What was proved after it; nil where nothing was.
    public var second: ProvedFactor?
    /// Whether the member may set up a first factor: the browser is trusted, or an enrolment code was right.
    public var isSure: Bool
    /// What the provider said, where `first` is `.sso`; nil for every other.
    public var sso: SSOProof?

    public init(
        tenant: TenantID, user: UserID, epoch: Int64, at: WallTime, first: Factor = .password,
        second: ProvedFactor? = nil, isSure: Bool = false, sso: SSOProof? = nil
    ) {
        self.tenant = tenant
        self.user = user
        self.epoch = epoch
        self.at = at
        self.first = first
        self.second = second
        self.isSure = isSure
        self.sso = sso
    }

    /// What a session that begins now has proved.  A provider's word is as old as what it vouches for.
    var factors: [ProvedFactor] {
        [ProvedFactor(first, at: sso.map { min($0.provedAt, at) } ?? at)] + (second.map { [$0] } ?? [])
    }

    /// Which way to sign in it was; nil for what is none.
    var method: SignInMethod? {
        switch first {
        case .password: .password
        case .passkey: .passkey
        case .sso: .saml
        case .totp, .recoveryCode, .mfa: nil
        }
    }

    /// Whether the last proof is young enough to go on.
    func isYoung(at now: WallTime, for lifetime: Milliseconds = lifetime) -> Bool {
        now.isWithin(lifetime, after: max(at, second?.at ?? at), skew: LoginAttemptSeal.skew)
    }
}
