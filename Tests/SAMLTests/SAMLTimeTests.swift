import Core
import SAML
import Testing

@Suite("Times of SAML")
struct SAMLTimeTests {
    @Test(
        "a time in UTC is read to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 1_769_860_800_000),
            ("2026-01-31T12:00:00.25Z", 1_769_860_800_250), ("2026-01-31T12:00:00.123456789Z", 1_769_860_800_123),
            ("2026-01-31T12:00:00", 1_769_860_800_000), ("2026-01-31T12:00:00+00:00", 1_769_860_800_000),
            ("2028-02-29T23:59:59Z", 1_835_481_599_000),
        ])
    func read(text: String, milliseconds: Int64) {
        #expect(SAMLTime.read(text) == WallTime(milliseconds: milliseconds))
    }

    @Test(
        "what is no time in UTC is none",
        arguments: [
            "", "2026-01-31", "2026-01-31T12:00:00+01:00", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z",
            "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z", "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00ZZ", " 2026-01-31T12:00:00Z", "2026-01-31t12:00:00z", "-026-01-31T12:00:00Z",
            "1969-12-31T23:59:59Z",
        ])
    func refuse(text: String) { #expect(SAMLTime.read(text) == nil) }

    @Test("what is written is read as the same second")
    func write() {
        for milliseconds: Int64 in [0, 951_782_400_000, 1_769_860_800_000, 4_102_444_799_000] {
            let time = WallTime(milliseconds: milliseconds)
            #expect(SAMLTime.read(SAMLTime.write(time)) == time)
        }
    }

    @Test(
        "durations of metadata",
        arguments: [
            ("PT6H", 21_600), ("P7D", 604_800), ("PT1M30S", 90), ("P1DT12H", 129_600), ("PT0.5S", 0),
        ])
    func duration(text: String, seconds: UInt64) { #expect(SAMLTime.readDuration(text) == .seconds(seconds)) }

    @Test(
        "what is no duration is none",
        arguments: ["", "P", "PT", "6H", "-PT6H", "PT6H5", "P1H", "PT1D", "P99999999Y", "PT1S1M"])
    func noDuration(text: String) { #expect(SAMLTime.readDuration(text) == nil) }
}
