import Core
import Login
import Store

/// A user, as the API shows it.
public struct UserResource: Codable, Hashable, Sendable {
    /// A UUID.
    public let id: String
    /// As it was typed.
    public let email: String
    public let name: String
    /// Roles given to the user; default roles of the catalogue are not among them.
    public let roles: [String]
    /// `active`, `invited` or `disabled`.
    public let state: String
    public let hasPassword: Bool
    /// The user chooses another password at the next login.
    public let mustChangePassword: Bool
    /// The user has an authenticator app or a passkey.
    public let hasSecondFactor: Bool
    /// What the tenant's own directory calls the user.
    public let externalID: String?
    public let createdAt: String
    public let changedAt: String
    /// The invitation that was made just now; nil otherwise.
    public var invitation: InvitationResource?
    /// What the user has besides the password, where one user is shown; nil otherwise.
    public var factors: FactorCounts?
    /// By which connections the user signs in, where one user is shown; nil otherwise.
    public var connections: [AccountLinkResource]?

    enum CodingKeys: String, CodingKey {
        case id, email, name, roles, state, invitation, factors, connections
        case hasPassword = "has_password"
        case mustChangePassword = "must_change_password"
        case hasSecondFactor = "has_second_factor"
        case externalID = "external_id"
        case createdAt = "created_at"
        case changedAt = "changed_at"
    }

    init(_ user: User) {
        id = user.id.description
        email = user.email
        name = user.name
        roles = user.roles.map(\.text)
        state =
            switch user.state {
            case .active: "active"
            case .invited: "invited"
            case .disabled: "disabled"
            }
        hasPassword = user.hasPassword
        mustChangePassword = user.mustChangePassword
        hasSecondFactor = user.hasSecondFactor
        externalID = user.externalID
        createdAt = user.createdAt.text
        changedAt = user.changedAt.text
    }
}

/// An invitation, as the API shows it once.
public struct InvitationResource: Codable, Hashable, Sendable {
    /// The link, where it was asked for: whoever has it may set the password.
    public let link: String?
    public let expiresAt: String
    /// Whether it is on its way by mail.
    public let isMailed: Bool

    enum CodingKeys: String, CodingKey {
        case link
        case expiresAt = "expires_at"
        case isMailed = "mailed"
    }

    init(_ issued: LinkPost.Issued, showsLink: Bool) {
        link = showsLink ? issued.link : nil
        expiresAt = issued.expiresAt.text
        isMailed = issued.isMailed
    }
}
