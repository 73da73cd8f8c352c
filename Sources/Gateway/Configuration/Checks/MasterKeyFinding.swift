/// What a look at the file of a master key can find.  The look itself needs the store and is handed in as a
/// `MasterKeyCheck`.
public enum MasterKeyFinding: Hashable, Sendable {
    /// There is none.
    case missing
    /// Others than the owner and the group can read it, or others than the owner can change it; its mode.
    case exposed(mode: UInt32)
    /// It is no master key; why not.
    case malformed(String)
    /// It cannot be read; in the system's words.
    case unreadable(String)
    /// It is used all the same; what its operator should know.
    case usable(warning: String)
}

/// Looks at the file of a master key, by its absolute path; nil where all is well.
public typealias MasterKeyCheck = @Sendable (_ path: String) -> MasterKeyFinding?
