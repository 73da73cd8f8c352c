import Core
import Login
import Store

/// What pages ask of sign-ins at identity providers, as functions: each outcome has its page, and no page needs a store or
/// a provider to be shown.
struct SSOSteps: Sendable {
    // For the pages of a login and of an account.
    /// The connections of a tenant that pages may name.
    let offers: @Sendable (_ tenant: TenantID) -> [SSOOffer]
    /// Where an address leads, by its domain.
    let route: @Sendable (_ email: NormalizedEmail, _ tenant: TenantID) async -> SSORoute
    /// The connection that is asked at once at a host.
    let entry: @Sendable (_ host: String, _ tenant: TenantID) -> SSOOffer?
    /// Where a sign-in begins, as `https://…` on the tenant's sign-in host; nil where it has none.
    let beginAddress: @Sendable (_ offer: SSOOffer, _ begin: SSOBegin) -> String?
    /// By which connection a session came; nil by none, or where the store cannot say.
    let origin: @Sendable (_ session: SessionHandle, _ tenant: TenantID) async -> ConnectionName?
    /// The connections that a member's account is connected with.
    let links: @Sendable (_ user: UserID, _ tenant: TenantID) async -> [ConnectionName]
    /// Connects an account with whom a provider named; false where what was proved is not that account, or too late.
    let completeLink: @Sendable (_ link: PendingLink, _ signedIn: SignedIn, _ visit: FactorVisit) async -> Bool
    // For the connection's own addresses.
    /// What a connection is called; nil where there is none of this name that may be used.
    let displayName: @Sendable (_ connection: ConnectionName, _ tenant: TenantID) -> String?
    let metadata: @Sendable (_ connection: ConnectionName, _ tenant: TenantID) async -> SSOMetadata
    let begin:
        @Sendable (
            _ connection: ConnectionName, _ tenant: TenantID, _ purpose: SSOPurpose, _ begin: SSOBegin,
            _ language: String
        ) async -> SSODeparture
    let receive: @Sendable (_ answer: SSOAnswer, _ attempts: [SSOAttempt]) async -> SSOOutcome
    // Logout.
    /// Where a session came from, for its provider's logout; nil where it came from none.
    let sessionOrigin: @Sendable (_ session: SessionHandle, _ tenant: TenantID) async -> SessionOrigin?
    /// What ends the provider's session too; nil where there is no such way.
    let logout: @Sendable (_ origin: SessionOrigin, _ tenant: TenantID, _ nextIndex: Int?) async -> SSOMessage?
    let receiveLogout: @Sendable (_ message: SSOLogoutMessage) async -> SSOLogoutOutcome
}

/// Our own metadata of a connection.
enum SSOMetadata: Sendable, Hashable {
    /// The signed document.
    case document(String)
    case unknown
    /// - Parameter reason: for the log.
    case unavailable(reason: String)
}
