import Testing

@testable import Gateway

@Suite("A misspelt name finds the one that was meant")
struct SpellingTests {
    @Test(
        "a slip in three characters is forgiven",
        arguments: [
            ("ap", "app"), ("lisetners", "listeners"), ("pubic_url", "public_url"), ("LIMITS", "limits"),
            ("routse", "routes"),
        ])
    func near(_ text: String, _ meant: String) {
        #expect(Spelling.nearest(to: text, among: ["zz", meant, "unrelated"]) == meant)
    }

    @Test(
        "what resembles nothing finds nothing", arguments: ["", "xyz", "telemetry", String(repeating: "a", count: 65)])
    func far(_ text: String) {
        #expect(
            Spelling.nearest(to: text, among: ["app", "limits", "routes", String(repeating: "a", count: 65)]) == nil)
    }

    @Test(
        "the distance counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
        ])
    func distance(_ one: String, _ other: String, _ distance: Int) {
        #expect(Spelling.distance(Array(one.unicodeScalars), Array(other.unicodeScalars)) == distance)
    }
}
