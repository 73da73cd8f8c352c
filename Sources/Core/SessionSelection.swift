/// Which sessions are meant.
public enum SessionSelection: Sendable, Hashable {
    case handle(SessionHandle)
    case user(UserID, of: TenantID)
    case tenant(TenantID)
}

/// What has happened to sessions in the store, for the event loops that hold copies of them.  Whoever changes the
/// store sends one after the change is durable; it is in force on every loop within a second.
public enum SessionNotice: Sendable, Hashable {
    /// They have ended: requests under them end, live streams included.
    case ended(SessionSelection)
    /// The user's roles, name or address are other ones: sessions go on with the new ones, streams are judged again.
    case changed(user: UserID, of: TenantID)
    /// The session has a new token, found by this SHA-256, and what it has proved is another: copies under the old
    /// token are worth nothing any more, streams go on.
    case renewed(SessionHandle, digest: [UInt8])
}
