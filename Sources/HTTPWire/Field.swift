/// A run of bytes, counted from the first byte of the head that it belongs to.
public struct ByteRange: Sendable, Hashable {
    public var start: Int32
    public var count: Int32

    public init(start: Int, count: Int) {
        self.start = Int32(start)
        self.count = Int32(count)
    }

    public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    public var isEmpty: Bool { count == 0 }
}

/// One field line (RFC 9112 §5): where its name and its value stand, and which name it is.
public struct Field: Sendable, Hashable {
    public var name: ByteRange
    /// Without white space at either end.
    public var value: ByteRange
    public var id: FieldName

    public init(name: ByteRange, value: ByteRange, id: FieldName) {
        self.name = name
        self.value = value
        self.id = id
    }
}

/// How much of a body follows a head (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Hashable {
    case none
    /// Exactly so many bytes.
    case length(UInt64)
    case chunked
    /// Answers only: until the connection closes.
    case untilClose
}

/// The bounds that a head must keep.
public struct HeadLimits: Sendable, Hashable {
    /// Start line and fields together, the empty line included.
    public var bytes: Int
    public var fields: Int

    public init(bytes: Int, fields: Int) {
        self.bytes = bytes
        self.fields = fields
    }
}
