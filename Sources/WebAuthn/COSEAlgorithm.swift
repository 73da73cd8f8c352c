/// The signature algorithms that are taken, by their number in COSE (IANA "COSE Algorithms"), in the order in which a
/// relying party prefers them: `pubKeyCredParams` of the options for `navigator.credentials.create()`.
public enum COSEAlgorithm: Int, CaseIterable, Sendable, Hashable {
    /// ECDSA on P-256 with SHA-256 (RFC 9053 §2.1; WebAuthn L3 §5.8.5 ties the curve to the number).
    case es256 = -7
    /// EdDSA on Ed25519 (RFC 9053 §2.2).
    case eddsa = -8
    /// ECDSA on P-384 with SHA-384.
    case es384 = -35
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 §2).
    case rs256 = -257
}
