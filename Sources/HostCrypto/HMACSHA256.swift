import COpenSSL
public import Core

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    public static let byteCount = 32

    /// The 32 bytes of the code.
    public static func code(for message: [UInt8], key: borrowing SecretBytes) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: byteCount)
        let result = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBytes { message in
                    // `code` has the 32 bytes that are written.
                    unsafe gh_hmac_sha256(octets(key), key.count, octets(message), message.count, &code)
                }
            }
        }
        precondition(result == 1, "the host's HMAC failed")
        return code
    }

    /// Whether `code` is the message's; in a time that does not depend on where they differ.
    public static func isCode(_ code: [UInt8], for message: [UInt8], key: borrowing SecretBytes) -> Bool {
        ConstantTime.isEqual(code, Self.code(for: message, key: key))
    }
}

/// HKDF with SHA-256 (RFC 5869): keys for several purposes out of one.
public enum HKDFSHA256 {
    /// The longest output (§2.3): 255 blocks.
    public static let longestOutput = 255 * 32

    /// Extracts and expands.
    /// - Parameters:
    ///   - info: the purpose; two purposes give keys that tell nothing of each other.
    ///   - count: bytes wanted, 1…8160.
    public static func derive(from secret: borrowing SecretBytes, salt: [UInt8], info: [UInt8], count: Int)
        -> SecretBytes
    {
        precondition((1...longestOutput).contains(count))
        return SecretBytes(count: count) { (output: inout MutableRawSpan) in
            let result = secret.withBytes { secret in
                unsafe secret.withUnsafeBytes { secret in
                    unsafe output.withUnsafeMutableBytes { target in
                        // `target` has the `count` bytes that are written.
                        unsafe gh_hkdf_sha256(
                            octets(secret), secret.count, salt, salt.count, info, info.count,
                            target.baseAddress?.assumingMemoryBound(to: UInt8.self), target.count)
                    }
                }
            }
            precondition(result == 1, "the host's HKDF failed")
        }
    }
}

/// Comparisons whose time does not tell where two values differ.
public enum ConstantTime {
    /// Whether both are the same; the time depends on the lengths only.
    public static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        // Both have `count` bytes.
        return unsafe CRYPTO_memcmp(one, other, one.count) == 0
    }
}
