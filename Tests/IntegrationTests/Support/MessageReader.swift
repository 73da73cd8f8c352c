import Foundation

/// Takes HTTP/1.1 messages apart as they come from a connection: what client and application have in common.
class MessageReader {
    let stream: any ByteStream
    private var buffer: [UInt8] = []
    /// Bytes of `buffer` that are read already.
    private var start = 0

    init(_ stream: any ByteStream) { self.stream = stream }

    typealias Fields = [(name: String, value: String)]

    /// A head's first line and fields, names in lower case; nil where the peer has ended before it.
    func readLines() throws -> (first: String, fields: Fields)? {
        guard let head = try takeHead() else { return nil }
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        var fields: Fields = []
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw StreamFailure.malformed(line) }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            fields.append((line[..<colon].lowercased(), value))
        }
        return (lines[0], fields)
    }

    private func takeHead() throws -> [UInt8]? {
        while true {
            let found = headEnd()
            if let found {
                defer { start = found + 4 }
                return Array(buffer[start..<found])
            }
            guard try fill() else {
                guard start == buffer.count else { throw StreamFailure.malformed("the end came within a head") }
                return nil
            }
        }
    }

    /// Where the empty line after a head begins.
    private func headEnd() -> Int? {
        buffer.withUnsafeBytes { bytes in
            var position = start
            while position < bytes.count,
                let place = memchr(bytes.baseAddress! + position, 0x0A, bytes.count - position)
            {
                let lineFeed = UnsafeRawPointer(place) - bytes.baseAddress!
                if lineFeed - start >= 3, bytes[lineFeed - 1] == 0x0D, bytes[lineFeed - 2] == 0x0A,
                    bytes[lineFeed - 3] == 0x0D
                {
                    return lineFeed - 3
                }
                position = lineFeed + 1
            }
            return nil
        }
    }

    /// A chunked body, without its framing.
    func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try takeLine()
            guard let size = Int(line, radix: 16) else { throw StreamFailure.malformed("chunk size \(line)") }
            guard size > 0 else {
                while try !takeLine().isEmpty {}
                return body
            }
            body += try take(size)
            guard try takeLine().isEmpty else { throw StreamFailure.malformed("chunk end") }
        }
    }

    func takeLine() throws -> String {
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                guard end > start, buffer[end - 1] == 0x0D else { throw StreamFailure.malformed("line end") }
                return String(decoding: buffer[start..<end - 1], as: UTF8.self)
            }
            try fillOrFail()
        }
    }

    /// Exactly `count` bytes.
    func take(_ count: Int) throws -> [UInt8] {
        while buffer.count - start < count { try fillOrFail() }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    /// Reads `count` bytes and forgets them.
    func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            if start == buffer.count { try fillOrFail() }
            let step = min(left, buffer.count - start)
            start += step
            left -= step
        }
    }

    /// Everything up to the end of the connection.
    func readToEnd() throws -> [UInt8] {
        var rest = Array(buffer[start...])
        start = buffer.count
        while true {
            let bytes = try stream.receive(65_536)
            guard !bytes.isEmpty else { return rest }
            rest += bytes
        }
    }

    private func fillOrFail() throws {
        guard try fill() else { throw StreamFailure.malformed("the end came within a message") }
    }

    /// False where the peer has ended.
    private func fill() throws -> Bool {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        let bytes = try stream.receive(65_536)
        buffer += bytes
        return !bytes.isEmpty
    }

    /// True where the peer ends the connection, properly or not, without a further byte.
    func ends() throws -> Bool {
        guard start == buffer.count else { return false }
        do {
            return try stream.receive(1).isEmpty
        } catch StreamFailure.broken, StreamFailure.tls {
            return true
        }
    }

    func send(_ text: String) throws { try stream.send(text.utf8) }

    func close() { stream.close() }
}
