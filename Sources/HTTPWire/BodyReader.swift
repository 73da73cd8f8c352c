public import Core

/// Follows a body through the bytes of a connection and finds its pieces and its end (RFC 9112 §6, §7.1).
///
/// It copies nothing: it says which bytes are content.  Chunk framing is read strictly and never passed on;
/// whoever forwards writes its own (`ChunkWriter`).  Trailer fields are gathered for the same filter that
/// the head's fields pass.
public struct BodyReader: Sendable {
    public enum Event: Sendable, Hashable {
        /// These bytes are content.
        case content(Range<Int>)
        /// All bytes are used up, and the body goes on.
        case needsMore
        /// The body has ended in front of the reader's position.
        case end
        case malformed(ReasonCode)
    }

    /// Most bytes of a chunk's size line behind the digits: extensions (RFC 9112 §7.1.1).
    public static let longestChunkExtension = 256
    /// Most bytes of all chunk extensions of a body together: nobody sends them but to be a burden.
    public static let mostChunkExtensions = 16 * 1024
    /// Most bytes of the trailer section.
    public static let longestTrailers = 8 * 1024

    private enum State: Sendable, Hashable {
        case done
        case counted(UInt64)
        case untilClose
        case chunkSize(digits: UInt8, size: UInt64)
        case chunkExtension(size: UInt64, used: UInt16)
        case chunkSizeLineFeed(size: UInt64)
        case chunk(UInt64)
        case chunkCarriageReturn, chunkLineFeed
        case trailers
    }

    private var state: State
    /// Content bytes seen.
    public private(set) var contentBytes: UInt64 = 0
    private var extensionBytes = 0
    /// The trailer section as received, its empty line included; empty until the end, and without trailers.
    public private(set) var trailers: [UInt8] = []

    public init(_ framing: BodyFraming) {
        switch framing {
        case .none: state = .done
        case .length(let count): state = count == 0 ? .done : .counted(count)
        case .chunked: state = .chunkSize(digits: 0, size: 0)
        case .untilClose: state = .untilClose
        }
    }

    /// True when nothing more belongs to the body.
    public var isComplete: Bool { state == .done }

    /// Content bytes that are announced and have not come yet: of the chunk or the length under way.
    public var announcedBytes: UInt64 {
        switch state {
        case .counted(let left), .chunk(let left), .chunkExtension(let left, _), .chunkSizeLineFeed(let left): left
        default: 0
        }
    }

    /// The sender has said by other means than these bytes that the body is over, as HTTP/2 does.
    /// - Parameter trailers: the section that came with that, its empty line included; empty for none.
    public mutating func end(trailers: [UInt8] = []) {
        state = .done
        self.trailers = trailers
    }

    /// True where the end of the connection ends the body properly.
    public var mayEndWithConnection: Bool { state == .untilClose || state == .done }

    /// Reads on from `position` and moves it behind what it has understood.
    public mutating func next(_ bytes: RawSpan, _ position: inout Int) -> Event {
        while true {
            if state == .done { return .end }
            guard position < bytes.byteCount else { return .needsMore }
            switch state {
            case .done:
                return .end
            case .untilClose:
                return content(bytes.byteCount - position, &position)
            case .counted(let left):
                let count = Int(min(left, UInt64(bytes.byteCount - position)))
                state = left == UInt64(count) ? .done : .counted(left - UInt64(count))
                return content(count, &position)
            case .chunk(let left):
                let count = Int(min(left, UInt64(bytes.byteCount - position)))
                state = left == UInt64(count) ? .chunkCarriageReturn : .chunk(left - UInt64(count))
                return content(count, &position)
            default:
                if let reason = framing(bytes, &position) { return .malformed(reason) }
            }
        }
    }

    private mutating func content(_ count: Int, _ position: inout Int) -> Event {
        contentBytes += UInt64(count)
        position += count
        return .content(position - count..<position)
    }

    /// One byte of chunk framing.
    private mutating func framing(_ bytes: RawSpan, _ position: inout Int) -> ReasonCode? {
        let byte = bytes.octet(position)
        position += 1
        switch state {
        case .chunkSize(let digits, let size):
            if let digit = Self.hexadecimal(byte) {
                // 16 digits fill 64 bits; 15 keep sums from overflowing.
                guard digits < 15 else { return .chunkMalformed }
                state = .chunkSize(digits: digits + 1, size: size << 4 | UInt64(digit))
                return nil
            }
            guard digits > 0 else { return .chunkMalformed }
            if byte == 0x0D {
                state = .chunkSizeLineFeed(size: size)
            } else if byte == 0x3B {
                state = .chunkExtension(size: size, used: 1)
            } else {
                return .chunkMalformed
            }
        case .chunkExtension(let size, let used):
            if byte == 0x0D {
                state = .chunkSizeLineFeed(size: size)
            } else {
                extensionBytes += 1
                guard used < Self.longestChunkExtension, extensionBytes <= Self.mostChunkExtensions,
                    byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
                else {
                    return .chunkMalformed
                }
                state = .chunkExtension(size: size, used: used + 1)
            }
        case .chunkSizeLineFeed(let size):
            guard byte == 0x0A else { return .chunkMalformed }
            state = size == 0 ? .trailers : .chunk(size)
        case .chunkCarriageReturn:
            guard byte == 0x0D else { return .chunkMalformed }
            state = .chunkLineFeed
        case .chunkLineFeed:
            guard byte == 0x0A else { return .chunkMalformed }
            state = .chunkSize(digits: 0, size: 0)
        case .trailers:
            guard trailers.count < Self.longestTrailers else { return .headerTooLarge }
            trailers.append(byte)
            guard byte == 0x0A else { return nil }
            let count = trailers.count
            guard count >= 2, trailers[count - 2] == 0x0D else { return .chunkMalformed }
            if count == 2 {
                trailers = []
                state = .done
            } else if count >= 4, trailers[count - 4] == 0x0D, trailers[count - 3] == 0x0A {
                state = .done
            }
        case .done, .counted, .untilClose, .chunk:
            break
        }
        return nil
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// Reads the trailer section that a `BodyReader` gathered (RFC 9110 §6.5).
public enum TrailerSection {
    /// Most trailer fields.
    public static let mostFields = 32

    /// Calls `field` for each; a malformed section is refused.
    public static func read(_ bytes: RawSpan, _ field: (Field) -> Void) -> ReasonCode? {
        unsafe bytes.withUnsafeBytes { buffer in
            // The pointer is used within this call only.
            guard let base = buffer.baseAddress, buffer.count > 0 else { return nil }
            var scanner = unsafe FieldScanner(
                base: base.assumingMemoryBound(to: UInt8.self), count: buffer.count, position: 0)
            var count = 0
            while true {
                switch scanner.next() {
                case .field(let line):
                    count += 1
                    guard count <= mostFields else { return .headersTooMany }
                    field(line)
                case .end: return scanner.position == buffer.count ? nil : .trailerRefused
                case .incomplete, .malformed: return .trailerRefused
                }
            }
        }
    }
}

/// Writes chunked framing (RFC 9112 §7.1).
public enum ChunkWriter {
    /// The size line of a chunk of `count` bytes; `count` is not 0.
    public static func begin(_ count: Int, into buffer: inout WireBuffer) {
        buffer.append(hexadecimal: UInt64(count))
        buffer.append("\r\n")
    }

    /// What follows a chunk's content.
    public static func end(into buffer: inout WireBuffer) { buffer.append("\r\n") }

    /// The last chunk, in front of the trailer section.
    public static func last(into buffer: inout WireBuffer) { buffer.append("0\r\n") }
}
