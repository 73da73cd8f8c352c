public import Core

/// A request that Gatehouse answers itself, with what the decision knows of the caller.
public struct PortalCall: Sendable, Hashable {
    /// Which of our own paths.
    public enum Surface: UInt8, Sendable, Hashable {
        /// Below `/.gatehouse/`.
        case portal
        /// `/.well-known/security.txt`.
        case securityContact
        /// `/.well-known/change-password`.
        case changePassword
        /// `/.well-known/webauthn` (WebAuthn Level 3 §5.11).
        case relatedOrigins
    }

    public let surface: Surface
    /// The host's tenant, or the session's on a shared host; nil where neither says.
    public let tenantIndex: Int?
    /// The tenant that the host belongs to; nil on a shared host.
    public let hostTenantIndex: Int?
    /// The caller's session; nil where nobody is signed in, or the tenant is suspended.
    public let session: SessionReference?
    /// Why a session cookie that came counts as none, for the log; nil where it counts or none came.
    public let notedSessionReason: ReasonCode?
    /// The tenant is suspended: nobody signs in here.
    public let isTenantSuspended: Bool
    /// The page is on `portal_host`, and this is another host.
    public let belongsToPortalHost: Bool
}
