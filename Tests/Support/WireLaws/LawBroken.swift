/// A property that must hold for every input, and did not.
public struct LawBroken: Error, CustomStringConvertible {
    public let description: String

    init(_ words: String, _ bytes: [UInt8]) {
        description = "\(words): \(Self.shown(bytes))"
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.prefix(400).map { byte in
            switch byte {
            case 0x5C: "\\\\"
            case 0x20..<0x7F: String(UnicodeScalar(byte))
            case 0x0D: "\\r"
            case 0x0A: "\\n"
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}

extension [UInt8] {
    /// The bytes of a range that a parser named; nil where it lies outside.
    func at(_ range: Range<Int>) -> [UInt8]? {
        range.lowerBound >= 0 && range.upperBound <= count ? Array(self[range]) : nil
    }

    /// ASCII letters in lower case.
    var lowercased: [UInt8] { map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
}
