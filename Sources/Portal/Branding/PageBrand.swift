/// `branding` of a tenant's file, checked.
public struct BrandSettings: Sendable, Hashable {
    /// What pages call the site instead of the tenant's name; nil for that name.
    public var name: String?
    /// The picture beside the name; nil for none.
    public var logo: Logo?
    /// The accent on light grounds; nil for Gatehouse's own.
    public var accent: PageColour?
    /// The accent on dark grounds; nil for Gatehouse's own.
    public var darkAccent: PageColour?

    /// A picture.
    public struct Logo: Sendable, Hashable {
        public let format: LogoFormat
        public let bytes: [UInt8]

        public init(format: LogoFormat, bytes: [UInt8]) {
            self.format = format
            self.bytes = bytes
        }
    }

    public init(
        name: String? = nil, logo: Logo? = nil, accent: PageColour? = nil, darkAccent: PageColour? = nil
    ) {
        self.name = name
        self.logo = logo
        self.accent = accent
        self.darkAccent = darkAccent
    }
}

/// How one tenant's pages look: a name, a logo, accents.  All of it is the tenant's own word, none of it is markup.
///
/// The colours are a second style sheet behind the pages' own, named in their policy by its hash, so that nothing else
/// inline is let in; the logo is an asset whose name carries its hash.
public struct PageBrand: Sendable, Hashable {
    /// A logo as it is served.
    public struct Logo: Sendable, Hashable {
        /// `logo.<hash>.<format>`, where `<hash>` is the first 8 bytes of the digest in hexadecimal.
        public let fileName: String
        let format: LogoFormat
        let bytes: [UInt8]
    }

    /// What pages call the site; nil for the tenant's name.
    let name: String?
    /// The picture beside it.
    public let logo: Logo?
    /// The style sheet behind the pages' own; nil where the colours are Gatehouse's.
    let style: String?
    /// `'sha256-…'`, the source expression for `style`.
    let styleSource: String?

    /// - Parameter sha256: gives the 32 bytes of the SHA-256 digest (FIPS 180-4) of its argument.
    public init(_ settings: BrandSettings, sha256: ([UInt8]) -> [UInt8]) {
        name = settings.name
        logo = settings.logo.map { logo in
            let hash = Stylesheet.hexadecimal(sha256(logo.bytes).prefix(8))
            return Logo(fileName: "logo.\(hash).\(logo.format.rawValue)", format: logo.format, bytes: logo.bytes)
        }
        style = Self.style(settings)
        styleSource = style.map { Stylesheet.sourceExpression(digest: sha256(Array($0.utf8))) }
    }

    /// Custom properties alone; colours are written by us from three numbers.
    private static func style(_ settings: BrandSettings) -> String? {
        func rule(_ colour: PageColour, _ theme: PageTheme) -> String {
            ":root{--accent:\(colour);--strong:\(theme.strengthened(colour))}"
        }
        let rules = [
            settings.accent.map { rule($0, .light) },
            // The light accent must not reach dark grounds, which it may not stand out from.
            settings.darkAccent.map { "@media (prefers-color-scheme:dark){\(rule($0, .dark))}" }
                ?? settings.accent.map { _ in "@media (prefers-color-scheme:dark){\(rule(standardDark, .dark))}" },
        ].compactMap(\.self)
        return rules.isEmpty ? nil : rules.joined()
    }

    /// The stylesheet's own `--accent` on dark grounds.
    static let standardDark = PageColour(red: 0x8E, green: 0xC3, blue: 0xFF)
}
