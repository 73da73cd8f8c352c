public import Core
public import HostCrypto

/// Computes password hashes on threads of its own.
public final class PasswordHashQueue: Sendable {
    /// What a request for hashes brings.
    public enum Answer<Value: Sendable>: Sendable {
        case done(Value)
        /// Too many wait.
        case busy(retryAfter: Milliseconds)
    }

    public let cost: Argon2id.Cost

    public init(
        cost: Argon2id.Cost = .standard, threads: Int? = nil, bound: Int = 64,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) { self.cost = cost }

    /// A new hash of the password, for whoever sets one.
    public func hash(
        _ password: NormalizedPassword, for client: ClientAddress?
    ) async -> Answer<Argon2id.EncodedHash> { .busy(retryAfter: .seconds(1)) }
}
