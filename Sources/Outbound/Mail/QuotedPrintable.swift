/// Text as lines of at most 76 bytes of ASCII (RFC 2045 §6.7).
enum QuotedPrintable {
    /// Bytes of a line without its end.
    static let longestLine = 76

    /// The text with each line ended by CR LF; a line never begins with a dot, which SMTP reads in a way of its own.
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            append(line.filter { $0 != 0x0D }, to: &encoded)
            encoded += [0x0D, 0x0A]
        }
        return encoded
    }

    private static func append(_ line: [UInt8], to encoded: inout [UInt8]) {
        var width = 0
        for (index, octet) in line.enumerated() {
            let isLast = index == line.count - 1
            var piece = piece(octet, isFirst: width == 0, isLast: isLast)
            // One place is kept for the `=` of a soft end.
            if width + piece.count > longestLine - 1 {
                encoded += [UInt8(ascii: "="), 0x0D, 0x0A]
                width = 0
                piece = Self.piece(octet, isFirst: true, isLast: isLast)
            }
            encoded += piece
            width += piece.count
        }
    }

    private static func piece(_ octet: UInt8, isFirst: Bool, isLast: Bool) -> [UInt8] {
        let isPlain =
            switch octet {
            case UInt8(ascii: "="): false
            case UInt8(ascii: "."): !isFirst
            case 0x20, 0x09: !isLast
            default: (0x21...0x7E).contains(octet)
            }
        return isPlain ? [octet] : [UInt8(ascii: "="), digit(octet >> 4), digit(octet & 15)]
    }

    /// In capitals, as the standard asks for.
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
