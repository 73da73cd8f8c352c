/// A data item of CBOR (RFC 8949 §3), of the kinds that CTAP2 messages have; without tags and floating point.
indirect enum CBORItem: Sendable, Hashable {
    /// Either sign, as far as 64 bits with a sign reach.
    case integer(Int64)
    case bytes([UInt8])
    /// UTF-8, octet by octet: two texts that look alike stay two.
    case text([UInt8])
    case array([CBORItem])
    case map(CBORMap)
    case flag(Bool)
    case null
}

/// A map whose keys are numbers or texts, each once.
struct CBORMap: Sendable, Hashable {
    /// One key with its value.
    struct Entry: Sendable, Hashable {
        let key: CBORItem
        let value: CBORItem
    }

    /// In the order in which they stand.
    let entries: [Entry]

    /// The value under the text.
    subscript(_ text: StaticString) -> CBORItem? { self[.text(Array(text.description.utf8))] }

    /// The value under the number.
    subscript(_ number: Int64) -> CBORItem? { self[.integer(number)] }

    private subscript(_ key: CBORItem) -> CBORItem? { entries.first { $0.key == key }?.value }

    var count: Int { entries.count }
}
