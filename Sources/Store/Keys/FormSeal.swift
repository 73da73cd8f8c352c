import Core
import HostCrypto

/// Seals what travels through browsers and comes back, and codes that prove where a form came from.
///
/// The keys hang on the directory's, so that forms outlive a restart and every node reads every other's.  Each seal
/// has a key of its own, derived with a random salt: what a flood of visitors asks for never wears a key out.
public final class FormSeal: Sendable {
    private static let saltByteCount = 16

    private let sealing: SecretBytes
    private let codes: IndexKey

    init(sealing: consuming SecretBytes, codes: consuming SecretBytes) {
        self.sealing = sealing
        self.codes = IndexKey(codes)
    }

    /// Seals `plain` for one purpose and one context, such as the browser that it is handed to.
    public func seal(_ plain: [UInt8], purpose: String, context: [UInt8]) -> [UInt8] {
        let salt = SecureRandom.bytes(Self.saltByteCount)
        return salt + AES256GCM.seal(plain, key: key(salt), associatedData: Self.binding(purpose, context))
    }

    /// What `seal` was given; nil for another purpose or context, and for changed bytes.
    public func open(_ sealed: [UInt8], purpose: String, context: [UInt8]) -> [UInt8]? {
        guard sealed.count > Self.saltByteCount else { return nil }
        let salt = Array(sealed.prefix(Self.saltByteCount))
        return try? AES256GCM.open(
            Array(sealed.dropFirst(Self.saltByteCount)), key: key(salt), associatedData: Self.binding(purpose, context))
    }

    /// 32 bytes that only this installation can make of `value`, another for each purpose.
    public func code(purpose: String, for value: String) -> [UInt8] { codes.index(purpose, value) }

    private func key(_ salt: [UInt8]) -> SecretBytes {
        HKDFSHA256.derive(from: sealing, salt: salt, info: Array("gatehouse form 1".utf8), count: 32)
    }

    private static func binding(_ purpose: String, _ context: [UInt8]) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(purpose)
        encoder.append(context)
        return encoder.bytes
    }
}
