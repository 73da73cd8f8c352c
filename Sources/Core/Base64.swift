/// Base64 (RFC 4648 §4 and §5), strict: one text for each sequence of bytes.
public enum Base64 {
    /// Which 64 characters, and whether the end is padded with `=`.
    public enum Alphabet: Sendable {
        /// `+`, `/` and padding (§4).
        case standard
        /// `-`, `_` and no padding (§5), for URLs, cookies and JOSE.
        case url
    }

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8], alphabet: Alphabet) -> String {
        String(decoding: encodedOctets(bytes, alphabet: alphabet), as: UTF8.self)
    }

    /// The text of `bytes` as octets, for what must be wiped after use.
    public static func encodedOctets(_ bytes: [UInt8], alphabet: Alphabet) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let taken = min(3, bytes.count - index)
            var bits: UInt32 = 0
            for position in 0..<3 {
                bits <<= 8
                if position < taken { bits |= UInt32(bytes[index + position]) }
            }
            for position in 0...taken {
                output.append(character(UInt8(bits >> UInt32(18 - 6 * position) & 63), alphabet))
            }
            if alphabet == .standard, taken < 3 {
                output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - taken))
            }
            index += taken
        }
        return output
    }

    /// The bytes of a text; nil for another alphabet's characters, wrong padding or bits left over (§3.5).
    public static func decode(_ text: some Sequence<UInt8>, alphabet: Alphabet) -> [UInt8]? {
        var octets = Array(text)
        defer { Wiping.wipe(&octets) }
        var length = octets.count
        if alphabet == .standard {
            guard length % 4 == 0 else { return nil }
            for _ in 0..<2 where length > 0 && octets[length - 1] == UInt8(ascii: "=") { length -= 1 }
            guard (length + 3) / 4 * 4 == octets.count else { return nil }
        }
        guard length % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(length * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for index in 0..<length {
            guard let value = value(octets[index], alphabet) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
                bits &= (1 << UInt32(held)) - 1
            }
        }
        guard bits == 0 else {
            Wiping.wipe(&output)
            return nil
        }
        return output
    }

    private static func character(_ value: UInt8, _ alphabet: Alphabet) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: alphabet == .url ? UInt8(ascii: "-") : UInt8(ascii: "+")
        default: alphabet == .url ? UInt8(ascii: "_") : UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case alphabet == .url ? UInt8(ascii: "-") : UInt8(ascii: "+"): 62
        case alphabet == .url ? UInt8(ascii: "_") : UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
