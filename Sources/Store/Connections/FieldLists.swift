/// Lists and absent values among the fields of a sealed record.
extension FieldEncoder {
    /// A list of any length, as one field.
    mutating func append(list: [String]) {
        var inner = FieldEncoder()
        for text in list { inner.append(text) }
        append(inner.bytes)
    }

    /// A text that may be absent; an empty one is not absent.
    mutating func append(optional text: String?) { append(list: text.map { [$0] } ?? []) }
}

extension FieldDecoder {
    mutating func list() throws(Malformed) -> [String] {
        var inner = FieldDecoder(try octets())
        var texts: [String] = []
        while !inner.isAtEnd { texts.append(try inner.text()) }
        return texts
    }

    mutating func optionalText() throws(Malformed) -> String? {
        let list = try list()
        guard list.count < 2 else { throw Malformed() }
        return list.first
    }
}
