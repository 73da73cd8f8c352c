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
        // 1. The name, folded on the way.
        var folded = InlineArray<64, UInt8>(repeating: 0)
        var isExact = true
        let nameStart = index
        while index < count {
            let byte = unsafe base[index]
            let fold = Self.fold(byte)
            if fold == 0 { break }
            let length = index - nameStart
            if length < FieldDictionary.longestName { folded[length] = fold }
            if fold == 0x2D, byte != 0x2D { isExact = false }
            index += 1
        }
        let nameLength = index - nameStart
        guard index < count else { return .incomplete }
        guard nameLength > 0, unsafe base[index] == 0x3A else { return .malformed }
        let id = unsafe folded.span.withUnsafeBufferPointer { buffer in
            // 64 bytes, of which the first min(nameLength, 64) are the folded name.
            unsafe dictionary.find(buffer.baseAddress!, count: nameLength, isExact: isExact)
        }
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

    /// The first position that holds a control character other than a tab, or DEL; `count` for none.
    @inline(__always)
    static func firstControl(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        let raw = unsafe UnsafeRawPointer(base)
        while index + 16 <= count {
            let bytes = unsafe raw.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let isControl = (bytes .< SIMD16(repeating: 0x20)) .& (bytes .!= SIMD16(repeating: 0x09))
            if any(isControl .| (bytes .== SIMD16(repeating: 0x7F))) { break }
            index += 16
        }
        while index < count {
            let byte = unsafe base[index]
            if byte < 0x20 ? byte != 0x09 : byte == 0x7F { break }
            index += 1
        }
        return index
    }

    /// A token character (RFC 9110 §5.6.2) in lower case, `-` for one that is neither letter nor digit; 0
    /// for a byte that no name may hold.
    @inline(__always)
    static func fold(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x61...0x7A, 0x30...0x39: byte
        case 0x41...0x5A: byte | 0x20
        case 0x2D, 0x5F, 0x2E, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x5E, 0x60, 0x7C, 0x7E: 0x2D
        default: 0
        }
    }
}
