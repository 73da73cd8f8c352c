import Core

/// Reads field lines (RFC 9112 §5) one after the other.
///
/// What two parsers could read differently is refused: white space before the colon, folded lines, a
/// carriage return or line feed alone, NUL and other controls, an empty name (security rule 1).
///
/// Invariant of the unsafe code: `base` has `count` bytes and outlives the value; every index that is read
/// is compared with `count` first.
@safe struct FieldScanner: ~Copyable {
    enum Line {
        case field(Field)
        /// The empty line; the position is behind it.
        case end
        case incomplete
        case malformed
    }

    private let base: UnsafePointer<UInt8>
    private let count: Int
    private(set) var position: Int
    private let dictionary: FieldDictionary

    init(base: UnsafePointer<UInt8>, count: Int, position: Int) {
        unsafe self.base = base
        self.count = count
        self.position = position
        dictionary = .shared
    }

    mutating func next() -> Line {
        guard position < count else { return .incomplete }
        var index = position
        let first = unsafe base[index]
        if first == 0x0D {
            guard index + 1 < count else { return .incomplete }
            guard unsafe base[index + 1] == 0x0A else { return .malformed }
            position = index + 2
            return .end
        }
        // 1. The name, folded on the way: eight bytes at a time where they are letters, digits and `-`, as nearly all are.
        let nameStart = index
        var hash = NameHash()
        var isExact = true
        let raw = unsafe UnsafeRawPointer(base)
        while index + 8 <= count {
            // Eight bytes lie before the end.
            let eight = NameBytes(littleEndian: unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let plain = eight.plainCount
            if plain > 0 { hash.add(eight.folded(first: plain), count: plain) }
            index += plain
            if plain < 8 { break }
        }
        let endsInColon = unsafe index < count && base[index] == 0x3A
        if !endsInColon {
            // Other characters, or the end of what has come: from the start, one by one.
            let folds = unsafe dictionary.folds
            index = nameStart
            hash = NameHash()
            while index < count {
                let byte = unsafe base[index]
                let fold = unsafe folds[Int(byte)]
                if fold == 0 { break }
                hash.add(fold)
                if fold == 0x2D, byte != 0x2D { isExact = false }
                index += 1
            }
        }
        let nameLength = index - nameStart
        guard index < count else { return .incomplete }
        guard nameLength > 0, unsafe base[index] == 0x3A else { return .malformed }
        // The name's bytes were just read.
        let id = unsafe dictionary.find(base + nameStart, count: nameLength, hash: hash.value, isExact: isExact)
        index += 1
        // 2. White space, the value, the end of the line.
        while index < count, unsafe Self.isBlank(base[index]) { index += 1 }
        let valueStart = index
        index = unsafe Self.firstControl(base, from: index, count: count)
        guard index < count else { return .incomplete }
        guard unsafe base[index] == 0x0D else { return .malformed }
        guard index + 1 < count else { return .incomplete }
        guard unsafe base[index + 1] == 0x0A else { return .malformed }
        position = index + 2
        while index > valueStart, unsafe Self.isBlank(base[index - 1]) { index -= 1 }
        return .field(
            Field(
                name: ByteRange(start: nameStart, count: nameLength),
                value: ByteRange(start: valueStart, count: index - valueStart), id: id))
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The first position that holds a control character other than a tab, or DEL; `count` for none.  Eight bytes at
    /// a time: the lowest bit that the two subtractions leave marks the first such byte, or a tab.  Long values go by
    /// 32 bytes, as long as nothing is marked.
    @inline(__always)
    static func firstControl(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        let raw = unsafe UnsafeRawPointer(base)
        while index + 32 <= count {
            let first = unsafe marks(raw, index) | marks(raw, index + 8)
            let second = unsafe marks(raw, index + 16) | marks(raw, index + 24)
            guard (first | second) & 0x8080_8080_8080_8080 == 0 else { break }
            index += 32
        }
        while index + 8 <= count {
            let marks = unsafe marks(raw, index) & 0x8080_8080_8080_8080
            if marks == 0 {
                index += 8
                continue
            }
            index += marks.trailingZeroBitCount >> 3
            guard unsafe base[index] == 0x09 else { return index }
            index += 1
        }
        while index < count {
            let byte = unsafe base[index]
            if byte < 0x20 ? byte != 0x09 : byte == 0x7F { break }
            index += 1
        }
        return index
    }

    /// The highest bit of a byte is set for a control character and DEL, of the first such one surely; others mean nothing.
    @inline(__always)
    private static func marks(_ raw: UnsafeRawPointer, _ index: Int) -> UInt64 {
        let bytes = unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let deletes = bytes ^ 0x7F7F_7F7F_7F7F_7F7F
        let low = (bytes &- 0x2020_2020_2020_2020) & ~bytes
        let delete = (deletes &- 0x0101_0101_0101_0101) & ~deletes
        return low | delete
    }

    /// A token character in lower case, `-` for one that is neither letter nor digit; 0 for any other byte.
    @inline(__always)
    static func fold(_ byte: UInt8) -> UInt8 { unsafe FieldDictionary.shared.folds[Int(byte)] }
}
