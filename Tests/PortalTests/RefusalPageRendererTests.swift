import Access
import Core
import Testing

@testable import Portal

/// Every reason that is answered, in every language.
private let answered: [(ReasonCode, PageLanguage)] = ReasonCode.allCases.filter { $0.status != 0 }.flatMap { reason in
    PageLanguage.allCases.map { (reason, $0) }
}

@Suite("Refusal pages")
struct RefusalPageRendererTests {
    @Test("every answered reason has a page that says status, reason, request id and language", arguments: answered)
    func pageIsComplete(reason: ReasonCode, language: PageLanguage) throws {
        let page = RefusalPageRenderer(pages: try pages()).render(reason, language).filled()
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"\(language.rawValue)\">\n"))
        #expect(page.hasSuffix("</html>\n"))
        #expect(page.contains("<p class=\"status\">\(reason.status)</p>"))
        #expect(page.contains("<code>\(reason.code)</code>"))
        #expect(page.contains("<code>request-7</code>"))
        let text = try #require(RefusalText.text(for: reason, in: language, host: "app.example.org"))
        for sentence in [text.title, text.happened, text.advice] {
            #expect(!sentence.isEmpty)
            #expect(page.contains(ScalarEscapedHTML.escape(sentence)))
        }
        #expect(page.between("<title>", "</title>") == page.between("<h1>", "</h1>"))
    }

    @Test("a page has no script, no handler, no link and nothing from elsewhere", arguments: answered)
    func pageIsSelfContained(reason: ReasonCode, language: PageLanguage) throws {
        let page = RefusalPageRenderer(pages: try pages()).render(reason, language).filled().lowercased()
        for forbidden in ["<script", "<link", "<img", "<iframe", "<form", "style=", "javascript:", "http:", "src="] {
            #expect(!page.contains(forbidden))
        }
        #expect(!page.contains("{{"))
    }

    @Test("the two languages say different things", arguments: ReasonCode.allCases.filter { $0.status != 0 })
    func languagesDiffer(reason: ReasonCode) throws {
        let english = try #require(RefusalText.text(for: reason, in: .english, host: ""))
        let german = try #require(RefusalText.text(for: reason, in: .german, host: ""))
        #expect(english.title != german.title)
        #expect(english.happened != german.happened)
        #expect(english.advice != german.advice)
    }

    @Test("the request id is a hole in every page, exactly once", arguments: answered)
    func requestIDIsASlot(reason: ReasonCode, language: PageLanguage) throws {
        let template = RefusalPageRenderer(pages: try pages()).render(reason, language)
        #expect(template.pieces.filter { $0 == .slot(.requestID) }.count == 1)
        #expect(template.pieces.contains(.slot(.host)) == (reason == .hostUnknown))
    }

    @Test("no private-use sentinel is left in a page", arguments: answered)
    func sentinelsAreCut(reason: ReasonCode, language: PageLanguage) throws {
        let page = RefusalPageRenderer(pages: try pages()).render(reason, language).filled()
        #expect(!page.unicodeScalars.contains { $0.value >= 0xF0000 })
    }

    @Test("a reason that is never answered has an empty page", arguments: ReasonCode.allCases.filter { $0.status == 0 })
    func unansweredIsEmpty(reason: ReasonCode) throws {
        let renderer = RefusalPageRenderer(pages: try pages())
        #expect(PageLanguage.allCases.allSatisfy { renderer.render(reason, $0).pieces.isEmpty })
    }

    @Test("the pages for the loops are those that the renderer makes")
    func refusalPagesHoldTheRenderedOnes() throws {
        let pages = try pages()
        let all = pages.refusalPages()
        #expect(
            all.page(for: .pageMissing, in: .german) == RefusalPageRenderer(pages: pages).render(.pageMissing, .german))
        #expect(all.page(for: .pageMissing, in: .german) != all.page(for: .pageMissing, in: .english))
    }

    @Test("a reason has a status phrase exactly where it has a status", arguments: ReasonCode.allCases)
    func everyStatusHasItsPhrase(reason: ReasonCode) {
        #expect(reason.statusPhrase.isEmpty == (reason.status == 0))
    }

    @Test("a host that is markup is shown as text")
    func hostIsEscaped() throws {
        let renderer = RefusalPageRenderer(pages: try pages())
        let page = renderer.page(.hostUnknown, .english, requestID: "<b>", host: "<script>alert(1)</script>")
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("<code>&lt;b&gt;</code>"))
        #expect(!page.contains("<script"))
    }
}
