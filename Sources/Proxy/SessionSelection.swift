public import Core

/// Which sessions are meant.
public enum SessionSelection: Sendable, Hashable {
    case handle(SessionHandle)
    case user(UserID, of: TenantID)
    case tenant(TenantID)
}
