import HTTPWire
import Testing

@Suite("Lists and comparisons")
struct ListReaderTests {
    private func members(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var position = 0
        var found: [String] = []
        while let range = ListReader.next(bytes.span.bytes, &position) {
            found.append(String(decoding: bytes[range], as: UTF8.self))
        }
        return found
    }

    @Test(
        "members are found without the white space around them, empty ones are skipped",
        arguments: [
            ("a", ["a"]), ("a,b", ["a", "b"]), (" a ,\tb\t", ["a", "b"]), ("", []), (",", []), (" , ,", []),
            (",a,,b,", ["a", "b"]), ("a b, c", ["a b", "c"]), ("a;q=1, b", ["a;q=1", "b"]),
        ])
    func lists(_ text: String, _ expected: [String]) { #expect(members(text) == expected) }

    @Test("a byte is found wherever it stands, the first of several, and never one that only looks alike")
    func places() {
        for count in 0...40 {
            for place in 0..<count {
                // 0x3A and 0xBB differ from it in one bit, which a subtraction over many bytes could take for none.
                var bytes = [UInt8](repeating: place % 2 == 0 ? 0x3A : 0xBB, count: count)
                #expect(bytes.span.bytes.firstIndex(of: 0x3B, from: 0) == count)
                bytes[place] = 0x3B
                bytes[count - 1] = 0x3B
                for start in 0...place { #expect(bytes.span.bytes.firstIndex(of: 0x3B, from: start) == place) }
                #expect(bytes.span.bytes.firstIndex(of: 0x3B, from: count) == count)
            }
        }
    }

    @Test("words are compared without case, letters alone")
    func words() {
        let text = Array("CHUNKED".utf8)
        #expect(text.span.bytes.equalsIgnoringCase("chunked") == true)
        #expect(text.span.bytes.equalsIgnoringCase("chunke") == false)
        #expect(text.span.bytes.equalsIgnoringCase("chunkedd") == false)
        for (one, two) in [("@", "`"), ("[", "{"), ("\u{10}", "0"), ("-", "\r")] {
            let (one, two) = (Array(one.utf8), Array(two.utf8))
            #expect(one.span.bytes.equalsIgnoringCase(two.span.bytes) == false)
        }
        let (upper, lower) = (Array("aBc-1".utf8), Array("AbC-1".utf8))
        #expect(upper.span.bytes.equalsIgnoringCase(lower.span.bytes) == true)
        #expect(upper.span.bytes.hasPrefix("aB") == true)
        #expect(upper.span.bytes.hasPrefix("ab") == false)
        #expect(upper.span.bytes.hasPrefix("aBc-12") == false)
        #expect(upper.span.bytes.octet(4) == 0x31)
    }
}
