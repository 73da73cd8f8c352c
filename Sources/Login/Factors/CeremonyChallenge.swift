import HostCrypto

/// The challenge of a passkey's ceremony (WebAuthn L3 §13.4.3): it follows from the attempt's id, so that the server
/// keeps nothing of it, and nobody chooses it.
enum CeremonyChallenge {
    private static let purpose = Array("gatehouse webauthn challenge 1".utf8)

    /// 32 bytes.
    static func of(_ id: [UInt8]) -> [UInt8] { SHA256Digest.bytes(purpose + id) }
}
