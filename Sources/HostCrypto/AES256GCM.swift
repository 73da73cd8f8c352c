import COpenSSL
public import Core

/// AES-256-GCM (SP 800-38D) with a fresh random 96-bit nonce for each seal, by the host's libcrypto.
///
/// Random nonces bound a key's use: at most 2^32 seals (SP 800-38D §8.3), which callers keep by having many
/// keys.  The layout is nonce (12), ciphertext (as long as the plaintext), tag (16).
public enum AES256GCM {
    public static let keyByteCount = 32
    public static let nonceByteCount = 12
    public static let tagByteCount = 16
    /// Bytes that sealing adds.
    public static let overhead = nonceByteCount + tagByteCount

    /// What was given does not open: another key, other associated data, or changed bytes.  Which, nobody
    /// learns.
    public struct DoesNotOpen: Error, Sendable, Hashable {
        public init() {}
    }

    /// Seals `plaintext`; the result opens only under the same key with the same `associatedData`.
    /// - Parameter key: 32 bytes.
    public static func seal(_ plaintext: [UInt8], key: borrowing SecretBytes, associatedData: [UInt8]) -> [UInt8] {
        precondition(key.count == keyByteCount)
        let nonce = SecureRandom.bytes(nonceByteCount)
        var output = [UInt8](repeating: 0, count: overhead + plaintext.count)
        output.replaceSubrange(0..<nonceByteCount, with: nonce)
        let result = unsafe output.withUnsafeMutableBufferPointer { target in
            key.withBytes { key in
                unsafe key.withUnsafeBytes { key in
                    unsafe associatedData.withUnsafeBytes { associated in
                        unsafe plaintext.withUnsafeBytes { plain in
                            // `target` has room for nonce, ciphertext and tag, in that order.
                            let start = target.baseAddress!
                            return unsafe gh_gcm_seal(
                                octets(key), start, octets(associated), associated.count, octets(plain), plain.count,
                                start + nonceByteCount, start + nonceByteCount + plain.count)
                        }
                    }
                }
            }
        }
        precondition(result == 1, "the host's AES-256-GCM failed")
        return output
    }

    /// Opens what `seal` made.
    /// - Throws: `DoesNotOpen`; nothing of the plaintext is seen before its tag has been verified.
    public static func open(
        _ sealed: [UInt8], key: borrowing SecretBytes, associatedData: [UInt8]
    ) throws(DoesNotOpen) -> [UInt8] {
        precondition(key.count == keyByteCount)
        guard sealed.count >= overhead else { throw DoesNotOpen() }
        let count = sealed.count - overhead
        var plain = [UInt8](repeating: 0, count: count)
        let result = unsafe plain.withUnsafeMutableBufferPointer { target in
            key.withBytes { key in
                unsafe key.withUnsafeBytes { key in
                    unsafe associatedData.withUnsafeBytes { associated in
                        unsafe sealed.withUnsafeBytes { input in
                            // `input` has nonce, `count` bytes and tag; `target` has `count` bytes.
                            let start = unsafe octets(input)!
                            return unsafe gh_gcm_open(
                                octets(key), start, octets(associated), associated.count, start + nonceByteCount,
                                count, start + nonceByteCount + count, target.baseAddress)
                        }
                    }
                }
            }
        }
        guard result == 1 else {
            ERR_clear_error()
            Wiping.wipe(&plain)
            throw DoesNotOpen()
        }
        return plain
    }
}

/// The same memory, read as octets, as C declares it.
func octets(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
    unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
}
