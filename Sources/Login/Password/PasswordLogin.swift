public import Core
public import Store

/// The first factor, and the beginning and end of sessions.
public final class PasswordLogin: Sendable {
    let store: DataStore
    let throttle: LoginThrottle
    let hashes: PasswordHashQueue
    let settings: @Sendable () -> LoginSettings
    let now: @Sendable () -> WallTime
    let pacing: AnswerPacing

    public init(
        store: DataStore, throttle: LoginThrottle, hashes: PasswordHashQueue,
        settings: @escaping @Sendable () -> LoginSettings, now: @escaping @Sendable () -> WallTime,
        pacing: AnswerPacing
    ) {
        self.store = store
        self.throttle = throttle
        self.hashes = hashes
        self.settings = settings
        self.now = now
        self.pacing = pacing
    }

    /// First factor.  The same work, answer and time whether the account is there or not.
    public func signIn(_ request: consuming PasswordLoginRequest) async -> PasswordLoginOutcome { .unavailable }

    /// After `.choose`: begins the session of one of the proved members.
    public func begin(
        _ member: ProvedMember, client: ClientAddress, deviceToken: String?, userAgent: String
    ) async -> PasswordLoginOutcome { .unavailable }

    /// Ends one session (logout).  Audited; notifies nobody itself.
    public func signOut(_ session: SessionHandle, of tenant: TenantID, user: UserID) async throws {}
}
