import COpenSSL
public import Core

/// HMAC-SHA-512 (RFC 2104, FIPS 198-1), for one-time passwords alone (RFC 6238 §1.2).
public enum HMACSHA512 {
    public static let byteCount = 64

    /// The 64 bytes of the code.
    public static func code(for message: [UInt8], key: borrowing SecretBytes) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: byteCount)
        let result = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBytes { message in
                    // `code` has the 64 bytes that are written.
                    unsafe gh_hmac_sha512(octets(key), key.count, octets(message), message.count, &code)
                }
            }
        }
        precondition(result == 1, "the host's HMAC failed")
        return code
    }
}
