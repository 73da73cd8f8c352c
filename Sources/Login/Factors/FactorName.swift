import Store

/// What members call their factors.
enum FactorName {
    /// Characters of a name.
    static let bounds = 1...64
    /// Names longer than that are not looked at, in bytes.
    static let longest = 1024

    /// The name as it is kept: NFC, without blanks at its ends; nil where it has none or too many characters, controls,
    /// or marks that turn the direction of text.
    static func accepted(_ typed: String) -> String? {
        guard typed.utf8.count <= longest else { return nil }
        var scalars = CanonicalComposition.of(typed).unicodeScalars[...]
        scalars = scalars.drop { $0.properties.isWhitespace }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let name = String(String.UnicodeScalarView(scalars))
        guard bounds.contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: isControl) else {
            return nil
        }
        return name
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        default: false
        }
    }
}
