import FoundationEssentials

/// How the portal writes JSON: for programs and for people who look at it in a terminal, with the keys in
/// order, so that two answers can be compared.
enum PortalJSON {
    /// `value` as JSON, indented, keys sorted, ended by a line feed.  Empty for a value that cannot be
    /// encoded, which none of ours is: text, whole numbers, arrays and dictionaries.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return [] }
        return Array(data) + [UInt8(ascii: "\n")]
    }
}
