/// An e-mail address in the one spelling that look-ups hash: trimmed, NFC, lower-case, the domain as A-labels.
///
/// What a person typed is kept beside it, sealed.  The rule has a version, which stands beside each hash, so
/// that a better rule can come and old hashes be made anew.
public struct NormalizedEmail: Hashable, Sendable {
    /// The version of this rule.
    public static let rule: Int64 = 1
    /// The longest address in bytes (RFC 5321 §4.5.3.1.3, without the angle brackets).
    public static let longest = 254

    /// The whole address.
    public let text: String
    /// The part behind the last `@`, A-labels, lower-case.
    public let domain: String

    /// Nil unless there is one part of 1…64 bytes before the last `@`, without blanks and controls, and a host name
    /// behind it.  Quoted local parts and address literals are refused.
    public init?(_ typed: String) {
        let trimmed = Self.trimmed(typed)
        guard trimmed.utf8.count <= 4 * Self.longest, let at = trimmed.lastIndex(of: "@") else { return nil }
        let local = Self.folded(String(trimmed[..<at]))
        guard (1...64).contains(local.utf8.count), !local.contains("@"),
            local.unicodeScalars.allSatisfy({
                Self.isVisible($0) && $0 != "\"" && $0 != "\\" && $0 != "<" && $0 != ">" && $0 != ","
            }), let domain = Self.asciiDomain(String(trimmed[trimmed.index(after: at)...]))
        else { return nil }
        let text = "\(local)@\(domain)"
        guard text.utf8.count <= Self.longest else { return nil }
        self.text = text
        self.domain = domain
    }

    /// A domain as the rule spells it: each label in NFC and lower-case, and as an A-label (RFC 5890 §2.3.2.1) where
    /// it is not ASCII; nil where it is no host name.
    public static func asciiDomain(_ typed: String) -> String? {
        guard typed.utf8.count <= 1024 else { return nil }
        let labels = folded(trimmed(typed)).split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 1 else { return nil }
        var written: [String] = []
        for label in labels {
            guard let ascii = asciiLabel(String(label)) else { return nil }
            written.append(ascii)
        }
        let domain = written.joined(separator: ".")
        return domain.utf8.count <= 253 ? domain : nil
    }

    private static func asciiLabel(_ label: String) -> String? {
        let ascii: String
        if label.utf8.allSatisfy({ $0 < 0x80 }) {
            ascii = label
        } else {
            guard
                label.unicodeScalars.allSatisfy({
                    $0.value < 0x80 || $0.properties.isAlphabetic || $0.properties.numericType != nil
                        || $0.properties.generalCategory == .nonspacingMark
                        || $0.properties.generalCategory == .spacingMark
                }), let encoded = Punycode.encode(Array(label.unicodeScalars.map(\.value)))
            else { return nil }
            ascii = "xn--" + encoded
        }
        let octets = Array(ascii.utf8)
        guard (1...63).contains(octets.count), octets.first != UInt8(ascii: "-"), octets.last != UInt8(ascii: "-"),
            octets.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        return ascii
    }

    /// Neither blank nor a control.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x21...0x7E).contains(scalar.value) }
        return !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
    }

    private static func trimmed(_ text: String) -> String {
        // Nearly every address: nothing of it is blank, and no character has to be asked what it is.
        if text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return text }
        let isBlank = { (character: Character) in character.isWhitespace }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    /// NFC, lower-case, and NFC again: lower-casing may take a text out of the form.
    private static func folded(_ text: String) -> String {
        CanonicalComposition.of(CanonicalComposition.of(text).lowercased())
    }
}
