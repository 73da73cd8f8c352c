import Core
import Store

/// What asking for links leaves in the audit log.
enum LinkRecord {
    static func asked(_ user: UserID, client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "password.reset-asked", actor: .visitor, subject: user,
            sealedDetails: [.init("address", client.description)])
    }

    /// Nothing was sent.
    static func refused(_ user: UserID, reason: String, client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "password.reset-refused", actor: .visitor, subject: user, publicDetails: [.init("reason", reason)],
            sealedDetails: [.init("address", client.description)])
    }

    /// Nobody of that address is there: what was typed might be a stranger's address and is not kept.
    static func refusedUnknown(client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "password.reset-refused", actor: .visitor, publicDetails: [.init("reason", "user-unknown")],
            sealedDetails: [.init("network", ThrottleKey.network(of: client).subject)])
    }
}
