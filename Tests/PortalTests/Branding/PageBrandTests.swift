import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("A tenant's looks")
struct PageBrandTests {
    private static func brand(_ settings: BrandSettings) -> PageBrand {
        PageBrand(settings) { bytes in [UInt8](repeating: UInt8(truncatingIfNeeded: bytes.count), count: 32) }
    }

    private static let png = BrandSettings.Logo(format: .png, bytes: [0x89, 0x50])

    @Test("name, logo and colours are on its host's pages, in a policy that lets in just them")
    func shown() async throws {
        let world = try await LoginWorld()
        let accent = try #require(PageColour("#0b5cad"))
        let brand = Self.brand(BrandSettings(name: "Acme & Partner", logo: Self.png, accent: accent))
        world.with { $0.brands["acme"] = brand }
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let page = await browser.get("/.gatehouse/login")
        #expect(page.html.contains("<p>Acme &amp; Partner</p>"))
        #expect(
            page.html.contains("<img class=\"logo\" src=\"/.gatehouse/assets/logo.0202020202020202.png\" alt=\"\">"))
        let style = try #require(brand.style)
        #expect(page.html.contains("<style>\(style)</style>"))
        #expect(style.hasPrefix(":root{--accent:#0b5cad;--strong:#084582}"))
        let policy = try #require(page.response.head.headerFields[.contentSecurityPolicy])
        #expect(
            policy.contains("style-src \(try pages().stylesheet.sourceExpression) \(try #require(brand.styleSource));"))
        #expect(policy.contains("; img-src 'self';"))
        #expect(!policy.contains("unsafe"))
        let logo = await browser.get("/.gatehouse/assets/logo.0202020202020202.png")
        #expect(logo.status == 200)
        #expect(logo.response.body == [0x89, 0x50])
        #expect(logo.response.head.headerFields[.contentType] == "image/png")
        #expect(logo.response.head.headerFields[.xContentTypeOptions] == "nosniff")
    }

    @Test("refusals on its host are in its looks too")
    func refusals() async throws {
        let world = try await LoginWorld()
        world.with { $0.brands["acme"] = Self.brand(BrandSettings(name: "Acme Portal")) }
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        browser.isTenantSuspended = true
        #expect(await browser.get("/.gatehouse/login").html.contains("<p>Acme Portal</p>"))
    }

    @Test("on a shared host nothing shows that there is such a tenant, until home_realm lets it")
    func sharedHost() async throws {
        let world = try await LoginWorld()
        world.with { $0.brands["bolt"] = Self.brand(BrandSettings(name: "Bolt Portal", logo: Self.png)) }
        var browser = try PortalBrowser(world)
        let page = await browser.get("/.gatehouse/login?tenant=bolt")
        #expect(page.html.contains("<p>app.example.org</p>"))
        #expect(!page.html.contains("logo."))
        #expect(page.response.head.headerFields[.contentSecurityPolicy] == (try pages().contentSecurityPolicy))
        world.with { $0.homeRealm = .domain }
        #expect(await browser.get("/.gatehouse/login?tenant=bolt").html.contains("<p>Bolt Portal</p>"))
        let second = await browser.submit(await browser.get("/.gatehouse/login"), ["email": "eva@bolt.example"])
        #expect(second.html.contains("<p>Bolt Portal</p>"))
    }

    @Test("an accent for light grounds alone leaves dark ones as they are")
    func themes() throws {
        let accent = try #require(PageColour("#0b5cad"))
        let light = try #require(Self.brand(BrandSettings(accent: accent)).style)
        #expect(light.contains("@media (prefers-color-scheme:dark){:root{--accent:#8ec3ff;"))
        let dark = try #require(Self.brand(BrandSettings(darkAccent: PageColour("#ffcc00"))).style)
        #expect(dark.hasPrefix("@media (prefers-color-scheme:dark){:root{--accent:#ffcc00;"))
        #expect(Self.brand(BrandSettings(name: "x")).style == nil)
    }

    @Test("the grounds and the dark accent are the stylesheet's")
    func theme() throws {
        let style = String(decoding: try pages().stylesheet.bytes, as: UTF8.self)
        let palettes = style.split(separator: ":root {", omittingEmptySubsequences: false).dropFirst().map(String.init)
        #expect(palettes.count == PageTheme.allCases.count)
        for (theme, palette) in zip(PageTheme.allCases, palettes) {
            #expect(
                theme.grounds.map { "\($0)" } == [
                    palette.between("--paper: ", ";"), palette.between("--ground: ", ";"),
                ])
        }
        #expect(palettes.last?.between("--accent: ", ";") == "\(PageBrand.standardDark)")
    }

    @Test("what a picture is is told by its first bytes")
    func formats() {
        #expect(LogoFormat([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]) == .png)
        #expect(LogoFormat([0xFF, 0xD8, 0xFF, 0xE0]) == .jpeg)
        #expect(LogoFormat(Array("RIFF....WEBPVP8 ".utf8)) == .webp)
        for bytes in ["", "RIFF....WAVE", "<svg/>", "GIF89a", "\u{89}PNG"] {
            #expect(LogoFormat(Array(bytes.utf8)) == nil)
        }
    }
}

@Suite("Colours")
struct PageColourTests {
    @Test("six digits behind # are a colour, and nothing else is")
    func reading() {
        #expect(PageColour("#0B5cAd")?.description == "#0b5cad")
        for text in ["", "#", "0b5cad", "#0b5ca", "#0b5cad0", "#0b5cag", "#+b5cad", "blue", "#０b5cad"] {
            #expect(PageColour(text) == nil, "\(text)")
        }
    }

    @Test(
        "contrast is WCAG's",
        arguments: [
            ("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54), ("#0b5cad", "#eef1f5", 5.89), ("#ff0000", "#ffffff", 4.0),
        ])
    func contrast(one: String, other: String, expected: Double) throws {
        let (one, other) = (try #require(PageColour(one)), try #require(PageColour(other)))
        #expect(abs(one.contrast(with: other) - expected) < 0.01)
        #expect(one.contrast(with: other) == other.contrast(with: one))
    }
}
