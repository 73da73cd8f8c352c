import Core
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
    /// What the tenant's own directory calls the user.
    public let externalID: String?
    public let createdAt: String
    public let changedAt: String

    enum CodingKeys: String, CodingKey {
        case id, email, name, roles, state
        case hasPassword = "has_password"
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
        externalID = user.externalID
        createdAt = user.createdAt.text
        changedAt = user.changedAt.text
    }
}
