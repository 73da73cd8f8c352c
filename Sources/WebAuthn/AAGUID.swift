import Core

/// Which model of authenticator made a credential (WebAuthn L3 §6.5.1): 16 bytes, written as a UUID.  All zero where
/// the model is not told.  It is the authenticator's word unless the registration is `.attested`.
public struct AAGUID: Sendable, Hashable, CustomStringConvertible {
    public static let byteCount = 16
    /// What stands where a client hides the model.
    public static let unknown = AAGUID(checked: [UInt8](repeating: 0, count: byteCount))

    /// The 16 bytes.
    public let octets: [UInt8]

    private init(checked octets: [UInt8]) { self.octets = octets }

    /// Nil where there are not 16 bytes.
    public init?(octets: [UInt8]) {
        guard octets.count == Self.byteCount else { return nil }
        self.init(checked: octets)
    }

    /// Reads the form `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, digits in either case; nil for anything else.
    public init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var octets: [UInt8] = []
        var index = 0
        while index < characters.count {
            if [8, 13, 18, 23].contains(index) {
                guard characters[index] == UInt8(ascii: "-") else { return nil }
                index += 1
                continue
            }
            guard let high = ASCII.hexadecimalValue(characters[index]),
                let low = ASCII.hexadecimalValue(characters[index + 1])
            else { return nil }
            octets.append(high << 4 | low)
            index += 2
        }
        self.init(octets: octets)
    }

    /// The UUID's form in lower case.
    public var description: String {
        var text: [UInt8] = []
        for (index, octet) in octets.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(ASCII.hexadecimalDigit(octet >> 4))
            text.append(ASCII.hexadecimalDigit(octet))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
