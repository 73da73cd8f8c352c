/// Base32 (RFC 4648 §6) without padding, as `otpauth` addresses carry secrets; strict: one text for each sequence of
/// bytes.
public enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String { String(decoding: encodedOctets(bytes), as: UTF8.self) }

    /// The text of `bytes` as octets, for what must be wiped after use.
    public static func encodedOctets(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 8 + 4) / 5)
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 5 {
                held -= 5
                output.append(alphabet[Int(bits >> held & 31)])
            }
            bits &= (1 << held) - 1
        }
        if held > 0 { output.append(alphabet[Int(bits << (5 - held) & 31)]) }
        return output
    }

    /// The bytes of a text; nil for other characters, lower case and padding included, for a length that no bytes have,
    /// and for bits left over.
    public static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var (bits, held, count): (UInt32, UInt32, Int) = (0, 0, 0)
        for octet in text {
            guard let value = value(octet) else {
                Wiping.wipe(&output)
                return nil
            }
            bits = bits << 5 | value
            held += 5
            count += 1
            if held >= 8 {
                held -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> held))
                bits &= (1 << held) - 1
            }
        }
        guard bits == 0, [0, 2, 4, 5, 7].contains(count % 8) else {
            Wiping.wipe(&output)
            return nil
        }
        return output
    }

    private static func value(_ octet: UInt8) -> UInt32? {
        switch octet {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(octet - UInt8(ascii: "A"))
        case UInt8(ascii: "2")...UInt8(ascii: "7"): UInt32(octet - UInt8(ascii: "2")) + 26
        default: nil
        }
    }
}
