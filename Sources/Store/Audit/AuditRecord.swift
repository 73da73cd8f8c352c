public import Core

/// An entry of the audit log as it was found there.
public struct AuditRecord: Hashable, Sendable {
    /// 1, 2, 3, … without gaps within a tenant.
    public let sequence: Int64
    public let at: WallTime
    public let action: String
    public let actor: AuditEntry.Actor
    public let subject: UserID?
    public let publicDetails: [AuditEntry.Detail]
    /// Nil where the subject's key has been destroyed.
    public let sealedDetails: [AuditEntry.Detail]?
}

/// What a chain's examination found.
public struct AuditChainReport: Hashable, Sendable {
    /// Entries that were read.
    public let count: Int64
    /// The first sequence whose link does not hold; nil where the chain is whole.
    public let brokenAt: Int64?
}
