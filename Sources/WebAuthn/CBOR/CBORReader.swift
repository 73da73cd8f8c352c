/// Reads CBOR (RFC 8949) in CTAP2's canonical form (CTAP 2.1 §8), which WebAuthn L3 §2 asks for: definite lengths, the
/// shortest form of every number, keys in ascending order, no tags.
///
/// One sequence of bytes has one reading, so that a signature over the bytes is one over what was read.  The depth has
/// a bound; the number of items needs none, because each takes a byte at least.
struct CBORReader {
    /// Containers within each other: what a CTAP2 message has.
    static let deepestMessage = 4
    /// An attestation object may hold whole statements within its own (`compound`, WebAuthn L3 §8.9).
    static let deepestAttestationObject = 5

    private let bytes: [UInt8]
    private let deepest: Int
    /// The index of the byte that is read next.
    private(set) var position: Int

    /// Begins at the index.
    init(_ bytes: [UInt8], at position: Int = 0, deepest: Int) {
        self.bytes = bytes
        self.position = position
        self.deepest = deepest
    }

    /// The one item that the bytes are.
    static func read(_ bytes: [UInt8], deepest: Int) throws(WebAuthnRefusal) -> CBORItem {
        var reader = CBORReader(bytes, deepest: deepest)
        let item = try reader.item()
        guard reader.isAtEnd else { throw .cborMalformed }
        return item
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next item, whole.
    mutating func item() throws(WebAuthnRefusal) -> CBORItem { try item(depth: 0) }

    private mutating func item(depth: Int) throws(WebAuthnRefusal) -> CBORItem {
        guard position < bytes.count else { throw .cborMalformed }
        let first = bytes[position]
        position += 1
        let argument = first & 0x1F
        switch first >> 5 {
        case 0: return .integer(try number(argument))
        case 1: return .integer(-1 - (try number(argument)))
        case 2: return .bytes(Array(try octets(argument)))
        case 3:
            let text = Array(try octets(argument))
            guard (try? UTF8Span(validating: text.span)) != nil else { throw .cborMalformed }
            return .text(text)
        case 4: return try array(argument, depth: depth + 1)
        case 5: return try map(argument, depth: depth + 1)
        case 7:
            // Simple values; 24 and above are other simple values, floating point and the end of indefinite lengths.
            switch argument {
            case 20: return .flag(false)
            case 21: return .flag(true)
            case 22: return .null
            default: throw .cborMalformed
            }
        default: throw .cborMalformed
        }
    }

    private mutating func array(_ argument: UInt8, depth: Int) throws(WebAuthnRefusal) -> CBORItem {
        let count = try count(argument, depth: depth)
        var items: [CBORItem] = []
        for _ in 0..<count { items.append(try item(depth: depth)) }
        return .array(items)
    }

    private mutating func map(_ argument: UInt8, depth: Int) throws(WebAuthnRefusal) -> CBORItem {
        let count = try count(argument, depth: depth)
        var entries: [CBORMap.Entry] = []
        var former: ArraySlice<UInt8> = []
        for _ in 0..<count {
            let start = position
            let key = try item(depth: depth)
            switch key {
            case .integer, .text: break
            default: throw .cborMalformed
            }
            // Ascending and never equal: nothing stands twice.
            guard entries.isEmpty || Self.isAscending(former, bytes[start..<position]) else { throw .cborMalformed }
            former = bytes[start..<position]
            entries.append(CBORMap.Entry(key: key, value: try item(depth: depth)))
        }
        return .map(CBORMap(entries: entries))
    }

    /// CTAP2's order of keys: the lower major type, then the shorter, then the lower bytes.
    private static func isAscending(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        guard let first = one.first, let second = other.first else { return false }
        if first >> 5 != second >> 5 { return first >> 5 < second >> 5 }
        if one.count != other.count { return one.count < other.count }
        return one.lexicographicallyPrecedes(other)
    }

    /// How many items or pairs a container has: no more than there are bytes left.
    private mutating func count(_ argument: UInt8, depth: Int) throws(WebAuthnRefusal) -> Int {
        guard depth <= deepest else { throw .cborMalformed }
        let count = try number(argument)
        guard count <= bytes.count - position else { throw .cborMalformed }
        return Int(count)
    }

    private mutating func octets(_ argument: UInt8) throws(WebAuthnRefusal) -> ArraySlice<UInt8> {
        let count = try number(argument)
        guard count <= bytes.count - position else { throw .cborMalformed }
        let start = position
        position += Int(count)
        return bytes[start..<position]
    }

    /// The number of an item's head (RFC 8949 §3), in its shortest form; what 63 bits do not hold is refused.
    private mutating func number(_ argument: UInt8) throws(WebAuthnRefusal) -> Int64 {
        guard argument >= 24 else { return Int64(argument) }
        // 28 to 30 are reserved, 31 is an indefinite length.
        guard argument < 28 else { throw .cborMalformed }
        let width = 1 << Int(argument - 24)
        guard bytes.count - position >= width else { throw .cborMalformed }
        let value = bytes[position..<position + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        position += width
        let least: UInt64 = width == 1 ? 24 : 1 << UInt64(4 * width)
        guard value >= least, let number = Int64(exactly: value) else { throw .cborMalformed }
        return number
    }
}
