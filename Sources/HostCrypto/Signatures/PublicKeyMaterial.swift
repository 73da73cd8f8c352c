import COpenSSL

/// How a message is signed.
public enum SignatureAlgorithm: Sendable, Hashable, CaseIterable {
    /// ECDSA on P-256 with SHA-256 (FIPS 186-4).
    case es256
    /// ECDSA on P-384 with SHA-384.
    case es384
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), 2048 to 8192 bits.
    case rs256
    /// EdDSA on Ed25519 (RFC 8032 §5.1).
    case eddsa

    /// The shim's number for it.
    var number: Int32 {
        switch self {
        case .es256: GH_ES256
        case .es384: GH_ES384
        case .rs256: GH_RS256
        case .eddsa: GH_EDDSA
        }
    }
}

/// The numbers of a public key, big-endian, as its owner gave them.  Whether they make a key is found by
/// `SignatureVerifier`.
public enum PublicKeyMaterial: Sendable, Hashable {
    /// The affine coordinates, 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
    /// The affine coordinates, 48 bytes each.
    case p384(x: [UInt8], y: [UInt8])
    /// The modulus and the public exponent.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// The 32 bytes of RFC 8032 §5.1.5.
    case ed25519([UInt8])
}
