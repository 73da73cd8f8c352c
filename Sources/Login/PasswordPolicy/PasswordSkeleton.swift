import Store

/// What is left of a text when nobody tries to make it look like another: no capitals, no accents, no digits and
/// symbols in the place of letters.
///
/// Both sides of a comparison are brought into it, so that each substitution is found whichever side it is on, and
/// every combination of them costs one look-up.
enum PasswordSkeleton {
    /// The skeleton of a text.
    static func of(_ text: String) -> String { substituted(folded(text)) }

    /// Lower-case in every script, without accents: `ß` is `ss`, `É` is `e`.
    static func folded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        var folded = String.UnicodeScalarView()
        for scalar in CanonicalComposition.decomposed(text.uppercased().lowercased()).unicodeScalars
        where !isMark(scalar) {
            folded.append(scalar)
        }
        return String(folded)
    }

    /// The usual substitutions undone; what stands for several letters becomes one of them on both sides.
    static func substituted(_ folded: String) -> String {
        var letters = String.UnicodeScalarView()
        for scalar in folded.unicodeScalars {
            letters.append(letter(scalar))
        }
        return String(letters)
    }

    private static func letter(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "4", "@": "a"
        case "8": "b"
        case "(": "c"
        case "3", "\u{20AC}": "e"
        case "6", "9": "g"
        case "1", "!", "|", "l": "i"
        case "0": "o"
        case "5", "$": "s"
        case "7", "+": "t"
        case "2": "z"
        default: scalar
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
