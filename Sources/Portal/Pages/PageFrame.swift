import Access

/// What stands around a page of the portal: whose site it is, and the way to the page in the other language.
struct PageFrame: Sendable, Hashable {
    /// The tenant's display name, or the host where no tenant is known.
    var site: String
    var language: PageLanguage
    /// Where the page is found in the other language.
    var otherLanguageAddress: String

    /// A shown name is cut here, so that no tenant can fill the page with its name.
    static let longestShownName = 120

    /// What the layout asks for, and the page's own values.
    /// - Parameter heading: the page's heading, which the window's title repeats before the site's name.
    func values(heading: String, _ own: [String: Any] = [:]) -> [String: Any] {
        let name = String(site.prefix(Self.longestShownName))
        let values: [String: Any] = [
            "language": language.rawValue, "title": "\(heading) · \(name)", "heading": heading,
            "site": ["name": name, "initial": name.prefix(1).uppercased()],
            "languages": [
                "label": LoginText.text(in: language).languages, "address": otherLanguageAddress,
                "code": language.other.rawValue, "name": language.other.ownName,
            ],
        ]
        return values.merging(own) { _, own in own }
    }
}
