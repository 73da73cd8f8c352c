public import Core
public import Store

/// One factor as its member sees it.
public struct MemberFactor: Sendable, Hashable {
    public let id: RowID
    /// `.totp` or `.passkey`.
    public let kind: Factor
    public let name: String
    public let createdAt: WallTime
    /// When it last proved its member; nil where it never did.
    public let usedAt: WallTime?
    /// Whether the passkey is kept on more than one device; nil for an app.
    public let isBackedUp: Bool?

    public init(
        id: RowID, kind: Factor, name: String, createdAt: WallTime, usedAt: WallTime?, isBackedUp: Bool? = nil
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.isBackedUp = isBackedUp
    }
}

/// The second factors of a member, as they see them.
public struct MemberFactorList: Sendable, Hashable {
    /// The oldest first.
    public let apps: [MemberFactor]
    /// The oldest first.
    public let passkeys: [MemberFactor]
    public let recoveryCodesLeft: Int
    /// Whether the tenant asks this member for a second factor.
    public let isRequired: Bool
    /// Until then the member may go on without one; nil where not, or where none is asked for.
    public let dueAt: WallTime?
    /// Whether passkeys can be made here.
    public let offersPasskeys: Bool
    /// Whether the session's proof is recent enough for changes.
    public let hasRecentProof: Bool
    /// Whether changes need a second factor in this session first (`SecondFactors.stepUp`), which was never proved in it.
    public let needsSecondFactor: Bool
    /// Whether the member could give one anew: by password or passkey.
    public let canProveAgain: Bool

    public init(
        apps: [MemberFactor], passkeys: [MemberFactor], recoveryCodesLeft: Int, isRequired: Bool, dueAt: WallTime?,
        offersPasskeys: Bool, hasRecentProof: Bool, needsSecondFactor: Bool = false,
        canProveAgain: Bool
    ) {
        self.apps = apps
        self.passkeys = passkeys
        self.recoveryCodesLeft = recoveryCodesLeft
        self.isRequired = isRequired
        self.dueAt = dueAt
        self.offersPasskeys = offersPasskeys
        self.hasRecentProof = hasRecentProof
        self.needsSecondFactor = needsSecondFactor
        self.canProveAgain = canProveAgain
    }

    /// Whether there is an app or a passkey.
    public var hasSecondFactor: Bool { !apps.isEmpty || !passkeys.isEmpty }
    /// Whether the last of them may be removed.
    public var mayRemoveLast: Bool { !isRequired }
}
