import Core
import Store

/// What second factors leave in the audit log.
enum FactorRecord {
    /// - Parameter session: nil at sign-in.
    static func failed(
        _ user: UserID, _ factor: String, reason: String, session: SessionHandle?, client: ClientAddress
    ) -> AuditEntry {
        AuditEntry(
            action: "login.factor-failed", actor: session == nil ? .visitor : .user(user), subject: user,
            publicDetails: [.init("factor", factor), .init("reason", reason)] + named(session),
            sealedDetails: [.init("address", client.description)])
    }

    /// A passkey that stood alone signed nobody in.
    static func passkeyRefused(_ user: UserID, reason: String, client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "login.failed", actor: .visitor, subject: user,
            publicDetails: [.init("factor", Factor.passkey.rawValue), .init("reason", reason)],
            sealedDetails: [.init("address", client.description)])
    }

    /// A passkey that nobody here has.
    static func passkeyUnknown(client: ClientAddress) -> AuditEntry {
        AuditEntry(
            action: "login.failed", actor: .visitor,
            publicDetails: [.init("factor", Factor.passkey.rawValue), .init("reason", "passkey-unknown")],
            sealedDetails: [.init("network", ThrottleKey.network(of: client).subject)])
    }

    static func added(_ user: UserID, _ kind: Factor, name: String, _ visit: LoginVisit) -> AuditEntry {
        changed("factor.added", user, kind, [.init("name", name)], visit)
    }

    static func removed(_ user: UserID, _ kind: Factor, name: String, _ visit: LoginVisit) -> AuditEntry {
        changed("factor.removed", user, kind, [.init("name", name)], visit)
    }

    static func renamed(_ user: UserID, _ kind: Factor, from old: String, to new: String) -> AuditEntry {
        AuditEntry(
            action: "factor.renamed", actor: .user(user), subject: user,
            publicDetails: [.init("factor", kind.rawValue)],
            sealedDetails: [.init("old", old), .init("new", new)])
    }

    static func recoveryCodeUsed(_ user: UserID, session: SessionHandle?, _ visit: LoginVisit) -> AuditEntry {
        AuditEntry(
            action: "recovery-code.used", actor: .user(user), subject: user, publicDetails: named(session),
            sealedDetails: place(visit))
    }

    static func recoveryCodesRenewed(_ user: UserID, _ visit: LoginVisit) -> AuditEntry {
        AuditEntry(
            action: "recovery-codes.renewed", actor: .user(user), subject: user, sealedDetails: place(visit))
    }

    /// A code that permits a first enrolment was sent.
    static func codeIssued(_ user: UserID, _ visit: LoginVisit) -> AuditEntry {
        AuditEntry(
            action: "factor.enrolment-code-issued", actor: .user(user), subject: user,
            publicDetails: [.init("by", "mail")], sealedDetails: place(visit))
    }

    /// - Parameter isPrinted: whether a code for the next enrolment was handed over.
    static func reset(_ user: UserID, by actor: AuditEntry.Actor, isPrinted: Bool) -> AuditEntry {
        AuditEntry(
            action: "factors.reset", actor: actor, subject: user,
            publicDetails: isPrinted ? [.init("enrolment-code", "printed")] : [])
    }

    private static func changed(
        _ action: String, _ user: UserID, _ kind: Factor, _ details: [AuditEntry.Detail], _ visit: LoginVisit
    ) -> AuditEntry {
        AuditEntry(
            action: action, actor: .user(user), subject: user, publicDetails: [.init("factor", kind.rawValue)],
            sealedDetails: details + place(visit))
    }

    private static func place(_ visit: LoginVisit) -> [AuditEntry.Detail] {
        [
            .init("address", visit.client.description), .init("user-agent", PasswordLogin.cut(visit.userAgent)),
        ]
    }

    private static func named(_ session: SessionHandle?) -> [AuditEntry.Detail] {
        session.map { [.init("session", $0.description)] } ?? []
    }
}
