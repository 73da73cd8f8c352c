import COpenSSL

/// A public key that somebody else made, for one algorithm.
///
/// Stops keys that only look like one: a point off its curve, an RSA modulus or exponent out of bounds, a key of
/// another kind than the algorithm's.
public struct SignatureVerifier: Sendable {
    private let key: ForeignPublicKey
    private let algorithm: SignatureAlgorithm

    /// Nil where the numbers make no key of the algorithm: coordinates of other lengths than the curve's or off the
    /// curve, RSA below 2048 or above 8192 bits, an exponent that is even, below 3 or above 64 bits.  Whether the bytes
    /// of an Ed25519 key are a point is found at the first verification, which fails.
    public init?(_ key: PublicKeyMaterial, _ algorithm: SignatureAlgorithm) {
        guard let key = ForeignPublicKey(key), key.fits(algorithm) else { return nil }
        (self.key, self.algorithm) = (key, algorithm)
    }

    /// For a key that was found to fit the algorithm.
    init?(_ key: ForeignPublicKey, _ algorithm: SignatureAlgorithm) {
        guard key.fits(algorithm) else { return nil }
        (self.key, self.algorithm) = (key, algorithm)
    }

    /// Whether this is the key's signature of the message: for ECDSA the pair in DER (RFC 3279 §2.2.3), for RSA as many
    /// bytes as the modulus, for Ed25519 64.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isSignature(signature, of: message, algorithm)
    }
}

/// OpenSSL's form of a public key.
@safe final class ForeignPublicKey: @unchecked Sendable {
    // `@unchecked`: the key is not changed after `init`, and OpenSSL verifies with one key from many threads.
    // Freed in `deinit` alone.
    private let key: OpaquePointer

    /// Takes the key over.
    init(taking key: OpaquePointer) { unsafe self.key = key }

    /// Nil where the numbers make no key.
    convenience init?(_ material: PublicKeyMaterial) {
        let made: OpaquePointer?
        switch material {
        case .p256(let x, let y): unsafe made = Self.point("P-256", x, y, bytes: 32)
        case .p384(let x, let y): unsafe made = Self.point("P-384", x, y, bytes: 48)
        case .rsa(let modulus, let exponent):
            unsafe made = gh_rsa_public(modulus, modulus.count, exponent, exponent.count)
        case .ed25519(let octets):
            // The call reads 32 bytes.
            unsafe made = octets.count == 32 ? gh_ed25519_public(octets) : nil
        }
        guard let made = unsafe made else {
            ERR_clear_error()
            return nil
        }
        unsafe self.init(taking: made)
    }

    deinit { unsafe EVP_PKEY_free(key) }

    private static func point(_ group: String, _ x: [UInt8], _ y: [UInt8], bytes: Int) -> OpaquePointer? {
        guard x.count == bytes, y.count == bytes else { return nil }
        let point = [4] + x + y
        return unsafe gh_ec_public(group, point, point.count)
    }

    /// Whether the key is of the algorithm's kind, curve and size.
    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        defer { ERR_clear_error() }
        return unsafe gh_key_fits(key, algorithm.number) == 1
    }

    /// Whether this is the key's signature; the key must fit the algorithm.
    func isSignature(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        let result = unsafe gh_signature_verify(
            key, algorithm.number, message, message.count, signature, signature.count)
        if result != 1 { ERR_clear_error() }
        return result == 1
    }
}
