import Access
import Testing

@Suite("The visitor's language")
struct PreferredLanguageTests {
    @Test(
        "the language that weighs most is chosen, English where none does",
        arguments: [
            ("de-DE,de;q=0.9,en;q=0.8", PageLanguage.german), ("en-GB,en;q=0.9,de;q=0.8", .english),
            ("de", .german), ("DE-at", .german), ("de-Latn-DE-1996", .german), ("en", .english), ("", .english),
            ("fr, de;q=0.1", .german), ("fr", .english), ("en;q=0.5, de;q=0.6", .german),
            ("en;q=0.5,de;q=0.500", .english), ("de;q=0.5,en;q=0.5", .german), ("*", .english),
            ("en;q=0.1, *;q=0.5", .german), ("de;q=0.2, *;q=0.1", .german), ("de;q=0.1, *;q=0.2", .english),
            ("de;q=0", .english), ("en;q=0, de;q=0", .english), ("en;q=0, *", .german), ("de\t;\tq=1.000", .german),
            ("den", .english), ("d", .english), ("deu-DE", .english), ("de_DE", .english), (",, ,de", .german),
        ])
    func chooses(field: String, expected: PageLanguage) {
        #expect(PageLanguage.preferred(acceptLanguage: field) == expected)
        #expect(PageLanguage.preferred(acceptLanguage: Array(field.utf8).span.bytes) == expected)
    }

    @Test(
        "an entry that breaks the grammar is passed over, and the others count",
        arguments: [
            "de;q=2", "de;q=1.001", "de;q=", "de;q", "de;", "de;q=.5", "de;q=0.1234", "de;x=1", "de q=1", "de;q=-1",
            "de;q=0.5x", "\u{FF}de", "d\0e",
        ])
    func ignoresMalformed(entry: String) {
        #expect(PageLanguage.preferred(acceptLanguage: entry + ", en;q=0.1") == .english)
        #expect(PageLanguage.preferred(acceptLanguage: entry + ", de;q=0.2, en;q=0.1") == .german)
    }

    @Test("a field that was not sent asks for English")
    func absent() {
        #expect(PageLanguage.preferred(acceptLanguage: nil) == .english)
    }

    @Test("what stands behind the bound does not count, what stands before it does")
    func bounded() {
        let padding = String(repeating: "fr,", count: PageLanguage.acceptLanguageReadBytes / 3)
        #expect(PageLanguage.preferred(acceptLanguage: padding + "de") == .german)
        #expect(PageLanguage.preferred(acceptLanguage: "x" + padding + "de") == .english)
    }

    @Test("any bytes give an answer")
    func total() {
        var state: UInt64 = 20_251_121
        let alphabet = Array("deEN*;q=01.,- \t\u{80}".utf8)
        for _ in 0..<5_000 {
            var octets: [UInt8] = []
            repeat {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                octets.append(alphabet[Int(state >> 33) % alphabet.count])
            } while state >> 60 != 0
            let language = PageLanguage.preferred(acceptLanguage: octets.span.bytes)
            #expect(PageLanguage.allCases.contains(language))
        }
    }
}
