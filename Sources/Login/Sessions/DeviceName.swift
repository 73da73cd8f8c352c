/// A browser's short name, as people call it, from what it says of itself: enough for somebody to know their own again.
///
/// The text is the browser's own word and proves nothing.
public struct DeviceName: Hashable, Sendable {
    /// `Firefox`, `Chrome`, or the first word of a program that is no browser; nil where nothing is said.
    public let browser: String?
    /// `Windows`, `iPhone`; nil where nothing known is said.
    public let system: String?

    /// Letters of a name that is not known, at most.
    static let longestUnknown = 24

    /// Looks for the marks that browsers write, the more special before the ones that others imitate.
    public init(userAgent: String) {
        let browsers = [
            ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"),
            ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
            ("CriOS/", "Chrome"), ("Chromium/", "Chromium"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"),
            ("Version/", "Safari"),
        ]
        let systems = [
            ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
            ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
        ]
        browser = browsers.first { userAgent.contains($0.0) }?.1 ?? Self.program(userAgent)
        system = systems.first { userAgent.contains($0.0) }?.1
    }

    /// What stands before the first `/` or blank, where it is a word.
    private static func program(_ userAgent: String) -> String? {
        let word = userAgent.prefix { $0 != "/" && $0 != " " }.prefix(longestUnknown)
        let isWord = word.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                || $0 == 0x2E || $0 == 0x5F
        }
        return word.isEmpty || !isWord || word == "Mozilla" ? nil : String(word)
    }
}
