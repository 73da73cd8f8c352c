import HostCrypto
import Store

/// Recovery codes: 80 random bits as 16 characters that cannot be taken for each other (Crockford's base32).
public enum RecoveryCode {
    /// Characters of a code.
    public static let length = 16
    /// At so many and fewer the member is warned.
    public static let fewLeft = 3
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A full set of new codes.
    static func makeSet() -> [String] { (0..<FactorRepository.recoveryCodeCount).map { _ in make() } }

    /// A new code, as it is kept.
    static func make() -> String {
        // 256 is a multiple of 32: every character is as likely.
        String(decoding: SecureRandom.bytes(length).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// A code as people read it: four groups of four.
    public static func grouped(_ code: String) -> String {
        let characters = Array(code)
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(separator: "-")
    }

    /// The code that was typed, with or without dashes and blanks, in any case, O for 0, I and L for 1; nil for what can
    /// be none.
    public static func normalised(_ typed: String) -> String? {
        guard typed.utf8.count <= TypedCode.longest else { return nil }
        var kept: [UInt8] = []
        for scalar in typed.unicodeScalars where !TypedCode.isBlank(scalar) && !TypedCode.isDash(scalar) {
            guard let character = character(scalar), kept.count < length else { return nil }
            kept.append(character)
        }
        return kept.count == length ? String(decoding: kept, as: UTF8.self) : nil
    }

    private static func character(_ scalar: Unicode.Scalar) -> UInt8? {
        if let digit = TypedCode.digit(scalar) { return UInt8(ascii: "0") + digit }
        // Full-width letters stand as far from their ASCII forms as full-width digits do.
        let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
        guard var octet = UInt8(exactly: value) else { return nil }
        if (0x61...0x7A).contains(octet) { octet -= 0x20 }
        switch octet {
        case UInt8(ascii: "O"): return UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return UInt8(ascii: "1")
        default: return alphabet.contains(octet) ? octet : nil
        }
    }
}
