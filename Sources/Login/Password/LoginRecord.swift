import Core
import Store

/// What logins leave in the audit log.
enum LoginRecord {
    static func succeeded(_ member: ProvedMember, client: ClientAddress, userAgent: String) -> AuditEntry {
        AuditEntry(
            action: "login.succeeded", actor: .user(member.user), subject: member.user,
            publicDetails: [.init("factor", member.factors.map(\.factor.rawValue).joined(separator: ","))]
                + (member.sso.map { [.init("connection", $0.connection.text)] } ?? []),
            sealedDetails: [.init("address", client.description), .init("user-agent", userAgent)])
    }

    /// - Parameter reason: `password-wrong`, or why no password would have done.
    static func failed(_ user: UserID, reason: String, client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "login.failed", actor: .visitor, subject: user, publicDetails: [.init("reason", reason)],
            sealedDetails: [.init("address", client.description)])
    }

    /// Nobody of that address is there.  What was typed might be a stranger's address, or a password in the wrong field,
    /// and is not kept; of where it came from, the network alone.
    static func failedUnknown(client: ClientAddress) -> AuditEntry {
        let network = ThrottleKey.network(of: client).subject
        return AuditEntry(
            action: "login.failed", actor: .visitor, publicDetails: [.init("reason", "user-unknown")],
            sealedDetails: [.init("network", network)])
    }

    static func rehashed(_ user: UserID) -> AuditEntry {
        AuditEntry(action: "password.rehashed", actor: .system, subject: user)
    }

    static func loggedOut(_ user: UserID, session: SessionHandle) -> AuditEntry {
        AuditEntry(
            action: "logout", actor: .user(user), subject: user,
            publicDetails: [.init("session", session.description)])
    }

    /// A host has a token of its own for the session.
    static func handedOver(
        _ session: SessionRepository.HandedOver, to host: String, client: ClientAddress
    ) -> AuditEntry {
        AuditEntry(
            action: "session.handed-over", actor: .user(session.user), subject: session.user,
            publicDetails: [.init("session", session.id.description), .init("host", host)],
            sealedDetails: [.init("address", client.description)])
    }

    /// The member of a session has proved a factor anew.
    static func confirmed(
        _ user: UserID, by factor: Factor = .password, session: SessionHandle, client: ClientAddress
    ) -> AuditEntry {
        AuditEntry(
            action: "session.confirmed", actor: .user(user), subject: user,
            publicDetails: [.init("session", session.description), .init("factor", factor.rawValue)],
            sealedDetails: [.init("address", client.description)])
    }

    /// A session ended before anybody used it: the user changed while it was made.
    static func overtaken(_ user: UserID) -> AuditEntry {
        AuditEntry(action: "session.revoked", actor: .system, subject: user)
    }
}
