/// Chunked framing (RFC 9112 §7.1) read in the plainest way: line by line, over an array that is there as a whole.
/// `BodyReader` is held against it.
struct ReferenceChunks: Equatable {
    enum End: Equatable { case done, needsMore, malformed }

    var content: [UInt8] = []
    var trailers: [UInt8] = []
    var end = End.needsMore
    var consumed = 0

    init(_ bytes: [UInt8]) { read(bytes) }

    private mutating func read(_ bytes: [UInt8]) {
        var position = 0
        while true {
            // 1. The size line.
            guard let line = Self.line(bytes, position) else { return judgeRest(Array(bytes[position...])) }
            guard let size = Self.size(line) else {
                end = .malformed
                return
            }
            position += line.count + 2
            if size == 0 { break }
            // 2. The chunk, and its line end.
            let taken = min(size, bytes.count - position)
            content += bytes[position..<position + taken]
            position += taken
            guard taken == size else { return }
            let mark = bytes[position..<min(position + 2, bytes.count)]
            guard [0x0D, 0x0A].starts(with: mark) else {
                end = .malformed
                return
            }
            guard mark.count == 2 else { return }
            position += 2
        }
        // 3. The trailer section, up to an empty line.
        let start = position
        while let line = Self.trailerLine(bytes, position) {
            guard line.isProper, position - start + line.count <= 8192 else {
                end = .malformed
                return
            }
            position += line.count
            guard line.count == 2 else { continue }
            trailers = position - start == 2 ? [] : Array(bytes[start..<position])
            consumed = position
            end = .done
            return
        }
        if bytes.count - start > 8192 { end = .malformed }
    }

    /// The line at `start` without its CRLF; nil where a line feed has not come or a control stands before it.
    private static func line(_ bytes: [UInt8], _ start: Int) -> ArraySlice<UInt8>? {
        guard let feed = bytes[start...].firstIndex(of: 0x0A), feed > start, bytes[feed - 1] == 0x0D else { return nil }
        return bytes[start..<feed - 1]
    }

    private static func trailerLine(_ bytes: [UInt8], _ start: Int) -> (count: Int, isProper: Bool)? {
        guard let feed = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        return (feed + 1 - start, feed > start && bytes[feed - 1] == 0x0D)
    }

    /// The number that a size line names; nil where the line is malformed.
    private static func size(_ line: ArraySlice<UInt8>) -> Int? {
        let digits = line.prefix { $0 != 0x3B }
        let rest = line.dropFirst(digits.count)
        guard (1...15).contains(digits.count), rest.count <= 256, rest.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 })
        else { return nil }
        guard digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// A size line that is not there as a whole: malformed if no continuation could mend it.
    private mutating func judgeRest(_ rest: [UInt8]) {
        guard !rest.isEmpty else { return }
        if Self.size(rest.last == 0x0D ? rest.dropLast() : rest[...]) == nil { end = .malformed }
    }
}
