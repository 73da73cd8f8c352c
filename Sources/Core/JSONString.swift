/// Strings of JSON, written as bytes.
public enum JSONString {
    /// Appends the octets in quotes (RFC 8259 §7): controls and DEL as `\u00XX`, quote and backslash escaped.  They are
    /// taken for UTF-8 and not checked; no copy of them is made besides.
    public static func append(_ octets: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for index in octets.indices {
            let octet = octets[index]
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(octet)
            case 0x00..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(ASCII.hexadecimalDigit(octet >> 4))
                bytes.append(ASCII.hexadecimalDigit(octet))
            default: bytes.append(octet)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
