/// Questions about single bytes of US-ASCII (RFC 20), asked while protocol elements are read byte by byte.
public enum ASCII {
    /// The byte with `A`…`Z` replaced by `a`…`z`; every other byte as it is.
    @inlinable
    public static func lowercased(_ octet: UInt8) -> UInt8 {
        octet >= 0x41 && octet <= 0x5A ? octet | 0x20 : octet
    }

    /// The value, 0…15, of a hexadecimal digit in either case; nil for every other byte.
    @inlinable
    public static func hexadecimalValue(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x41 + 10
        case 0x61...0x66: octet - 0x61 + 10
        default: nil
        }
    }

    /// The lower-case hexadecimal digit of a value; only its low four bits count.
    @inlinable
    public static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        let nibble = value & 15
        return nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }

    /// Appends `%` and two upper-case hexadecimal digits (RFC 3986 §2.1).
    @inlinable
    public static func appendPercentEncoded(_ octet: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(upperCaseDigit(octet >> 4))
        bytes.append(upperCaseDigit(octet & 15))
    }

    @usableFromInline
    static func upperCaseDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10 }
}
