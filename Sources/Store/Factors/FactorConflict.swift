/// Why a member's factors were left as they are, though the store is well.
public enum FactorConflict: Error, Hashable, Sendable {
    /// The member has as many of this kind as anybody may have.
    case tooMany
    /// It is the last one, and the tenant's rule asks for one.
    case lastRequired
    /// The tenant has this credential already, with this member or with another.
    case credentialTaken
}
