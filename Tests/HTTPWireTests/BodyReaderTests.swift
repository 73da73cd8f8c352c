import Core
import HTTPWire
import Testing
import WireLaws

@Suite("Body: framing")
struct BodyReaderTests {
    /// What a reader made of a body: content, and how it ended.
    private func read(_ text: String, _ framing: BodyFraming = .chunked) -> (content: String, end: BodyReader.Event) {
        let bytes = Array(text.utf8)
        var reader = BodyReader(framing)
        var position = 0
        var content: [UInt8] = []
        while true {
            switch reader.next(bytes.span.bytes, &position) {
            case .content(let range): content += bytes[range]
            case let end: return (String(decoding: content, as: UTF8.self), end)
            }
        }
    }

    static let malformed: [String] = [
        "\r\n", ";x\r\n", "g\r\n", "5 \r\nhello", " 5\r\nhello", "5\nhello", "5\r5\r\n", "5\r\nhelloX", "5\r\nhello\rX",
        "5\r\nhello\n", "-5\r\n", "+5\r\n", "0x5\r\n", "5;\u{0}\r\n", "5;\u{7F}\r\n", "5;a\n", "5;a\rb\r\n",
        "1000000000000000\r\n", "0000000000000005\r\nhello", "5,5\r\n", "0\r\nX: y\n\r\n", "0\r\n\n",
        "0\r\nX: y\r\n\n", "0\n\r\n", "5\r\nhello0\r\n\r\n", "\"5\"\r\n",
    ]

    @Test("a malformed chunk is refused", arguments: malformed)
    func refused(_ text: String) throws {
        #expect(read(text + "\r\n\r\n").end == .malformed(.chunkMalformed))
        try BodyLaws.check([7, 1, 2] + Array((text + "\r\n\r\n").utf8))
    }

    static let accepted: [(String, String)] = [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("A\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
        ("a\r\n0123456789\r\n0;last\r\n\r\n", "0123456789"), ("2;x=\"y\";z\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "abc"),
        ("000000000000005\r\nhello\r\n0\r\n\r\n", "hello"), ("5;\tä\r\nhello\r\n0\r\nX: y\r\n\r\n", "hello"),
        ("5\r\n\r\n\r\n0\r\n0\r\n\r\n", "\r\n\r\n0"),
    ]

    @Test("a chunked body is the same at every split", arguments: accepted)
    func splits(_ text: String, _ content: String) throws {
        if content.utf8.count == 5 || !text.hasPrefix("5") {
            let found = read(text)
            #expect(found.content == content)
            #expect(found.end == .end)
        }
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count { try BodyLaws.check([7, UInt8(first), UInt8(second)] + bytes) }
        }
        for count in 0..<bytes.count { try BodyLaws.check([7, 0, 0] + bytes[..<count]) }
    }

    @Test("an extension fills exactly its bound, one byte more is refused")
    func extensions() {
        let longest = String(repeating: "a", count: BodyReader.longestChunkExtension - 1)
        #expect(read("1;\(longest)\r\nx\r\n0\r\n\r\n").end == .end)
        #expect(read("1;\(longest)a\r\nx\r\n0\r\n\r\n").end == .malformed(.chunkMalformed))
    }

    @Test("all extensions of a body together have a bound")
    func allExtensions() {
        func body(_ count: Int) -> String {
            let chunk = "1;\(String(repeating: "a", count: 128))\r\nx\r\n"
            return String(repeating: chunk, count: count) + "0\r\n\r\n"
        }
        let most = BodyReader.mostChunkExtensions / 128
        #expect(read(body(most)).end == .end)
        #expect(read(body(most + 1)).end == .malformed(.chunkMalformed))
    }

    @Test("the bytes that a chunk or a length has announced are known until they have come")
    func announced() {
        var reader = BodyReader(.chunked)
        #expect(reader.announcedBytes == 0)
        let bytes = Array("a\r\n01".utf8)
        var position = 0
        _ = reader.next(bytes.span.bytes, &position)
        #expect(reader.announcedBytes == 8)
        #expect(BodyReader(.length(77)).announcedBytes == 77)
        #expect(BodyReader(.untilClose).announcedBytes == 0)
    }

    @Test("a chunk's size of 15 digits is believed, one of 16 is not")
    func sizes() {
        #expect(read("fffffffffffffff\r\nab").end == .needsMore)
        #expect(read("fffffffffffffff\r\nab").content == "ab")
        #expect(read("0fffffffffffffff\r\nab").end == .malformed(.chunkMalformed))
    }

    @Test("trailers are gathered up to their bound")
    func trailers() {
        var reader = BodyReader(.chunked)
        var position = 0
        let bytes = Array("1\r\nx\r\n0\r\nA: 1\r\nB: 2\r\n\r\nnext".utf8)
        let events = [reader.next(bytes.span.bytes, &position), reader.next(bytes.span.bytes, &position)]
        #expect(events == [.content(3..<4), .end])
        #expect(String(decoding: reader.trailers, as: UTF8.self) == "A: 1\r\nB: 2\r\n\r\n")
        #expect(String(decoding: bytes[position...], as: UTF8.self) == "next")
        let longest = String(repeating: "a", count: BodyReader.longestTrailers - 7)
        #expect(read("0\r\nA: \(longest)\r\n\r\n").end == .end)
        #expect(read("0\r\nA: \(longest)a\r\n\r\n").end == .malformed(.headerTooLarge))
    }

    @Test("a counted body ends where it was said to, and never before")
    func counted() {
        #expect(read("hello!", .length(5)).content == "hello")
        #expect(read("hello!", .length(5)).end == .end)
        #expect(read("hell", .length(5)).end == .needsMore)
        #expect(read("", .length(0)).end == .end)
        #expect(read("x", BodyFraming.none).end == .end)
        #expect(read("hello", .untilClose).end == .needsMore)
        #expect(read("hello", .untilClose).content == "hello")
    }

    @Test("only an answer without a length may end with the connection")
    func endOfConnection() {
        #expect(BodyReader(.untilClose).mayEndWithConnection)
        #expect(BodyReader(.none).mayEndWithConnection)
        #expect(!BodyReader(.chunked).mayEndWithConnection)
        #expect(!BodyReader(.length(1)).mayEndWithConnection)
        #expect(BodyReader(.length(0)).isComplete)
        #expect(!BodyReader(.untilClose).isComplete)
    }

    @Test("a trailer section is read as strictly as a head's fields")
    func trailerSection() {
        func read(_ text: String) -> (fields: Int, reason: ReasonCode?) {
            let bytes = Array(text.utf8)
            var fields = 0
            let reason = TrailerSection.read(bytes.span.bytes) { _ in fields += 1 }
            return (fields, reason)
        }
        #expect(read("A: 1\r\nB: 2\r\n\r\n") == (2, nil))
        #expect(read("") == (0, nil))
        for text in [
            "\rX\r\n\r\n", "A : 1\r\n\r\n", "A: 1\r\n b\r\n\r\n", "A: \u{0}\r\n\r\n", "A: 1\r\n",
            "A: 1\r\n\r\nB: 2\r\n\r\n",
        ] {
            #expect(read(text).reason == .trailerRefused, "\(text)")
        }
        let most = String(repeating: "A: 1\r\n", count: TrailerSection.mostFields)
        #expect(read(most + "\r\n") == (32, nil))
        #expect(read(most + "A: 1\r\n\r\n").reason == .headersTooMany)
    }
}
