import COpenSSL

/// SHA-256 (FIPS 180-4) by the host's libcrypto.
public enum SHA256Digest {
    public static let byteCount = 32

    /// The digest as four big-endian numbers: a value without memory of its own, for keys of tables.
    public struct Words: Hashable, Sendable {
        public var first, second, third, fourth: UInt64
    }

    /// The digest of `bytes`.
    public static func words(_ bytes: RawSpan) -> Words {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var output = digest.mutableSpan
        unsafe bytes.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBufferPointer { target in
                // `target` has the 32 bytes that SHA256 writes.
                _ = unsafe SHA256(
                    input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count, target.baseAddress)
            }
        }
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(digest[index])
            words.1 = words.1 << 8 | UInt64(digest[index + 8])
            words.2 = words.2 << 8 | UInt64(digest[index + 16])
            words.3 = words.3 << 8 | UInt64(digest[index + 24])
        }
        return Words(first: words.0, second: words.1, third: words.2, fourth: words.3)
    }

    /// The digest as 32 bytes.
    public static func bytes(_ bytes: [UInt8]) -> [UInt8] {
        let words = unsafe words(bytes.span.bytes)
        return [words.first, words.second, words.third, words.fourth].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
    }
}

/// SHA-1 (FIPS 180-4), for the WebSocket handshake alone (RFC 6455 §4.2.2), which uses it as a checksum.
public enum SHA1Checksum {
    /// The 20 bytes.
    public static func bytes(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        unsafe bytes.withUnsafeBufferPointer { input in
            // `digest` has the 20 bytes that SHA1 writes.
            _ = unsafe SHA1(input.baseAddress, input.count, &digest)
        }
        return digest
    }
}

/// Random bytes of the host's libcrypto (a DRBG seeded by the kernel, SP 800-90A).
public enum SecureRandom {
    /// `count` bytes.  A machine without randomness cannot go on: the process ends.
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // `bytes` has the `count` bytes that the call writes.
        let result = unsafe RAND_bytes(&bytes, Int32(count))
        precondition(result == 1, "the host's random generator failed")
        return bytes
    }

    /// 64 random bits.
    public static func number() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
