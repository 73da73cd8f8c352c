public import Core

/// When a session was used last, for the store, which learns of it behind the traffic.
public struct SessionUse: Sendable, Hashable {
    public let handle: SessionHandle
    public let tenant: TenantID
    public let at: MonotonicInstant
}

/// What the store says about a token.
public enum SessionLookup: Sendable {
    case found(SessionEntry)
    /// There is no such session, it has ended, or its user may not come in.
    case missing
    /// The store cannot be asked.
    case unavailable
}

/// What may change about a member while sessions go on.
public struct MemberIdentity: Sendable, Hashable {
    public var externalID: String?
    public var email: String
    public var name: String
    /// Every role, default roles included.
    public var roles: [RoleName]
    /// As `SessionEntry.secondFactorDueAt`, for these roles.
    public var secondFactorDueAt: MonotonicInstant?

    public init(
        externalID: String?, email: String, name: String, roles: [RoleName],
        secondFactorDueAt: MonotonicInstant? = nil
    ) {
        self.externalID = externalID
        self.email = email
        self.name = name
        self.roles = roles
        self.secondFactorDueAt = secondFactorDueAt
    }
}
