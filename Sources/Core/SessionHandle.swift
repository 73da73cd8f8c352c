/// The public name of a session: what `X-Session-ID`, logs and `session revoke` call it.  It proves
/// nothing; the token does, and is never derived from it.
///
/// Held without a reference, so that permits and log records carry it at the price of a few words.
public struct SessionHandle: Hashable, Sendable, CustomStringConvertible {
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    private var length: UInt8 = 0

    /// The longest handle in bytes; a UUID has 36.
    public static let longest = 40

    /// Nil unless `text` is 1…40 letters, digits, `-` or `_`.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        for octet in text.utf8 {
            switch octet {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x5F: append(octet)
            default: return nil
            }
        }
    }

    /// The handle as text.
    public var description: String {
        var octets: [UInt8] = []
        append(to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }

    /// Appends the handle's bytes, for a log line.
    public func append(to bytes: inout [UInt8]) {
        for index in 0..<Int(length) {
            bytes.append(UInt8(truncatingIfNeeded: word(index >> 3) >> UInt64(56 - 8 * (index & 7))))
        }
    }

    public static func == (one: Self, other: Self) -> Bool { one.words == other.words && one.length == other.length }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
        hasher.combine(words.4)
        hasher.combine(length)
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        case 3: words.3
        default: words.4
        }
    }

    private mutating func append(_ octet: UInt8) {
        let bits = UInt64(octet) << UInt64(56 - 8 * (length & 7))
        switch length >> 3 {
        case 0: words.0 |= bits
        case 1: words.1 |= bits
        case 2: words.2 |= bits
        case 3: words.3 |= bits
        default: words.4 |= bits
        }
        length += 1
    }
}
