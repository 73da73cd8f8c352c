import Core

/// Reads a request's body: one flat JSON object (RFC 8259) whose members are texts, lists of texts, booleans or null.
///
/// Nothing that the API takes is deeper, so nothing deeper is read, and the depth needs no bound.  Two members of one
/// name are refused, because two readers would take different ones (RFC 8259 §4).  Texts stay bytes, so that a
/// password can be wiped after use, which a `String` cannot.
struct JSONObjectReader {
    /// A member's value; texts are UTF-8, without escapes.
    enum Value: Sendable, Hashable {
        case text([UInt8])
        case texts([[UInt8]])
        case flag(Bool)
        case null
    }

    /// What is wrong, for the caller.
    struct Malformed: Error, Sendable, Hashable {
        let words: String
    }

    /// Members of an object.
    static let mostMembers = 32
    /// Entries of a list; the fields have narrower bounds of their own.
    static let mostEntries = 1000

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The object's members by name.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> [String: Value] {
        var reader = JSONObjectReader(bytes)
        let members = try reader.object()
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw reader.malformed("something stands behind the object") }
        return members
    }

    private mutating func object() throws(Malformed) -> [String: Value] {
        var members: [String: Value] = [:]
        skipBlanks()
        guard take(UInt8(ascii: "{")) else { throw malformed("no JSON object begins here") }
        skipBlanks()
        if take(UInt8(ascii: "}")) { return members }
        while true {
            skipBlanks()
            let name = String(decoding: try text(), as: UTF8.self)
            guard members[name] == nil else { throw malformed("a name stands twice") }
            guard members.count < Self.mostMembers else { throw malformed("more than \(Self.mostMembers) members") }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw malformed("a colon is missing") }
            members[name] = try value()
            skipBlanks()
            if take(UInt8(ascii: "}")) { return members }
            guard take(UInt8(ascii: ",")) else { throw malformed("a comma or the end of the object is missing") }
        }
    }

    private mutating func value() throws(Malformed) -> Value {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "["): return .texts(try texts())
        case UInt8(ascii: "t") where take("true"): return .flag(true)
        case UInt8(ascii: "f") where take("false"): return .flag(false)
        case UInt8(ascii: "n") where take("null"): return .null
        case UInt8(ascii: "{"): throw malformed("an object within the object; no field takes one")
        case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
            throw malformed("a number; no field takes one")
        default: throw malformed("a value is missing")
        }
    }

    private mutating func texts() throws(Malformed) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return entries }
        while true {
            guard entries.count < Self.mostEntries else { throw malformed("a list of more than \(Self.mostEntries)") }
            skipBlanks()
            entries.append(try text())
            skipBlanks()
            if take(UInt8(ascii: "]")) { return entries }
            guard take(UInt8(ascii: ",")) else { throw malformed("a comma or the end of a list is missing") }
        }
    }

    /// A string (RFC 8259 §7): no bare control, valid UTF-8, surrogates in pairs.
    private mutating func text() throws(Malformed) -> [UInt8] {
        guard take(UInt8(ascii: "\"")) else { throw malformed("a text in double quotes is missing") }
        var output: [UInt8] = []
        // Room for the longest outcome: an array that grew would leave copies of a password behind.
        output.reserveCapacity(bytes[position...].prefix { $0 != UInt8(ascii: "\"") }.count + 64)
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard (try? UTF8Span(validating: output.span)) != nil else { throw malformed("no valid UTF-8") }
                return output
            case UInt8(ascii: "\\"): try escape(into: &output)
            case 0..<0x20: throw malformed("a bare control character within a text")
            default: output.append(byte)
            }
        }
        throw malformed("a text does not end")
    }

    private mutating func escape(into output: inout [UInt8]) throws(Malformed) {
        guard position < bytes.count else { throw malformed("a text does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\u") else { throw malformed("half a surrogate pair") }
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw malformed("half a surrogate pair") }
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw malformed("an escape that JSON does not have")
        }
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        guard bytes.count - position >= 4 else { throw malformed("an escape of fewer than four digits") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = ASCII.hexadecimalValue(bytes[position]) else {
                throw malformed("an escape of fewer than four digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private func malformed(_ words: String) -> Malformed { Malformed(words: "\(words) (at byte \(position))") }
}
