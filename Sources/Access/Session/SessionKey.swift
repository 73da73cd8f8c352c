/// The SHA-256 of a session token, the only form in which a token is looked up, kept or compared.
public struct SessionKey: Hashable, Sendable {
    /// The digest's four quarters, read as big-endian numbers.
    public let words: (UInt64, UInt64, UInt64, UInt64)

    public init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        words = (first, second, third, fourth)
    }

    /// From the 32 bytes of the digest; nil for any other count.
    public init?(digest: Span<UInt8>) {
        guard digest.count == 32 else { return nil }
        var quarters: InlineArray<4, UInt64> = [0, 0, 0, 0]
        for index in 0..<32 { quarters[index >> 3] = quarters[index >> 3] << 8 | UInt64(digest[index]) }
        self.init(quarters[0], quarters[1], quarters[2], quarters[3])
    }

    public static func == (one: Self, other: Self) -> Bool { one.words == other.words }

    /// One quarter is enough: it is a hash already, and the table's own seed keeps chosen tokens apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
