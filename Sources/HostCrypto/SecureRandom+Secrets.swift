import COpenSSL
public import Core

extension SecureRandom {
    /// `count` random bytes that are wiped after use.
    public static func secret(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { (output: inout MutableRawSpan) in
            let result = unsafe output.withUnsafeMutableBytes { target in
                // `target` has the `count` bytes that are written.
                unsafe RAND_bytes(target.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(target.count))
            }
            precondition(result == 1, "the host's random generator failed")
        }
    }

    /// A random token in base64url without padding: 32 bytes are 256 bits and 43 characters.
    public static func token(byteCount: Int = 32) -> String {
        Base64.encode(bytes(byteCount), alphabet: .url)
    }
}
