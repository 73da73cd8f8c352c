import COpenSSL
public import Core

/// A private key for ES256: ECDSA on P-256 with SHA-256 (RFC 7518 §3.4, FIPS 186-4).
@safe public final class ES256PrivateKey: @unchecked Sendable {
    // `@unchecked`: the key is not changed after `init`, and OpenSSL signs with one key from many threads.
    // Freed in `deinit` alone.
    private let key: OpaquePointer
    /// The public half.
    public let publicKey: ES256PublicKey

    /// A new random key.
    public convenience init() {
        guard let key = unsafe gh_p256_generate(), let made = unsafe Self.coordinates(key) else {
            preconditionFailure("the host's P-256 failed")
        }
        unsafe self.init(key, made)
    }

    /// Reads the PKCS#8 DER that `withPKCS8` gave; nil for anything but a P-256 private key.
    public convenience init?(pkcs8: borrowing SecretBytes) {
        let read = unsafe pkcs8.withBytes { unsafe $0.withUnsafeBytes { unsafe gh_p256_read(octets($0), $0.count) } }
        guard let key = unsafe read else {
            ERR_clear_error()
            return nil
        }
        guard let made = unsafe Self.coordinates(key) else {
            unsafe EVP_PKEY_free(key)
            return nil
        }
        unsafe self.init(key, made)
    }

    private init(_ key: OpaquePointer, _ publicKey: ES256PublicKey) {
        unsafe self.key = key
        self.publicKey = publicKey
    }

    deinit { unsafe EVP_PKEY_free(key) }

    private static func coordinates(_ key: OpaquePointer) -> ES256PublicKey? {
        var (x, y) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
        // Both have the 32 bytes that are written.
        guard unsafe gh_p256_coordinates(key, &x, &y) == 1 else { return nil }
        return ES256PublicKey(x: x, y: y)
    }

    /// The private key as PKCS#8 DER, to be sealed.
    public func pkcs8() -> SecretBytes {
        var output = [UInt8](repeating: 0, count: 256)
        defer { Wiping.wipe(&output) }
        // `output` has the capacity named.
        let count = unsafe gh_p256_write(key, &output, output.count)
        precondition(count > 0, "the host's PKCS#8 failed")
        return unsafe SecretBytes(copying: output.span.extracting(0..<count).bytes)
    }

    /// R and S, 32 bytes each, as JWS writes them.
    public func signature(of message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        // `signature` has the 64 bytes that are written.
        let result = unsafe gh_es256_sign(key, message, message.count, &signature)
        precondition(result == 1, "the host's ECDSA failed")
        return signature
    }
}

/// A public key for ES256, and its JWK (RFC 7517, RFC 7518 §6.2).
public struct ES256PublicKey: Hashable, Sendable {
    /// The affine coordinates, 32 bytes each, big-endian.
    public let x: [UInt8]
    public let y: [UInt8]

    /// Whether the coordinates are a point of the curve is found at the first verification.
    /// Nil where they have other lengths than 32.
    public init?(x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32 else { return nil }
        (self.x, self.y) = (x, y)
    }

    /// Whether the 64 bytes R, S are this key's signature of the message.
    public func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        guard let key = unsafe gh_p256_public(x, y) else {
            ERR_clear_error()
            return false
        }
        defer { unsafe EVP_PKEY_free(key) }
        let result = unsafe gh_es256_verify(key, message, message.count, signature)
        if result != 1 { ERR_clear_error() }
        return result == 1
    }

    /// The thumbprint (RFC 7638), which serves as `kid`.
    public var thumbprint: String {
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(text(x))","y":"\#(text(y))"}"#
        return Base64.encode(SHA256Digest.bytes(Array(canonical.utf8)), alphabet: .url)
    }

    /// The JWK as JSON, with `kid`, `alg` and `use`.
    public var jwk: String {
        #"{"kty":"EC","crv":"P-256","x":"\#(text(x))","y":"\#(text(y))","kid":"\#(thumbprint)","#
            + #""alg":"ES256","use":"sig"}"#
    }

    private func text(_ coordinate: [UInt8]) -> String { Base64.encode(coordinate, alphabet: .url) }
}
