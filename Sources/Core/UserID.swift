/// The id of a user: a UUID (RFC 9562), the same everywhere the user appears.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The first and last eight bytes in network order, read as big-endian numbers.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the text form of RFC 9562 §4, hexadecimal in either case; nil for anything else.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        guard octets.count == 36 else { return nil }
        var bits: UInt128 = 0
        for (index, octet) in octets.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard octet == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = ASCII.hexadecimalValue(octet) else { return nil }
                bits = bits << 4 | UInt128(digit)
            }
        }
        self.init(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }

    /// The text form, lower-case.
    public var description: String {
        var octets: [UInt8] = []
        octets.reserveCapacity(36)
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { octets.append(UInt8(ascii: "-")) }
            let half = index < 16 ? high : low
            octets.append(ASCII.hexadecimalDigit(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15)))))
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
