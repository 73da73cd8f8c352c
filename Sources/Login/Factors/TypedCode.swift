/// What people type as a code, in the one spelling that is compared: blanks and dashes of every kind go, and digits of
/// every script become ASCII, as keyboards of phones write them.
enum TypedCode {
    /// Longer texts are no codes, in bytes.
    static let longest = 256

    /// So many decimal digits; nil for anything else.
    static func digits(_ typed: String, count: Int) -> String? {
        guard typed.utf8.count <= longest else { return nil }
        var kept: [UInt8] = []
        for scalar in typed.unicodeScalars where !isBlank(scalar) {
            guard let digit = digit(scalar), kept.count < count else { return nil }
            kept.append(UInt8(ascii: "0") + digit)
        }
        return kept.count == count ? String(decoding: kept, as: UTF8.self) : nil
    }

    /// The decimal digit that a scalar is (Unicode's General_Category Nd); nil for others.
    static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
        guard scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue else {
            return nil
        }
        return UInt8(exactly: value)
    }

    /// Blanks, and marks without width that come with copied text.
    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isWhitespace { return true }
        return scalar.properties.generalCategory == .format
    }

    static func isDash(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .dashPunctuation }
}
