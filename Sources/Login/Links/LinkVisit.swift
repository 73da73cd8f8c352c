public import Core

/// Somebody who follows a link that sets a password.
public struct LinkVisit: Sendable, Hashable {
    /// What stood in the link; anything else than a token of ours fits nothing.
    public let token: String
    /// The tenant that the host belongs to; nil on a shared host.
    public let hostTenant: TenantID?
    public let client: ClientAddress
    public let userAgent: String
    /// The page's language, for the mail that follows.
    public let language: String

    public init(token: String, hostTenant: TenantID?, client: ClientAddress, userAgent: String, language: String) {
        self.token = token
        self.hostTenant = hostTenant
        self.client = client
        self.userAgent = userAgent
        self.language = language
    }
}

/// What a link's page shows: only whoever holds the link learns it.
public struct LinkOwner: Sendable, Hashable {
    public let tenant: TenantID
    /// The tenant's display name.
    public let tenantName: String
    public let user: UserID
    public let name: String
    /// As it is stored.
    public let email: String
    public let expiresAt: WallTime

    public init(
        tenant: TenantID, tenantName: String, user: UserID, name: String, email: String, expiresAt: WallTime
    ) {
        self.tenant = tenant
        self.tenantName = tenantName
        self.user = user
        self.name = name
        self.email = email
        self.expiresAt = expiresAt
    }
}

/// What a link is good for now.
public enum LinkOutcome: Sendable, Hashable {
    case usable(LinkOwner)
    /// Used, expired, replaced, of another tenant, or none: one answer.
    case unusable
    /// Too many links from there fitted nothing.
    case throttled(retryAfter: Milliseconds)
    /// The store cannot be used.
    case unavailable
}

/// What became of a password that was chosen by a link.
public enum LinkPasswordOutcome: Sendable {
    /// It is set.  The caller tells those who hold copies of the user's sessions.
    /// - Parameter device: the browser of an accepted invitation, which the account knows from now on; nil after a reset.
    case done(LinkOwner, device: KnownDevice?)
    /// It breaks a rule; the link is as good as before.
    case refused(LinkOwner, PasswordVerdict)
    /// The same form came a moment ago and has set a password: a button that was pressed twice.
    case spent
    case unusable
    case throttled(retryAfter: Milliseconds)
    /// No hash could be computed in time; the link is as good as before.
    case busy(retryAfter: Milliseconds)
    case unavailable
}
