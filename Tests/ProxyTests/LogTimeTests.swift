import HTTPWire
import Testing

@testable import Proxy

@Suite("Times of the log and of Date")
struct LogTimeTests {
    private func texts(_ wall: Int64, _ time: inout LogTime) -> (log: String, http: String) {
        var log = WireBuffer()
        var http = WireBuffer()
        time.append(wall, to: &log)
        time.appendHTTPDate(wall, to: &http)
        return (String(decoding: log.copied(), as: UTF8.self), String(decoding: http.copied(), as: UTF8.self))
    }

    @Test(
        "known moments are written as RFC 3339 and RFC 9110 have them",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_007, "1994-11-06T08:49:37.007Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z", "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_164_800_010, "2024-02-29T00:00:00.010Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_735_689_599_100, "2024-12-31T23:59:59.100Z", "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
            (13_574_563_200_000, "2400-02-29T00:00:00.000Z", "Tue, 29 Feb 2400 00:00:00 GMT"),
            (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)])
    func known(_ wall: Int64, _ log: String, _ http: String) {
        var time = LogTime()
        let found = texts(wall, &time)
        #expect(found == (log, http))
    }

    @Test("every day from 1970 to 2400 follows the one before")
    func days() {
        var time = LogTime()
        var (year, month, day) = (1970, 1, 1)
        for number in 0..<Int64(157_113) {
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            guard
                texts(number * 86_400_000 + 43_200_000, &time).log == "\(year)-\(two(month))-\(two(day))T12:00:00.000Z"
            else {
                Issue.record("day \(number) should be \(year)-\(month)-\(day)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2400)
    }

    @Test("a clock that jumps is followed, and a moment within the second needs no calendar")
    func jumps() {
        var time = LogTime()
        for wall in [1_000, 1_999, 500, 0, 1_500, -2_001] as [Int64] {
            var fresh = LogTime()
            let (found, expected) = (texts(wall, &time), texts(wall, &fresh))
            #expect(found == expected)
        }
    }
}
