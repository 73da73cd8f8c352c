import Access
import Core
import Testing

@testable import Portal

@Suite("Times on pages")
struct PageTimeTests {
    @Test(
        "moments are dates of the Gregorian calendar in UTC",
        arguments: [
            (0, "1 January 1970, 00:00 UTC", "1. Januar 1970, 00:00 UTC"),
            (1_763_762_400_000, "21 November 2025, 22:00 UTC", "21. November 2025, 22:00 UTC"),
            (1_709_251_199_999, "29 February 2024, 23:59 UTC", "29. Februar 2024, 23:59 UTC"),
            (1_709_251_200_000, "1 March 2024, 00:00 UTC", "1. März 2024, 00:00 UTC"),
            (4_107_542_399_000, "28 February 2100, 23:59 UTC", "28. Februar 2100, 23:59 UTC"),
            (-1, "31 December 1969, 23:59 UTC", "31. Dezember 1969, 23:59 UTC"),
        ])
    func moments(time: Int64, english: String, german: String) {
        #expect(PageTime(language: .english).moment(WallTime(milliseconds: time)) == english)
        #expect(PageTime(language: .german).moment(WallTime(milliseconds: time)) == german)
    }

    @Test(
        "how long ago something was is said in the unit that a person would use",
        arguments: [
            (-5, "just now", "gerade eben"), (119, "just now", "gerade eben"),
            (120, "2 minutes ago", "vor 2 Minuten"), (7199, "119 minutes ago", "vor 119 Minuten"),
            (7200, "2 hours ago", "vor 2 Stunden"), (172_800, "2 days ago", "vor 2 Tagen"),
        ])
    func ago(seconds: Int64, english: String, german: String) {
        let now = WallTime(milliseconds: 1_763_762_400_000)
        let then = WallTime(milliseconds: now.milliseconds - seconds * 1000)
        #expect(PageTime(language: .english).ago(then, now: now) == english)
        #expect(PageTime(language: .german).ago(then, now: now) == german)
    }
}
