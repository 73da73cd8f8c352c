import Core
import Portal

/// A tenant's `branding` as written.
struct BrandingEntry: Sendable {
    let name: String
    let logoFile: Located<String>
    let accent: Located<PageColour?>
    let darkAccent: Located<PageColour?>

    static let nameKey = DefaultedKey(
        "name", ValueType<String>.text("a display name", bytes: 0...200), default: "\"\"",
        "What pages call the site; \"\" is the tenant's name.")
    static let logoFileKey = DefaultedKey(
        "logo_file", ValueType<String>.filePath("a picture's path", isOptional: true).located, default: "\"\"",
        "A picture beside the name: PNG, JPEG or WebP of at most 256KiB; \"\" shows the name's first letter.")
    static let accentKey = DefaultedKey(
        "accent", BrandingEntry.colourType.located, default: "\"\"",
        "Links and buttons on light grounds, 4.5:1 against them at least; \"\" is Gatehouse's own.")
    static let darkAccentKey = DefaultedKey(
        "accent_dark", BrandingEntry.colourType.located, default: "\"\"",
        "Links and buttons on dark grounds, 4.5:1 against them at least; \"\" is Gatehouse's own.")

    static let type = ValueType<BrandingEntry>.mapping([nameKey, logoFileKey, accentKey, darkAccentKey]) {
        section, _ in
        BrandingEntry(
            name: section[nameKey], logoFile: section[logoFileKey], accent: section[accentKey],
            darkAccent: section[darkAccentKey])
    }

    /// `#rrggbb`; "" for none.
    static let colourType: ValueType<PageColour?> = {
        let shape = ScalarShape(
            noun: "a colour", allowed: "\"#rrggbb\" in quotation marks (# begins a comment); \"\" for none",
            json: .object([("type", .string("string")), ("pattern", .string("^(#[0-9A-Fa-f]{6})?$"))]))
        return .scalar(shape) { text throws(ScalarProblem) in
            if text.isEmpty { return nil }
            guard let colour = PageColour(text) else {
                let remedy = PageColour("#" + text) == nil ? nil : "did you mean \"#\(text)\"?"
                throw ScalarProblem("\(ShownText.quoted(text)) is not a colour", remedy: remedy)
            }
            return colour
        }
    }()
}
