import Core
import Login

/// What the pages ask of `PasswordLogin`, as functions: each outcome has its page, and no page needs a store to be
/// shown.
struct LoginSteps: Sendable {
    let signIn: @Sendable (consuming PasswordLoginRequest) async -> PasswordLoginOutcome
    /// Begins the session of a member whose password was proved before.
    let begin:
        @Sendable (
            _ member: ProvedMember, _ client: ClientAddress, _ deviceToken: String?, _ userAgent: String
        ) async -> PasswordLoginOutcome
    /// Throws `StoreConflict` where the session has ended already, `StoreFault` where it may not have ended.
    let signOut: @Sendable (_ session: SessionHandle, _ tenant: TenantID, _ user: UserID) async throws -> Void
}

extension LoginSteps {
    init(_ login: PasswordLogin) {
        self.init(
            signIn: { request in await login.signIn(request) },
            begin: { member, client, deviceToken, userAgent in
                await login.begin(member, client: client, deviceToken: deviceToken, userAgent: userAgent)
            },
            signOut: { session, tenant, user in try await login.signOut(session, of: tenant, user: user) })
    }
}
