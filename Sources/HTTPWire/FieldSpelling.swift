/// Field names as a configuration spells them, held against the names of messages.
///
/// Names are compared as lenient servers read them: without case, every character that is neither a letter nor a
/// digit taken for `-`.  Whoever removes `X-Debug` removes `x_debug`, too.
///
/// Invariant of the unsafe code: a pointer into an array is used while the array is lent, with its own count.
public enum FieldSpelling {
    /// Bytes of the longest name that a configuration may spell.
    public static let longest = 100

    /// The name as it is compared; nil where it is no token (RFC 9110 §5.6.2) of 1 to `longest` bytes.
    public static func folded(_ name: String) -> [UInt8]? {
        guard (1...longest).contains(name.utf8.count) else { return nil }
        let folded = name.utf8.map(FieldScanner.fold)
        return folded.contains(0) ? nil : folded
    }

    /// True where a message's field name is read like `folded`.
    public static func isSame(_ name: RawSpan, _ folded: [UInt8]) -> Bool {
        guard name.byteCount == folded.count else { return false }
        for index in folded.indices where FieldScanner.fold(name.octet(index)) != folded[index] { return false }
        return true
    }

    /// True where a message's field name begins, as it is read, with `folded`.
    public static func begins(_ name: RawSpan, _ folded: [UInt8]) -> Bool {
        name.byteCount > folded.count && isSame(name.extracting(0..<folded.count), folded)
    }

    /// What a field of this name is to Gatehouse; nil where it is no token.
    public static func meaning(of name: String) -> FieldName? {
        guard let folded = folded(name) else { return nil }
        let octets = Array(name.utf8)
        var hash = NameHash()
        for byte in folded { hash.add(byte) }
        let isExact = zip(octets, folded).allSatisfy { $1 != 0x2D || $0 == 0x2D }
        return unsafe octets.withUnsafeBufferPointer { name in
            // The name is not empty.
            unsafe FieldDictionary.shared.find(name.baseAddress!, count: name.count, hash: hash.value, isExact: isExact)
        }
    }
}
