public import Core
import HostCrypto

/// The key that all others hang on.  It wraps tenants' keys and authenticates the headers of the databases; no
/// record is sealed under it directly.
public final class MasterKey: Sendable {
    public static let byteCount = 32

    private let secret: SecretBytes
    private let wrapping: SealingKey
    private let headerKey: SecretBytes
    /// What names the key without telling it: 16 hexadecimal digits in four groups.
    public let fingerprint: String

    /// - Parameter secret: 32 bytes.
    public init(_ secret: consuming SecretBytes) {
        precondition(secret.count == Self.byteCount)
        func derived(_ purpose: String, _ secret: borrowing SecretBytes, count: Int = 32) -> SecretBytes {
            HKDFSHA256.derive(
                from: secret, salt: Array("gatehouse master 1".utf8), info: Array(purpose.utf8), count: count)
        }
        wrapping = SealingKey(version: 1, secret: derived("wrap tenant keys", secret))
        headerKey = derived("database headers", secret)
        var digits: [UInt8] = []
        derived("fingerprint", secret, count: 8).withBytes { bytes in
            for (index, octet) in Span<UInt8>(_bytes: bytes).indices.map({ ($0, Span<UInt8>(_bytes: bytes)[$0]) }) {
                if index > 0 && index.isMultiple(of: 2) { digits.append(UInt8(ascii: "-")) }
                digits.append(ASCII.hexadecimalDigit(octet >> 4))
                digits.append(ASCII.hexadecimalDigit(octet))
            }
        }
        fingerprint = String(decoding: digits, as: UTF8.self)
        self.secret = secret
    }

    /// A new random key.
    public convenience init() { self.init(SecureRandom.secret(Self.byteCount)) }

    /// Wraps tenants' keys.
    var wrapper: SealingKey { wrapping }

    /// Lends the key that authenticates headers.
    func withHeaderKey<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
        try body(headerKey)
    }

    /// Lends the key itself, to be written to its file.
    func withSecret<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
        try body(secret)
    }
}
