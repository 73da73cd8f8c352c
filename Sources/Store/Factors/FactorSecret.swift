public import Core

/// The secret that an authenticator app shares with us (RFC 6238 §4): lent for a computation, wiped after the last use.
public final class FactorSecret: Sendable {
    private let secret: SecretBytes

    public init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// Lends the bytes for the time of the call.
    public func withSecret<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
        try body(secret)
    }
}
