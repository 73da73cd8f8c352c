import Core

/// Header text as mail writes it: ASCII as it is, everything else as encoded words (RFC 2047).
enum EncodedWord {
    /// Bytes of text in one encoded word: 45 make 60 of base64, and 72 with what stands around them (§2).
    static let longestPiece = 45

    /// A value without structure, such as a subject; folded into lines of at most 76 bytes where it is encoded.
    static func text(_ text: String) -> String {
        let clean = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        let isPlain = clean.utf8.allSatisfy { $0 < 0x80 } && !clean.contains("=?") && clean.utf8.count <= 60
        return isPlain ? clean : words(clean)
    }

    /// A name before an address: a quoted text, or encoded words (RFC 5322 §3.2.4).
    static func phrase(_ name: String) -> String {
        guard name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !name.contains("=?"), name.utf8.count <= 60 else {
            return words(name)
        }
        let escaped = name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }

    /// No character is torn in two (§5).
    private static func words(_ text: String) -> String {
        var pieces: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let octets = Array(String(scalar).utf8)
            if pieces[pieces.count - 1].count + octets.count > longestPiece { pieces.append([]) }
            pieces[pieces.count - 1] += octets
        }
        return pieces.map { "=?utf-8?B?\(Base64.encode($0, alphabet: .standard))?=" }.joined(separator: "\r\n ")
    }
}
