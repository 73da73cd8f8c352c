import Foundation
import Testing

@testable import Gateway

@Suite("A file with users is read part by part")
struct ImportFileTests {
    /// Writes a file that is gone with the process's folder of its own.
    private func file(_ bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "gatehouse-import-" + UUID().uuidString
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func parts(_ bytes: [UInt8]) throws -> [ImportFile.Part] {
        let path = try file(bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reading = try ImportFile(path)
        var parts: [ImportFile.Part] = []
        while let part = try reading.next(file: "f") { parts.append(part) }
        #expect(reading.progress.read == bytes.count && reading.progress.whole == bytes.count)
        return parts
    }

    @Test("lines keep their numbers; blank ones, a mark at the beginning and carriage returns are passed over")
    func lines() throws {
        let part = try parts(Array("\u{FEFF}{\"a\":\"1\"}\r\n\n \t\r\n{\"a\":\"2\"}\n{\"a\":\"3\"}".utf8))
        #expect(part.count == 1 && part[0].refused.isEmpty)
        #expect(part[0].lines.map(\.number) == [1, 4, 5])
        #expect(part[0].lines.map(\.text) == [#"{"a":"1"}"#, #"{"a":"2"}"#, #"{"a":"3"}"#])
        #expect(try parts([]).isEmpty)
        #expect(try parts(Array("\n\n".utf8)).isEmpty)
    }

    @Test("a line that is too long, no UTF-8 or has controls is refused with its number, and the next is read")
    func refused() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
        let exact = [UInt8](repeating: UInt8(ascii: "y"), count: ImportFile.longestLine)
        let bytes = Array("{}\n".utf8) + long + [0x0A] + exact + [0x0A, 0xFF, 0xFE, 0x0A, 0x7B, 0, 0x7D, 0x0A]
        let part = try parts(bytes + Array("{}".utf8) + [0x0A] + long)
        #expect(part.flatMap(\.lines).map(\.number) == [1, 3, 6])
        let refused = part.flatMap(\.refused)
        #expect(refused.map(\.number) == [2, 4, 5, 7])
        #expect(refused[0].words.contains("longer than 16384 bytes") && refused[3].words == refused[0].words)
        #expect(refused[1].words.contains("not UTF-8") && refused[2].words == refused[1].words)
    }

    @Test("a second line of the same id, external id or address is refused with the first one's number")
    func repeated() throws {
        let lines = [
            #"{"id":"6f2c1b6e-7d3a-4c55-9a53-0a8b4d1f0c11","email":"a@acme.example"}"#,
            #"{"id":"6F2C1B6E-7D3A-4C55-9A53-0A8B4D1F0C11","email":"b@acme.example"}"#,
            #"{"email":" A@ACME.example"}"#, #"{"external_id":"1","email":"c@acme.example"}"#,
            #"{"external_id":"1","email":"d@acme.example"}"#, #"{"external_id":"a@acme.example"}"#, #"{"email":5}"#,
        ]
        let part = try parts(Array(lines.joined(separator: "\n").utf8))
        #expect(part[0].lines.map(\.number) == [1, 4, 6, 7])
        #expect(part[0].refused.map(\.number) == [2, 3, 5])
        #expect(part[0].refused.map(\.field) == ["id", "email", "external_id"])
        #expect(part[0].refused[2].words == "the external_id stands in line 4 already; keep one of the two lines")
    }

    @Test("parts are bounded in lines and in bytes")
    func bounded() throws {
        let many = try parts(Array(String(repeating: "{}\n", count: 600).utf8))
        #expect(many.map(\.lines.count) == [250, 250, 100])
        let wide = String(repeating: " ", count: 16_000)
        let heavy = try parts(Array(String(repeating: "{\(wide)}\n", count: 40).utf8))
        #expect(heavy.map(\.lines.count) == [17, 17, 6])
    }

    @Test("what is no file that can be read is told apart")
    func unreadable() throws {
        #expect(throws: FileInspector.Failure.missing) { try ImportFile("/nonexistent/file.jsonl") }
        #expect(throws: FileInspector.Failure.isFolder) { try ImportFile("/tmp") }
        #expect(throws: FileInspector.Failure.isSpecial) { try ImportFile("/dev/null") }
    }
}
