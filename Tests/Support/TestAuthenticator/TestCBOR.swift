/// CBOR as a test writes it: keys in the order in which they are given, lengths in their shortest form, and whatever
/// else is wanted as bytes.
public indirect enum TestCBOR: Sendable {
    case integer(Int)
    case bytes([UInt8])
    case text(String)
    case array([TestCBOR])
    case map([(key: TestCBOR, value: TestCBOR)])
    case flag(Bool)
    case raw([UInt8])

    /// The encoding.
    public var encoded: [UInt8] {
        switch self {
        case .integer(let number): number < 0 ? Self.head(1, -1 - number) : Self.head(0, number)
        case .bytes(let bytes): Self.head(2, bytes.count) + bytes
        case .text(let text): Self.head(3, text.utf8.count) + Array(text.utf8)
        case .array(let items): Self.head(4, items.count) + items.flatMap(\.encoded)
        case .map(let entries): Self.head(5, entries.count) + entries.flatMap { $0.key.encoded + $0.value.encoded }
        case .flag(let flag): [flag ? 0xF5 : 0xF4]
        case .raw(let bytes): bytes
        }
    }

    private static func head(_ major: UInt8, _ number: Int) -> [UInt8] {
        let type = major << 5
        switch number {
        case ..<24: return [type | UInt8(number)]
        case ..<256: return [type | 24, UInt8(number)]
        case ..<65536: return [type | 25, UInt8(number >> 8), UInt8(number & 0xFF)]
        default: return [type | 26] + (0..<4).map { UInt8(number >> (24 - 8 * $0) & 0xFF) }
        }
    }
}
