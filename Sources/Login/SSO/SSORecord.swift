import Core
import Store

/// What sign-ins by a provider leave in the audit log.
enum SSORecord {
    /// A provider said who somebody is, and no session came of it.
    /// - Parameter user: nil where it is nobody of ours.
    static func refused(
        _ user: UserID?, at connection: ConnectionName, reason: String, client: ClientAddress
    ) -> AuditEntry {
        AuditEntry(
            action: "login.failed", actor: .visitor, subject: user,
            publicDetails: [.init("factor", Factor.sso.rawValue), named(connection), .init("reason", reason)],
            sealedDetails: [
                user == nil
                    ? .init("network", ThrottleKey.network(of: client).subject) : .init("address", client.description)
            ])
    }

    /// An account is connected with a subject of a provider.
    /// - Parameter way: how it was known that it is the same person.
    static func linked(
        _ user: UserID, to connection: ConnectionName, subject: String, way: LinkWay, actor: AuditEntry.Actor
    ) -> AuditEntry {
        AuditEntry(
            action: "account.linked", actor: actor, subject: user,
            publicDetails: [named(connection), .init("by", way.rawValue)], sealedDetails: [.init("subject", subject)])
    }

    /// How it was known that an account and a subject are the same person.
    enum LinkWay: String, Sendable {
        /// The account was made for it.
        case provisioned
        /// Nothing but the connection can sign in to the account.
        case domain
        /// The member signed in to the account in another way.
        case proof
    }

    static func provisioned(_ user: UserID, by connection: ConnectionName) -> AuditEntry {
        AuditEntry(action: "user.created", actor: .system, subject: user, publicDetails: [named(connection)])
    }

    static func activated(_ user: UserID, by connection: ConnectionName) -> AuditEntry {
        AuditEntry(action: "invitation.accepted", actor: .user(user), subject: user, publicDetails: [named(connection)])
    }

    static func rolesSet(_ user: UserID, _ roles: [RoleName], by connection: ConnectionName) -> AuditEntry {
        AuditEntry(
            action: "user.roles-set", actor: .system, subject: user,
            publicDetails: [named(connection), .init("roles", roles.map(\.text).joined(separator: ","))])
    }

    static func renamed(_ user: User, to name: String, by connection: ConnectionName) -> AuditEntry {
        AuditEntry(
            action: "account.name-changed", actor: .system, subject: user.id, publicDetails: [named(connection)],
            sealedDetails: [.init("old", user.name), .init("new", name)])
    }

    static func addressed(_ user: User, as email: String, by connection: ConnectionName) -> AuditEntry {
        AuditEntry(
            action: "account.email-changed", actor: .system, subject: user.id, publicDetails: [named(connection)],
            sealedDetails: [.init("old", user.email), .init("new", email)])
    }

    /// The provider ended a session.
    static func loggedOut(_ user: UserID, session: RowID, by connection: ConnectionName) -> AuditEntry {
        AuditEntry(
            action: "logout", actor: .user(user), subject: user,
            publicDetails: [named(connection), .init("session", session.description)])
    }

    private static func named(_ connection: ConnectionName) -> AuditEntry.Detail {
        .init("connection", connection.text)
    }
}
