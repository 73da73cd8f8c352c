/// The hash of a folded field name, which is made while the name is validated.
///
/// Words of eight folded bytes, the first byte lowest, the last word filled with zeros: one by one or eight at a time
/// comes to the same.  A chosen collision costs the sender's own request a comparison.
struct NameHash {
    private var mixed: UInt64 = 0x811C_9DC5
    private var word: UInt64 = 0
    private var bits: UInt64 = 0

    /// The next folded byte.
    @inline(__always)
    mutating func add(_ folded: UInt8) {
        word |= UInt64(folded) << bits
        bits += 8
        if bits == 64 { end() }
    }

    /// The next `count` folded bytes, 1 to 8, at once; only the last such word may have less than 8, and a single byte may
    /// not stand before it.
    @inline(__always)
    mutating func add(_ folded: UInt64, count: Int) {
        word = folded
        bits = UInt64(truncatingIfNeeded: 8 &* count)
        if count == 8 { end() }
    }

    /// The hash of all that was added.
    @inline(__always)
    var value: UInt32 {
        var last = self
        if bits > 0 { last.end() }
        return UInt32(truncatingIfNeeded: last.mixed >> 32)
    }

    @inline(__always)
    private mutating func end() {
        mixed = ((mixed << 5 | mixed >> 59) ^ word) &* 0x9E37_79B9_7F4A_7C15
        word = 0
        bits = 0
    }
}

/// Eight bytes of a field name, looked at together.
struct NameBytes {
    private let bytes: UInt64

    @inline(__always)
    init(littleEndian bytes: UInt64) { self.bytes = UInt64(littleEndian: bytes) }

    /// How many at the front are letters, digits or `-`.
    ///
    /// A sum carries into a byte's highest bit where the byte is not less than a bound; bytes that have it already are none
    /// of them, and without it no sum reaches the next byte.
    @inline(__always)
    var plainCount: Int {
        let low = bytes & 0x7F7F_7F7F_7F7F_7F7F
        let small = low | 0x2020_2020_2020_2020
        // a…z, 0…9, and what is zero after an exclusive or with `-`.
        let letters = (small &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(small &+ 0x0505_0505_0505_0505)
        let digits = (low &+ 0x5050_5050_5050_5050) & ~(low &+ 0x4646_4646_4646_4646)
        let others = (low ^ 0x2D2D_2D2D_2D2D_2D2D) &+ 0x7F7F_7F7F_7F7F_7F7F
        let plain = (letters | digits | ~others) & ~bytes & 0x8080_8080_8080_8080
        return (plain ^ 0x8080_8080_8080_8080).trailingZeroBitCount >> 3
    }

    /// The first `count` of them, 1 to 8, in lower case, zeros behind; they are letters, digits or `-`.
    @inline(__always)
    func folded(first count: Int) -> UInt64 {
        (bytes | 0x2020_2020_2020_2020) & (UInt64.max >> UInt64(truncatingIfNeeded: 64 &- 8 &* count))
    }
}
