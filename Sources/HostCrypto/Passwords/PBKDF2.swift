import COpenSSL
import Core

/// PBKDF2 (RFC 8018 §5.2) with HMAC, by the host's libcrypto: for hashes that were made elsewhere, none of ours.
enum PBKDF2 {
    /// The function under the HMAC.
    enum Digest: String, Sendable, CaseIterable {
        case sha1, sha256, sha512

        /// Bytes of its output.
        var byteCount: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    /// The key of `count` bytes; nil where the library refuses, which is for want of memory or of the algorithm.
    static func key(
        of password: borrowing SecretBytes, salt: [UInt8], iterations: Int, digest: Digest, count: Int
    ) -> [UInt8]? {
        var key = [UInt8](repeating: 0, count: count)
        let algorithm =
            switch digest {
            case .sha1: unsafe EVP_sha1()
            case .sha256: unsafe EVP_sha256()
            case .sha512: unsafe EVP_sha512()
            }
        let result = password.withBytes { password in
            unsafe password.withUnsafeBytes { password in
                // `key` has the `count` bytes that are written.
                unsafe PKCS5_PBKDF2_HMAC(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
                    Int32(salt.count), Int32(iterations), algorithm, Int32(count), &key)
            }
        }
        return result == 1 ? key : nil
    }
}

/// Scrypt (RFC 7914) by the host's libcrypto, as above.
enum Scrypt {
    /// The key of `count` bytes; nil where the library refuses.
    static func key(
        of password: borrowing SecretBytes, salt: [UInt8], cost: Int, blockSize: Int, lanes: Int, count: Int
    ) -> [UInt8]? {
        var key = [UInt8](repeating: 0, count: count)
        let result = password.withBytes { password in
            unsafe password.withUnsafeBytes { password in
                // `key` has the `count` bytes that are written; the memory asked for was bounded when the hash was read.
                unsafe EVP_PBE_scrypt(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count,
                    UInt64(cost), UInt64(blockSize), UInt64(lanes), UInt64(2 * ScryptHash.longestMemory), &key, count)
            }
        }
        return result == 1 ? key : nil
    }
}
