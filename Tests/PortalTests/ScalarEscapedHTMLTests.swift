import Access
import HTTPTypes
import Testing

@testable import Portal

@Suite("Escaping in pages")
struct ScalarEscapedHTMLTests {
    @Test(
        "the five characters that HTML reads are escaped, all others are kept",
        arguments: [
            ("<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"),
            ("Zoë, “Straße” 🙂", "Zoë, “Straße” 🙂"), ("", ""), ("\0", "\u{FFFD}"), ("\r\n", "\r\n"),
        ])
    func escapes(text: String, expected: String) {
        #expect(ScalarEscapedHTML.escape(text) == expected)
    }

    @Test(
        "a character that HTML reads is escaped inside a grapheme cluster too",
        arguments: ["\u{600}<script>", "<\u{301}script>", "\u{110BD}\"onload=", "'\u{200D}", "&\u{338}#60;"])
    func escapesInsideClusters(text: String) {
        let escaped = ScalarEscapedHTML.escape(text)
        #expect(!escaped.unicodeScalars.contains { ["<", ">", "\"", "'"].contains($0) })
        #expect(!escaped.contains("&#60;"))
    }

    @Test("the template engine escapes with it, in a page and in what the page includes")
    func isInForce() async throws {
        let hostile = "\u{600}<script>alert(1)</script>"
        let application = EchoApplication(pages: try pages())
        let response = await application.handler(
            request(.get, "/?\(hostile)", accept: browserAccept, fields: [.userAgent: "plain"], host: hostile))
        #expect(!response.text.utf8Contains("<script"))
        #expect(response.text.utf8Contains("\u{600}&lt;script&gt;"))
    }
}

extension String {
    /// True where the bytes of `text` occur; Swift's own `contains` compares grapheme clusters.
    func utf8Contains(_ text: String) -> Bool {
        Array(utf8).firstRange(of: Array(text.utf8)) != nil
    }
}
