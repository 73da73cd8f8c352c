import HTTPWire

/// Writes UTC times as RFC 3339 §5.6 has them, with milliseconds; the calendar is worked out once a second.
struct LogTime {
    private var second: Int64 = .min
    private var text: [UInt8] = []
    private var httpText: [UInt8] = []

    mutating func append(_ wall: Int64, to buffer: inout WireBuffer) {
        refresh(wall)
        buffer.append(text)
        let fraction = UInt64(wall - second * 1000)
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction / 100))
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction / 10 % 10))
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction % 10))
        buffer.append("Z")
    }

    /// IMF-fixdate (RFC 9110 §5.6.7), for `Date`.
    mutating func appendHTTPDate(_ wall: Int64, to buffer: inout WireBuffer) {
        refresh(wall)
        buffer.append(httpText)
    }

    private mutating func refresh(_ wall: Int64) {
        let current = wall >= 0 ? wall / 1000 : (wall - 999) / 1000
        guard current != second else { return }
        second = current
        let days = current >= 0 ? current / 86_400 : (current - 86_399) / 86_400
        let rest = current - days * 86_400
        // Days to a civil date, in the proleptic Gregorian calendar counted from 0000-03-01.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let fourDigits = String(repeating: "0", count: max(0, 4 - String(year).utf8.count)) + String(year)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        text = Array("\(fourDigits)-\(two(month))-\(two(day))T\(clock).".utf8)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = weekdays[Int(((days % 7) + 7) % 7)]
        httpText = Array("\(weekday), \(two(day)) \(months[Int(month) - 1]) \(fourDigits) \(clock) GMT".utf8)
    }
}
