/// Values one after the other, each with its length in two bytes before it.
struct AttemptWriter {
    private(set) var bytes: [UInt8] = []

    /// - Parameter octets: at most 65,535.
    mutating func append(_ octets: some Collection<UInt8>) {
        bytes.append(UInt8(truncatingIfNeeded: octets.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: octets.count))
        bytes.append(contentsOf: octets)
    }

    mutating func append(_ text: String?) { append((text ?? "").utf8) }

    mutating func append(_ number: UInt64) {
        append((0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) })
    }

    mutating func append(_ number: Int64) { append(UInt64(bitPattern: number)) }
}

/// Reads what `AttemptWriter` wrote.  What it reads was authenticated before; a wrong length is nil all the same.
struct AttemptReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether all was read.
    var isAtEnd: Bool { position == bytes.count }

    mutating func octets() -> [UInt8]? {
        guard bytes.count - position >= 2 else { return nil }
        let count = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard bytes.count - position - 2 >= count else { return nil }
        defer { position += 2 + count }
        return Array(bytes[position + 2..<position + 2 + count])
    }

    mutating func text() -> String? { octets().flatMap { String(validating: $0, as: UTF8.self) } }

    mutating func unsigned() -> UInt64? {
        guard let octets = octets(), octets.count == 8 else { return nil }
        return octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func number() -> Int64? { unsigned().map { Int64(bitPattern: $0) } }
}
