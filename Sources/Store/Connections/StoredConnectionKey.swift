public import Core

/// Which part a key of a connection plays.
public enum KeyState: String, CaseIterable, Hashable, Sendable {
    /// Signs and decrypts; a connection has one at most.
    case current
    /// Is published, and takes the current one's place when the provider knows it; a connection has one at most.
    case next
    /// Decrypts what the provider still encrypts for it.
    case former
}

/// A private key of a connection: lent for a computation, wiped after the last use.
public final class ConnectionSecret: Sendable {
    private let secret: SecretBytes

    /// - Parameter secret: PKCS #8 in PEM (RFC 7468 §10).
    public init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// Lends the bytes for the time of the call.
    public func withSecret<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
        try body(secret)
    }

    /// As above, as plain bytes.
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes(body)
    }
}

/// One key of a connection, with the certificate that tells the provider of it.
public struct StoredConnectionKey: Sendable {
    public let id: RowID
    public let state: KeyState
    public let createdAt: WallTime
    /// When it came to its state.
    public let since: WallTime
    /// DER (RFC 5280).
    public let certificate: [UInt8]
    public let secret: ConnectionSecret
}
