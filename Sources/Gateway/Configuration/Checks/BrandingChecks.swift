import Core
import Portal

/// What a tenant's `branding` must be, so that its pages can be read and carry nothing but a picture.
struct BrandingChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// The settings; reports what does not do.  Nil where the file says nothing of it.
    func settings(for entry: BrandingEntry?) -> BrandSettings? {
        guard let entry else { return nil }
        judge(entry.accent, on: .light)
        judge(entry.darkAccent, on: .dark)
        return BrandSettings(
            name: entry.name.isEmpty ? nil : entry.name, logo: logo(entry.logoFile), accent: entry.accent.value,
            darkAccent: entry.darkAccent.value)
    }

    private func judge(_ colour: Located<PageColour?>, on theme: PageTheme) {
        guard let value = colour.value else { return }
        let ratio = theme.contrast(of: value)
        guard ratio < PageTheme.leastContrast else { return }
        // Rounded down, so that no 4.5 is refused for being less than 4.5.
        let tenths = Int(ratio * 10)
        let (ground, way) = theme == .light ? ("light", "darker") : ("dark", "lighter")
        reader.report(
            colour, "\(value) has a contrast of \(tenths / 10).\(tenths % 10):1 against the pages' \(ground) ground",
            allowed: "allowed: 4.5:1 and more (WCAG 2.2, 1.4.3)", remedy: "take a \(way) colour")
    }

    private func logo(_ place: Located<String>) -> BrandSettings.Logo? {
        guard !place.value.isEmpty,
            let content = files.read(place, kind: .tenantLogo, mostBytes: LogoFormat.mostBytes)
        else { return nil }
        guard let format = LogoFormat(content.bytes) else {
            let isSVG = String(decoding: content.bytes.prefix(1024), as: UTF8.self).contains("<svg")
            let words = isSVG ? "SVG, which can carry script" : "no picture that is known"
            reader.report(
                place, "\(files.shown(place.value)): \(words)",
                allowed: "allowed: PNG, JPEG and WebP, told by their first bytes",
                remedy: "save it as PNG")
            return nil
        }
        return BrandSettings.Logo(format: format, bytes: content.bytes)
    }
}
