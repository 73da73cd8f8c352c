/// Reads a comma-separated field value (RFC 9110 §5.6.1) member by member; empty members are skipped.
public enum ListReader {
    /// The next member at or behind `position`, without white space around it, or nil at the end.
    /// - Parameter position: moved behind the member and its comma.
    @inlinable
    @inline(__always)
    public static func next(_ bytes: RawSpan, _ position: inout Int) -> Range<Int>? {
        while position < bytes.byteCount {
            var start = position
            var end = position
            while end < bytes.byteCount, byte(bytes, end) != 0x2C { end += 1 }
            position = end + 1
            while start < end, isBlank(byte(bytes, start)) { start += 1 }
            while end > start, isBlank(byte(bytes, end - 1)) { end -= 1 }
            if start < end { return start..<end }
        }
        return nil
    }

    @inlinable
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    @inlinable
    @inline(__always)
    static func byte(_ bytes: RawSpan, _ index: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
}

extension RawSpan {
    /// True where the bytes are this ASCII word, letters compared without case.
    @inlinable
    @inline(__always)
    public func equalsIgnoringCase(_ word: StaticString) -> Bool {
        let count = byteCount
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
            let expected = unsafe word.utf8Start[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            let expectedFolded = expected >= 0x41 && expected <= 0x5A ? expected | 0x20 : expected
            if folded != expectedFolded { return false }
        }
        return true
    }

    /// True where the bytes equal `other`'s, letters compared without case.
    @inlinable
    @inline(__always)
    public func equalsIgnoringCase(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for index in 0..<byteCount {
            let one = unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
            let two = unsafe other.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if one == two { continue }
            guard one ^ two == 0x20, (0x61...0x7A).contains(one | 0x20) else { return false }
        }
        return true
    }

    /// True where the bytes begin with this ASCII text, exactly.
    @inlinable
    @inline(__always)
    public func hasPrefix(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard byteCount >= count else { return false }
        for index in 0..<count {
            if unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) != word.utf8Start[index] { return false }
        }
        return true
    }

    /// The first position from `start` on that holds `byte`; `byteCount` for none.  Eight bytes at a time: the lowest bit
    /// that the subtraction leaves marks it.
    @inlinable
    @inline(__always)
    public func firstIndex(of byte: UInt8, from start: Int) -> Int {
        precondition(start >= 0)
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        var index = start
        while index + 8 <= byteCount {
            // Eight bytes lie before the end.
            let eight = unsafe unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let word = UInt64(littleEndian: eight) ^ pattern
            let marks = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if marks != 0 { return index + (marks.trailingZeroBitCount >> 3) }
            index += 8
        }
        while index < byteCount, unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) != byte { index += 1 }
        return min(index, byteCount)
    }

    /// The byte at `index`; traps outside.
    @inlinable
    @inline(__always)
    public func octet(_ index: Int) -> UInt8 {
        precondition(index >= 0 && index < byteCount)
        return unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
}
