import Access

/// What stands around a page of the portal: whose site it is, and the way to the page in the other language.
struct PageFrame: Sendable, Hashable {
    /// The tenant's display name, or the host where no tenant is known.
    var site: String
    var language: PageLanguage
    /// Where the page is found in the other language.
    var otherLanguageAddress: String
    /// How the site looks; nil for Gatehouse's own looks.
    var brand: PageBrand?

    /// A shown name is cut here, so that no tenant can fill the page with its name.
    static let longestShownName = 120

    /// What the layout asks for, and the page's own values.
    /// - Parameter heading: the page's heading, which the window's title repeats before the site's name.
    func values(heading: String, _ own: [String: Any] = [:]) -> [String: Any] {
        let name = String((brand?.name ?? site).prefix(Self.longestShownName))
        var shown: [String: Any] = ["name": name, "initial": name.prefix(1).uppercased()]
        if let logo = brand?.logo { shown["logo"] = AssetEndpoint.prefix + logo.fileName }
        var values: [String: Any] = [
            "language": language.rawValue, "title": "\(heading) · \(name)", "heading": heading, "site": shown,
            "languages": [
                "label": LoginText.text(in: language).languages, "address": otherLanguageAddress,
                "code": language.other.rawValue, "name": language.other.ownName,
            ],
        ]
        if let style = brand?.style { values["brandStyle"] = style }
        return values.merging(own) { _, own in own }
    }
}
