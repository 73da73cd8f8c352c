public import Core

/// That a member is the one whom a connection's provider calls by a name.
///
/// It is the only thing by which a provider's word finds an account: equal addresses never do (security rule 23).
public struct AccountLink: Sendable, Hashable {
    public let connection: ConnectionName
    public let user: UserID
    /// The provider's name of the member: a NameID, or the attribute that the connection names; sealed at rest.
    public let subject: String
    /// The NameID's format, or the attribute's name; sealed at rest.
    public let format: String
    public let createdAt: WallTime
    /// When the member last signed in by it.
    public let usedAt: WallTime

    public init(
        connection: ConnectionName, user: UserID, subject: String, format: String, createdAt: WallTime,
        usedAt: WallTime
    ) {
        self.connection = connection
        self.user = user
        self.subject = subject
        self.format = format
        self.createdAt = createdAt
        self.usedAt = usedAt
    }
}
