import Core
import Login

/// What the pages ask of `PasswordLogin`, as functions: each outcome has its page, and no page needs a store to be
/// shown.
struct LoginSteps: Sendable {
    let signIn: @Sendable (consuming PasswordLoginRequest) async -> PasswordLoginOutcome
    /// Begins the session of a member whose password was proved before.
    let begin:
        @Sendable (
            _ member: ProvedMember, _ client: ClientAddress, _ deviceToken: String?, _ userAgent: String,
            _ isRemembered: Bool
        ) async -> PasswordLoginOutcome
    /// Throws `StoreConflict` where the session has ended already, `StoreFault` where it may not have ended.
    let signOut: @Sendable (_ session: SessionHandle, _ tenant: TenantID, _ user: UserID) async throws -> Void
    /// Asks a member for the password again.
    let confirm:
        @Sendable (
            _ holder: AccountHolder, _ password: consuming SecretBytes, _ client: ClientAddress, _ deviceToken: String?
        ) async -> ConfirmationOutcome
}

extension LoginSteps {
    init(_ login: PasswordLogin) {
        self.init(
            signIn: { request in await login.signIn(request) },
            begin: { member, client, deviceToken, userAgent, isRemembered in
                await login.begin(
                    member, client: client, deviceToken: deviceToken, userAgent: userAgent, isRemembered: isRemembered)
            },
            signOut: { session, tenant, user in try await login.signOut(session, of: tenant, user: user) },
            confirm: { holder, password, client, deviceToken in
                await login.confirm(
                    holder.session, on: holder.host, by: holder.token, of: holder.user, in: holder.tenant,
                    password: password, client: client, deviceToken: deviceToken)
            })
    }
}
