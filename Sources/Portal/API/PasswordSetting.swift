import Access
public import Core
public import HostCrypto
public import Login
import Store

/// What the API needs to judge and to hash passwords.
public struct PasswordSetting: Sendable {
    /// The policy, as it is now.
    public var policy: @Sendable () -> PasswordPolicy
    /// Hashes a password, off the caller's thread; throws where it cannot be done now.
    public var hash: @Sendable (NormalizedPassword) async throws -> Argon2id.EncodedHash
    /// Compares a password with the hash of an earlier one; as above.
    public var compare: PasswordPolicy.Comparison
    /// Never jumps.
    public var clock: @Sendable () -> MonotonicInstant

    public init(
        policy: @escaping @Sendable () -> PasswordPolicy,
        hash: @escaping @Sendable (NormalizedPassword) async throws -> Argon2id.EncodedHash,
        compare: @escaping PasswordPolicy.Comparison, clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.policy = policy
        self.hash = hash
        self.compare = compare
        self.clock = clock
    }

    /// The 10,000 most common passwords, which travel inside the binary.
    public static let commonPasswords = CommonPasswords { Asset.commonPasswords.text }

    /// Holds a password against the policy.
    /// - Throws: `APIRefusal` where former passwords cannot be compared now.
    func judge(
        _ typed: consuming SecretBytes, of owner: PasswordOwner, former: [PasswordHash] = []
    ) async throws -> PasswordVerdict {
        do {
            return try await policy().judge(typed, of: owner, former: former, clock: clock, compare: compare)
        } catch is PasswordPolicy.Busy {
            throw Self.busy
        } catch is Argon2id.Fault {
            throw Self.busy
        }
    }

    /// What would become of a password of somebody of whom no more is known; nothing is kept.
    public func check(
        _ typed: consuming SecretBytes, email: String, name: String
    ) async throws -> PasswordVerdictResource {
        PasswordVerdictResource(try await judge(typed, of: PasswordOwner(name: name, email: email)))
    }

    /// The hash of a password that keeps every rule.
    /// - Throws: `APIRefusal` that names each broken one.
    func hash(
        _ typed: consuming SecretBytes, of owner: PasswordOwner, former: [PasswordHash] = []
    ) async throws -> Argon2id.EncodedHash {
        let verdict = try await judge(typed, of: owner, former: former)
        guard let password = verdict.accepted else {
            let words = verdict.broken.map { PasswordRuleText.text(of: $0, in: .english).refusal }
            throw APIRefusal(.passwordRefused, words.joined(separator: " "), field: "password")
        }
        do {
            return try await hash(password)
        } catch {
            throw Self.busy
        }
    }

    private static var busy: APIRefusal {
        APIRefusal(.busy, "the password cannot be hashed now; try again in a moment", field: "password")
    }
}

extension PasswordOwner {
    /// A user of a tenant; each may not be there yet.
    init(name: String, email: String, tenant: Tenant?) {
        self.init(name: name, email: email, tenantName: tenant?.name ?? "", hosts: tenant?.hosts ?? [])
    }
}
