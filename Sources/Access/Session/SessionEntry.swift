public import Core

/// A signed-in browser, as a loop's table holds it.  What cannot change during a session's life is fixed
/// here, with the identity header lines rendered once; a change (roles, factors) makes a new entry.
public struct SessionEntry: Sendable {
    /// The public name.
    public let handle: SessionHandle
    public let tenant: TenantID
    public let user: UserID
    /// What the tenant's own directory calls the user; nil where nothing does.
    public let externalID: String?
    public let email: String
    public let name: String
    /// Every role, default roles included.
    public let roles: [RoleName]
    public let assurance: Assurance
    /// Ends when so long nothing was asked.
    public let idleLimit: Milliseconds
    /// The deadline by idleness at the time of loading; the table moves it on with each use.
    public let idleDeadline: MonotonicInstant
    /// Ends then, whatever is asked.
    public let absoluteDeadline: MonotonicInstant
    /// The revocation epoch that the entry was loaded under.
    public let epoch: UInt64
    /// The one host that its token opens; nil where it opens every host of the tenant.
    public var host: String?
    /// Until when its member, who has no second factor yet, gets by without one where the tenant's rule asks for it; nil
    /// where they do not.  A route's own `mfa` is not eased by it.
    public var secondFactorDueAt: MonotonicInstant?

    /// - Parameters:
    ///   - lastUse: when the session was used last; the idle limit counts from here.
    ///   - absoluteDeadline: when it ends at the latest.
    public init(
        handle: SessionHandle, tenant: TenantID, user: UserID, externalID: String? = nil, email: String, name: String,
        roles: [RoleName], assurance: Assurance, lastUse: MonotonicInstant, idleLimit: Milliseconds = .minutes(30),
        absoluteDeadline: MonotonicInstant, epoch: UInt64 = 0
    ) {
        self.handle = handle
        self.tenant = tenant
        self.user = user
        self.externalID = externalID
        self.email = email
        self.name = name
        self.roles = roles
        self.assurance = assurance
        self.idleLimit = idleLimit
        self.idleDeadline = lastUse.advanced(by: idleLimit)
        self.absoluteDeadline = absoluteDeadline
        self.epoch = epoch
    }

    /// The same session of a member who is called otherwise or has other roles now.
    func with(_ identity: MemberIdentity) -> SessionEntry {
        let idleStart = idleDeadline.milliseconds &- idleLimit.count
        var entry = SessionEntry(
            handle: handle, tenant: tenant, user: user, externalID: identity.externalID, email: identity.email,
            name: identity.name, roles: identity.roles, assurance: assurance,
            lastUse: MonotonicInstant(milliseconds: idleStart), idleLimit: idleLimit,
            absoluteDeadline: absoluteDeadline, epoch: epoch)
        entry.host = host
        entry.secondFactorDueAt = identity.secondFactorDueAt
        return entry
    }

    /// The same session under a token for one host.
    func on(_ host: String?) -> SessionEntry {
        var entry = self
        entry.host = host
        return entry
    }
}

/// A user within a tenant: user ids of two tenants have nothing to do with each other.
struct TenantUser: Hashable {
    var tenant: TenantID
    var user: UserID
}
