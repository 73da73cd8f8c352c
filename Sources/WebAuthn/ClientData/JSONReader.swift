import Core

/// A JSON value (RFC 8259) as far as client data needs it: a number's value is not kept.
enum JSONValue: Sendable, Hashable {
    /// UTF-8 without escapes, octet by octet: two texts that look alike stay two.
    case text([UInt8])
    case object([[UInt8]: JSONValue])
    case array([JSONValue])
    case flag(Bool)
    case number
    case null
}

/// Reads JSON strictly: UTF-8, no name twice in an object, nothing behind the value.  Two readers that took different
/// ones of two members would be told two ceremonies.
struct JSONReader {
    /// The bytes are not such JSON.
    struct Malformed: Error {}

    /// Objects and arrays within each other.
    static let deepest = 8

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The one value that the bytes are.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw Malformed() }
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw Malformed() }
        return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "t") where take("true"): return .flag(true)
        case UInt8(ascii: "f") where take("false"): return .flag(false)
        case UInt8(ascii: "n") where take("null"): return .null
        default:
            try skipNumber()
            return .number
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        guard depth <= Self.deepest, take("{") else { throw Malformed() }
        var members: [[UInt8]: JSONValue] = [:]
        skipBlanks()
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            let name = try text()
            skipBlanks()
            guard members[name] == nil, take(":") else { throw Malformed() }
            members[name] = try value(depth: depth)
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw Malformed() }
        }
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        guard depth <= Self.deepest, take("[") else { throw Malformed() }
        var entries: [JSONValue] = []
        skipBlanks()
        if take("]") { return .array(entries) }
        while true {
            entries.append(try value(depth: depth))
            skipBlanks()
            if take("]") { return .array(entries) }
            guard take(",") else { throw Malformed() }
        }
    }

    /// A string (RFC 8259 §7): no bare control, surrogates in pairs.  That it is UTF-8 is known.
    private mutating func text() throws(Malformed) -> [UInt8] {
        guard take("\"") else { throw Malformed() }
        var output: [UInt8] = []
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""): return output
            case UInt8(ascii: "\\"): try escape(into: &output)
            case 0..<0x20: throw Malformed()
            default: output.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape(into output: inout [UInt8]) throws(Malformed) {
        switch next() {
        case UInt8(ascii: "\""): output.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): output.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): output.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\u") else { throw Malformed() }
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code), let octets = UTF8.encode(scalar) else { throw Malformed() }
            output.append(contentsOf: octets)
        default: throw Malformed()
        }
    }

    private mutating func codeUnit() throws(Malformed) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next(), let digit = ASCII.hexadecimalValue(byte) else { throw Malformed() }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    /// A number (RFC 8259 §6).
    private mutating func skipNumber() throws(Malformed) {
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(Malformed) {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw Malformed() }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func next() -> UInt8? {
        guard let byte = peek else { return nil }
        position += 1
        return byte
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }
}
