import Core

/// Finds the name that somebody meant, and says so as a fault's last part.
enum Spelling {
    /// As `NearestName.find`.
    static func nearest(to text: String, among candidates: [String]) -> String? {
        NearestName.find(text, among: candidates)
    }

    /// `did you mean "app"?`, where a candidate is near enough.
    static func suggestion(for text: String, among candidates: [String]) -> String? {
        nearest(to: text, among: candidates).map { "did you mean \(ShownText.quoted($0))?" }
    }

    /// As `NearestName.distance`.
    static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        NearestName.distance(one, other)
    }
}
