import Access
import Core
import Foundation
import Synchronization
import Testing

@testable import Portal

@Suite("The stylesheet")
struct StylesheetTests {
    @Test("the policy names the digest of exactly the bytes that stand between the style tags")
    func policyFitsThePage() throws {
        let digested = Mutex<[[UInt8]]>([])
        let pages = try PortalPages { bytes in
            digested.withLock { $0.append(bytes) }
            return [UInt8](0..<32)
        }
        let page = RefusalPageRenderer(pages: pages).render(.hostUnknown, .english).filled()
        let style = try #require(page.between("<style>", "</style>"))
        #expect(digested.withLock { $0 } == [Array(style.utf8), Asset.passkeys.bytes, Asset.submit.bytes])
        let source = "'sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='"
        #expect(pages.stylesheet.sourceExpression == source)
        #expect(
            pages.contentSecurityPolicy
                == "default-src 'none'; style-src \(source); base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        #expect(!pages.contentSecurityPolicy.contains("unsafe"))
        #expect(pages.stylesheet.fileName == "style.0001020304050607.css")
    }

    @Test("it fetches nothing and cannot end its own element")
    func fetchesNothing() throws {
        let style = String(decoding: try pages().stylesheet.bytes, as: UTF8.self)
        for forbidden in ["url(", "@import", "@font-face", "</", "{{"] { #expect(!style.contains(forbidden)) }
    }

    @Test(
        "text stands out from its ground by 4.5 to 1 in light and in dark (WCAG 2.2, 1.4.3)",
        arguments: [
            ("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("on-accent", "accent"), ("ink", "ground"),
            ("accent", "ground"), ("on-accent", "strong"), ("strong", "ground"), ("fault", "fault-ground"),
            ("ink", "notice-ground"),
        ])
    func contrast(text: String, ground: String) throws {
        for ratio in try Self.ratios(text, ground) { #expect(ratio >= 4.5) }
    }

    @Test(
        "the edges of fields and the mark of focus stand out by 3 to 1 (WCAG 2.2, 1.4.11)",
        arguments: [("edge", "paper"), ("fault", "paper"), ("accent", "paper"), ("accent", "ground")])
    func edges(edge: String, ground: String) throws {
        for ratio in try Self.ratios(edge, ground) { #expect(ratio >= 3) }
    }

    /// The contrast of two colours of the palette, in light and in dark.
    private static func ratios(_ one: String, _ other: String) throws -> [Double] {
        let style = String(decoding: try pages().stylesheet.bytes, as: UTF8.self)
        let palettes = style.components(separatedBy: ":root {").dropFirst()
        #expect(palettes.count == 2)
        return try palettes.map { palette in
            let first = try #require(luminance(palette.between("--\(one): #", ";")))
            let second = try #require(luminance(palette.between("--\(other): #", ";")))
            return (max(first, second) + 0.05) / (min(first, second) + 0.05)
        }
    }

    /// Relative luminance of `rrggbb` (WCAG 2.2).
    private static func luminance(_ color: String?) -> Double? {
        guard let color, color.count == 6, let number = UInt32(color, radix: 16) else { return nil }
        let channels = [16, 8, 0].map { shift -> Double in
            let value = Double((number >> UInt32(shift)) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}
