import Core
import HostCrypto
import Login
import Portal

extension PasswordSetting {
    /// In a command's own process: nobody else wants its threads, and what fails is told on standard error.
    init(judgingBy settings: PasswordSettings, report: @escaping @Sendable (String) -> Void = { _ in }) {
        let policy = PasswordPolicy(
            settings: settings, common: Self.commonPasswords, breaches: BreachCheck(report: report))
        self.init(
            policy: { policy },
            hash: { password in try password.withOctets { octets in try Argon2id.hash(octets) } },
            compare: { password, hash in
                try password.withOctets { octets in try hash.isHash(of: octets) }
            }, clock: Clocks.monotonic)
    }
}
