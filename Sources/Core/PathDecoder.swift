/// Decodes the percent triplets of a path once and holds the decoded bytes against everything that is
/// refused whatever the route: controls, backslashes, invalid UTF-8.  A percent sign that was encoded itself is a
/// percent sign: what a server makes of `%252e` that decodes twice is not judged here.
struct PathDecoder {
    /// One decoded byte.
    struct Unit {
        var octet: UInt8
        /// True where a percent triplet stood for it.
        var wasEncoded: Bool
    }

    private var utf8 = UTF8Check()

    init() {}

    /// True where no UTF-8 sequence is left unfinished.
    var isComplete: Bool { utf8.isComplete }

    /// The byte at `index`, which moves behind it.
    mutating func next(_ octets: Span<UInt8>, at index: inout Int) -> Result<Unit, ReasonCode> {
        var unit = Unit(octet: octets[index], wasEncoded: false)
        if unit.octet == UInt8(ascii: "%") {
            guard index + 2 < octets.count,
                let high = ASCII.hexadecimalValue(octets[index + 1]),
                let low = ASCII.hexadecimalValue(octets[index + 2])
            else { return .failure(.pathMalformed) }
            unit = Unit(octet: high << 4 | low, wasEncoded: true)
            index += 3
        } else {
            // RFC 3986 §3.3 has no place for these; `?` and `#` end a path.
            switch unit.octet {
            case 0x20, UInt8(ascii: "?"), UInt8(ascii: "#"), 0x80...: return .failure(.pathMalformed)
            default: index += 1
            }
        }
        guard unit.octet >= 0x20, unit.octet != 0x7F else { return .failure(.pathControl) }
        guard unit.octet != UInt8(ascii: "\\") else { return .failure(.pathBackslash) }
        guard utf8.accept(unit.octet) else { return .failure(.pathInvalidUTF8) }
        return .success(unit)
    }
}

/// UTF-8 byte by byte, without overlong forms and surrogates (RFC 3629 §4).
private struct UTF8Check {
    private var pending: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    var isComplete: Bool { pending == 0 }

    mutating func accept(_ octet: UInt8) -> Bool {
        guard pending == 0 else {
            guard octet >= lowest, octet <= highest else { return false }
            pending -= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch octet {
        case 0x00...0x7F: break
        case 0xC2...0xDF: pending = 1
        case 0xE0: (pending, lowest) = (2, 0xA0)
        case 0xED: (pending, highest) = (2, 0x9F)
        case 0xE1...0xEF: pending = 2
        case 0xF0: (pending, lowest) = (3, 0x90)
        case 0xF4: (pending, highest) = (3, 0x8F)
        case 0xF1...0xF3: pending = 3
        default: return false
        }
        return true
    }
}
