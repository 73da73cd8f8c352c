/// Bytes on their way: appended at the end, consumed at the front, in one piece of memory.
///
/// Holds no memory while it has held no byte, or after `releaseStorage`: an idle connection's buffers cost
/// nothing.  It is used by one thread.
///
/// Invariant of the unsafe code: `base` has `capacity` bytes, of which `start..<end` are initialised;
/// `0 <= start <= end <= capacity`; nobody else holds `base`.
@safe public struct WireBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0

    public init() { unsafe base = nil }

    deinit { unsafe base?.deallocate() }

    /// Bytes that can be read.
    public var count: Int { end - start }
    public var isEmpty: Bool { start == end }
    /// Bytes of memory held, for metrics.
    public var heldBytes: Int { capacity }

    /// Makes room for `more` bytes behind the last.
    public mutating func reserve(_ more: Int) {
        precondition(more >= 0)
        guard capacity - end < more else { return }
        makeRoom(more)
    }

    @inline(never)
    private mutating func makeRoom(_ more: Int) {
        let held = count
        if start > 0, capacity >= held + more, start >= capacity / 2 {
            unsafe base?.copyMemory(from: base! + start, byteCount: held)
        } else {
            let size = max(512, (held + more).roundedUpToPowerOfTwo)
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            if let old = unsafe base {
                unsafe fresh.copyMemory(from: old + start, byteCount: held)
                unsafe old.deallocate()
            }
            unsafe base = fresh
            capacity = size
        }
        start = 0
        end = held
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: RawSpan) {
        let count = bytes.byteCount
        guard count > 0 else { return }
        reserve(count)
        unsafe bytes.withUnsafeBytes { source in
            // `reserve` made room for `count` bytes behind `end`.
            unsafe (base! + end).copyMemory(from: source.baseAddress!, byteCount: count)
        }
        end += count
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: [UInt8]) { unsafe append(bytes.span.bytes) }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: ArraySlice<UInt8>) { unsafe append(bytes.span.bytes) }

    /// Appends the UTF-8 of a literal.
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        guard count > 0 else { return }
        reserve(count)
        // A StaticString lives as long as the process.
        unsafe (base! + end).copyMemory(from: text.utf8Start, byteCount: count)
        end += count
    }

    public mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe (base! + end).storeBytes(of: byte, as: UInt8.self)
        end += 1
    }

    /// Appends `number` in decimal digits.
    public mutating func append(decimal number: UInt64) {
        guard number >= 10 else { return append(UInt8(truncatingIfNeeded: 0x30 + number)) }
        // 2^64 has 20 digits.  They are found from the last on, behind where they will stand.
        reserve(40)
        var rest = number
        var position = end + 40
        while rest > 0 {
            position -= 1
            let next = rest / 10
            unsafe base!.storeBytes(
                of: UInt8(truncatingIfNeeded: 0x30 + (rest - next * 10)), toByteOffset: position, as: UInt8.self)
            rest = next
        }
        let count = end + 40 - position
        unsafe (base! + end).copyMemory(from: base! + position, byteCount: count)
        end += count
    }

    /// Appends `number` in hexadecimal digits, lower-case, as few as it takes.
    public mutating func append(hexadecimal number: UInt64) {
        var shift = max(4, (64 - number.leadingZeroBitCount + 3) / 4 * 4)
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: (number >> UInt64(shift)) & 15)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// Appends `number` as 16 hexadecimal digits, lower-case.
    public mutating func append(hexadecimal16 number: UInt64) {
        reserve(16)
        append(digits: UInt32(truncatingIfNeeded: number >> 32))
        append(digits: UInt32(truncatingIfNeeded: number))
    }

    /// Eight digits at once; room has been made.  The nibbles are spread over eight bytes, and 39 is added to
    /// each that is above nine, which is the way from `:` to `a`.
    private mutating func append(digits number: UInt32) {
        var spread = UInt64(number)
        spread = (spread << 16 | spread) & 0x0000_FFFF_0000_FFFF
        spread = (spread << 8 | spread) & 0x00FF_00FF_00FF_00FF
        spread = (spread << 4 | spread) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = ((spread &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        let text = spread &+ 0x3030_3030_3030_3030 &+ letters &* 39
        unsafe (base! + end).storeBytes(of: text.bigEndian, as: UInt64.self)
        end += 8
    }

    /// Moves all bytes of `other` to the end of this one.
    public mutating func append(moving other: inout WireBuffer) {
        other.withBytes { append($0) }
        other.removeAll()
    }

    /// Lends the readable bytes.
    public func withBytes<Result: ~Copyable>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(
            start: base.map { unsafe UnsafeRawPointer($0 + start) }, count: count)
        return try unsafe body(buffer.bytes)
    }

    /// Lends at least `minimum` bytes of free room, to be written only, and keeps as many of them as `body` says
    /// that it wrote at their front.
    public mutating func withRoom<Result>(
        _ minimum: Int, _ body: (inout MutableRawSpan) throws -> (written: Int, result: Result)
    ) rethrows -> Result {
        reserve(max(minimum, 1))
        let room = capacity - end
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: base! + end, count: room)
        var span = unsafe buffer.mutableBytes
        let (written, result) = try body(&span)
        precondition(written >= 0 && written <= room)
        end += written
        return result
    }

    /// Forgets the first `count` bytes.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Forgets all bytes and keeps the memory.
    public mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Forgets all bytes and gives the memory back.
    public mutating func releaseStorage() {
        unsafe base?.deallocate()
        unsafe base = nil
        capacity = 0
        start = 0
        end = 0
    }
}

extension Int {
    /// The smallest power of two that is not smaller.
    var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}

// A buffer owns its memory alone, so it may move from thread to thread; it is used by one at a time.
extension WireBuffer: @unchecked Sendable {}

extension WireBuffer {
    /// The readable bytes as an array of their own.
    public func copied() -> [UInt8] {
        // The empty array is one object of the whole process, and not ours to write into.
        guard !isEmpty else { return [] }
        return withBytes { bytes in
            unsafe [UInt8](unsafeUninitializedCapacity: bytes.byteCount) { target, count in
                unsafe bytes.withUnsafeBytes { source in
                    // `target` has room for `byteCount` bytes, as was asked for.
                    unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
                }
                count = bytes.byteCount
            }
        }
    }
}
