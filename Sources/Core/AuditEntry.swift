/// What a security-relevant write leaves behind: who did what to whom.
///
/// It is a parameter of the write and is committed with it, so that there is no change without its entry and
/// no entry without its change.  The log adds sequence, time and the chain.
public struct AuditEntry: Hashable, Sendable {
    /// Who acted.
    public enum Actor: Hashable, Sendable {
        /// Whoever runs Gatehouse, by command line or with the operator's rights.
        case `operator`
        /// A user of the tenant: a member or an administrator.
        case user(UserID)
        /// Nobody who is known: an attempt before any proof.
        case visitor
        /// Gatehouse itself: a timer, retention.
        case system
    }

    /// What was done: `[a-z0-9-]+(\.[a-z0-9-]+)*`, 64 bytes at most, such as `user.created`.
    public let action: String
    public let actor: Actor
    /// The person it is about, under whose key the sealed part is; nil where it concerns nobody.
    public let subject: UserID?
    /// Details without personal data, readable without a key; at most 16.
    public let publicDetails: [Detail]
    /// Details that only those with the subject's key can read, gone once that is destroyed; at most 16.
    public let sealedDetails: [Detail]

    /// One named detail.
    public struct Detail: Hashable, Sendable {
        public let name: String
        /// At most 1024 bytes are kept.
        public let value: String

        /// Cuts `value` after 1024 bytes, at a character.
        public init(_ name: String, _ value: String) {
            self.name = name
            var kept = value
            while kept.utf8.count > 1024 { kept = String(kept.prefix(min(1024, kept.count - 1))) }
            self.value = kept
        }
    }

    /// Details beyond the sixteenth are left out.
    public init(
        action: String, actor: Actor, subject: UserID? = nil, publicDetails: [Detail] = [], sealedDetails: [Detail] = []
    ) {
        self.action = action
        self.actor = actor
        self.subject = subject
        self.publicDetails = Array(publicDetails.prefix(16))
        self.sealedDetails = Array(sealedDetails.prefix(16))
    }
}
