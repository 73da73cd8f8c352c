import HTTPTypes
import Testing

@testable import Portal

@Suite("Page or data")
struct AcceptedMediaTests {
    @Test(
        "only a client that names HTML gets a page",
        arguments: [
            (browserAccept, true), ("TEXT/HTML", true), ("application/json, text/html;q=0.1", true),
            ("application/xhtml+xml", true), ("text/html ; charset=utf-8", true), ("*/*", false), ("text/*", false),
            ("application/json", false), ("text/html;q=0", false), ("text/html; Q=0.000", false), ("", false),
            ("text/htmlx", false), (",;,", false),
            (String(repeating: "a/b,", count: 300) + "text/html", false),
        ])
    func reads(accept: String, isPage: Bool) {
        #expect((AcceptedMedia([.accept: accept]) == .page) == isPage)
    }
}
