import Testing

@testable import Core

@Suite("Moments as calendars say them")
struct CivilTimeTests {
    @Test(
        "a moment is the right day, weekday and hour",
        arguments: [
            (0, "1970-1-1 0:0:0 Thu"), (-1, "1969-12-31 23:59:59 Wed"), (951_782_400_000, "2000-2-29 0:0:0 Tue"),
            (1_709_251_199_000, "2024-2-29 23:59:59 Thu"), (4_107_542_400_000, "2100-3-1 0:0:0 Mon"),
            (1_796_018_027_123, "2026-11-30 5:53:47 Mon"),
        ] as [(Int64, String)])
    func moments(_ milliseconds: Int64, _ expected: String) {
        let time = CivilTime(WallTime(milliseconds: milliseconds))
        let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][time.weekday]
        #expect(
            "\(time.year)-\(time.month)-\(time.day) \(time.hour):\(time.minute):\(time.second) \(weekday)" == expected)
    }
}
