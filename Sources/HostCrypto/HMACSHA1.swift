import COpenSSL
public import Core

/// HMAC-SHA-1 (RFC 2104), for one-time passwords alone (RFC 4226 §5.2).
public enum HMACSHA1 {
    public static let byteCount = 20

    /// The 20 bytes of the code.
    public static func code(for message: [UInt8], key: borrowing SecretBytes) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: byteCount)
        let result = key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBytes { message in
                    // `code` has the 20 bytes that are written.
                    unsafe gh_hmac_sha1(octets(key), key.count, octets(message), message.count, &code)
                }
            }
        }
        precondition(result == 1, "the host's HMAC failed")
        return code
    }
}
