public import Core
import HostCrypto

extension LoginAttempt {
    /// A new attempt with a random id.
    public static func begun(
        at now: WallTime, returnTo: SafeRedirect? = nil, tenant: TenantID? = nil
    ) -> LoginAttempt {
        LoginAttempt(id: SecureRandom.bytes(idByteCount), beganAt: now, returnTo: returnTo, tenant: tenant)
    }
}
