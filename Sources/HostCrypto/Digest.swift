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
                // `target` has the 32 bytes that are written.
                let isDone = unsafe gh_sha256(
                    input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count, target.baseAddress!)
                // A digest that is not one would be everybody's key.
                precondition(isDone == 1, "the host's SHA-256 failed")
            }
        }
        return unsafe digest.span.withUnsafeBytes { octets in
            // Four words of eight bytes each.
            Words(
                first: UInt64(bigEndian: unsafe octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                second: UInt64(bigEndian: unsafe octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                third: UInt64(bigEndian: unsafe octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                fourth: UInt64(bigEndian: unsafe octets.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
        }
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
