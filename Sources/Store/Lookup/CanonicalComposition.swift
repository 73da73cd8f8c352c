@_spi(_Unicode) import Swift

/// Unicode's canonical composition (NFC, UAX #15): one spelling for what looks the same.
///
/// It stands here because the standard library's own NFC is an SPI that this target alone may import.
public enum CanonicalComposition {
    /// The text in NFC.
    public static func of(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var output = String.UnicodeScalarView()
        for scalar in text._nfc { output.append(scalar) }
        return String(output)
    }

    /// The text in NFD: each accent behind its letter, for comparisons that leave accents out.
    public static func decomposed(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var output = String.UnicodeScalarView()
        for scalar in text._nfd { output.append(scalar) }
        return String(output)
    }
}
