/// Values one after the other, each with its length before it: two different lists never give the same bytes.
///
/// It is what is sealed, what is bound to a sealed record, and what a row's code is computed over.
struct FieldEncoder: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ octets: [UInt8]) {
        let count = UInt32(octets.count)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        bytes.append(contentsOf: octets)
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    mutating func append(_ number: Int64) { append(number.bigEndianOctets) }

    /// A column's value, with its type: an empty text is not NULL.
    mutating func append(_ value: SQLValue) {
        switch value {
        case .null: append([0])
        case .integer(let number): append([1] + number.bigEndianOctets)
        case .text(let text): append([2] + Array(text.utf8))
        case .blob(let octets): append([3] + octets)
        }
    }
}

/// Reads what `FieldEncoder` wrote.  What it reads was authenticated before; a wrong length ends in an error all
/// the same.
struct FieldDecoder {
    /// The bytes end too early, go on too long, or are no UTF-8.
    struct Malformed: Error, Sendable {}

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func octets() throws(Malformed) -> [UInt8] {
        guard bytes.count - position >= 4 else { throw Malformed() }
        let count = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        position += 4
        guard count <= bytes.count - position else { throw Malformed() }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try octets(), as: UTF8.self) else { throw Malformed() }
        return text
    }

    mutating func number() throws(Malformed) -> Int64 {
        let octets = try octets()
        guard octets.count == 8 else { throw Malformed() }
        return Int64(bitPattern: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Whether all was read.
    var isAtEnd: Bool { position == bytes.count }
}

extension Int64 {
    /// Eight octets, the most significant first.
    var bigEndianOctets: [UInt8] {
        let bits = UInt64(bitPattern: self)
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    }
}
