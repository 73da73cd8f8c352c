/// Bytes that must not outlive their use: a key, a password, a token.
///
/// One owner at a time (`~Copyable`), memory of their own that is overwritten before it is given back, no
/// textual form, and a comparison whose time does not depend on the contents.  It cannot protect copies that
/// were made before the bytes came here: sources wipe theirs (`init(wiping:)`) or write straight into it.
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
    // `@unchecked`: the memory is written only in the initialisers and while `deinit` runs, when there is
    // one owner.  Invariant: `memory` has exactly `count` bytes and is freed by `deinit` alone.
    private let memory: UnsafeMutableRawBufferPointer

    /// How many bytes; it is no secret.
    public var count: Int { unsafe memory.count }

    /// Takes `count` zero bytes and lets `body` fill them; wiped if it throws.
    public init<Failure: Error>(
        count: Int, filledBy body: (inout MutableRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        unsafe fresh.initializeMemory(as: UInt8.self, repeating: 0)
        var span = unsafe fresh.mutableBytes
        do {
            try body(&span)
        } catch {
            unsafe Wiping.wipe(fresh)
            unsafe fresh.deallocate()
            throw error
        }
        unsafe memory = fresh
    }

    /// A copy of the bytes lent.
    public init(copying bytes: RawSpan) {
        let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.byteCount, alignment: 16)
        unsafe bytes.withUnsafeBytes { unsafe fresh.copyMemory(from: $0) }
        unsafe memory = fresh
    }

    /// A copy of the bytes, which the caller goes on to hold.
    public init(copying bytes: [UInt8]) { unsafe self.init(copying: bytes.span.bytes) }

    /// Takes the bytes over and overwrites the array they came in; other copies of that array keep theirs.
    public init(wiping bytes: inout [UInt8]) {
        self.init(copying: bytes)
        Wiping.wipe(&bytes)
    }

    deinit {
        unsafe Wiping.wipe(memory)
        unsafe memory.deallocate()
    }

    /// Lends the bytes for the time of the call.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(memory)
        return try unsafe body(buffer.bytes)
    }

    /// A second owner with bytes of its own.
    public borrowing func copy() -> SecretBytes { withBytes { SecretBytes(copying: $0) } }

    /// Whether both hold the same bytes; the time depends on the lengths only.
    public static func isEqual(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in unsafe one.memory.indices { difference |= unsafe one.memory[index] ^ other.memory[index] }
        return difference == 0
    }
}
