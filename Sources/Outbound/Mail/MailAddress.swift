/// An address of a mail with the name that stands before it: `Example <no-reply@example.org>` (RFC 5322 §3.4).
///
/// Only what can stand in an envelope and in a header without ending either is one.
public struct MailAddress: Sendable, Hashable {
    /// Bytes of an address (RFC 5321 §4.5.3.1.3, without the angle brackets).
    public static let longestAddress = 254
    /// Bytes of a name.
    public static let longestName = 200

    /// Without name and angle brackets.
    public let address: String
    /// Empty where there is none.
    public let name: String

    /// Nil where the address is none, or the name holds controls.
    public init?(_ address: String, name: String = "") {
        guard address.utf8.count <= Self.longestAddress, let at = address.lastIndex(of: "@"),
            address.startIndex < at, address.index(after: at) < address.endIndex, address.first != "@",
            address.unicodeScalars.allSatisfy(Self.mayStandInAddress),
            !address[..<at].contains("@"), name.utf8.count <= Self.longestName,
            name.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control && $0 != "\u{2028}" && $0 != "\u{2029}"
            })
        else { return nil }
        self.address = address
        self.name = name
    }

    /// Reads `NAME <ADDRESS>`, `"NAME" <ADDRESS>` or an address alone.
    public init?(parsing text: String) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(text)
            return
        }
        var name = text[..<open].drop(while: { $0 == " " })
        while name.last == " " { name.removeLast() }
        if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        self.init(String(text[text.index(after: open)...].dropLast()), name: String(name))
    }

    /// What stands behind the `@`.
    public var domain: String {
        String(address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...])
    }

    /// As a header's value says it: the name as text or encoded words, never as it came.
    var field: String {
        guard !name.isEmpty else { return address.utf8.allSatisfy({ $0 < 0x80 }) ? address : "<\(address)>" }
        return "\(EncodedWord.phrase(name)) <\(address)>"
    }

    /// For logs: the first character and the domain (security rule 31).
    public var masked: String { Self.masked(address) }

    /// `j…@example.org`; `…` for what is no address.
    public static func masked(_ address: String) -> String {
        guard let at = address.lastIndex(of: "@"), let first = address.first, first != "@" else { return "…" }
        return "\(first)…\(address[at...])"
    }

    private static func mayStandInAddress(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return scalar.value > 0x20 && scalar.value != 0x7F && !"<>\"\\,;:()[]".unicodeScalars.contains(scalar)
        }
        let category = scalar.properties.generalCategory
        return category != .control && category != .format && !scalar.properties.isWhitespace
    }
}
