public import Core

/// Times as SAML writes them: xs:dateTime in UTC (SAML Core §1.3.3, XML Schema Part 2 §3.2.7), and xs:duration.
public enum SAMLTime {
    private static let years = 1970...9999

    /// Reads `2026-01-31T12:00:00Z`, with a fraction where there is one; without a zone it is UTC, as SAML says it must be,
    /// and `+00:00` is as good as `Z`.  Nil for everything else.
    public static func read(_ text: String) -> WallTime? {
        let octets = Array(text.utf8)
        guard octets.count >= 19, octets[4] == UInt8(ascii: "-"), octets[7] == UInt8(ascii: "-"),
            octets[10] == UInt8(ascii: "T"), octets[13] == UInt8(ascii: ":"), octets[16] == UInt8(ascii: ":"),
            let year = number(octets[0..<4]), let month = number(octets[5..<7]), let day = number(octets[8..<10]),
            let hour = number(octets[11..<13]), let minute = number(octets[14..<16]),
            let second = number(octets[17..<19]),
            years.contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60,
            day >= 1, day <= daysOf(month: month, year: year)
        else { return nil }
        var rest = octets[19...]
        var milliseconds = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, digits.count <= 12 else { return nil }
            let kept = digits.prefix(3)
            milliseconds = kept.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            for _ in kept.count..<3 { milliseconds *= 10 }
            rest = rest.dropFirst(1 + digits.count)
        }
        guard ["", "Z", "+00:00"].contains(String(decoding: rest, as: UTF8.self)) else { return nil }
        let seconds =
            Int64(dayNumber(year: year, month: month, day: day)) * 86_400
            + Int64(hour * 3600 + minute * 60 + second)
        return WallTime(milliseconds: seconds * 1000 + Int64(milliseconds))
    }

    /// Writes `2026-01-31T12:00:00Z`; what is below a second is left out.
    public static func write(_ time: WallTime) -> String {
        let civil = CivilTime(time)
        return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))T\(clock(civil))Z"
    }

    /// Reads an xs:duration such as `PT6H` or `P7D`, as metadata's `cacheDuration`; months count 30 days and years 365.
    /// Nil for everything else, a negative one and one beyond ten years.
    public static func readDuration(_ text: String) -> Milliseconds? {
        var rest = Array(text.utf8)[...]
        guard rest.popFirst() == UInt8(ascii: "P"), !rest.isEmpty else { return nil }
        var isTime = false
        var seconds: Int = 0
        var last = 0
        while let first = rest.first {
            if first == UInt8(ascii: "T") {
                guard !isTime, rest.count > 1 else { return nil }
                isTime = true
                rest.removeFirst()
                continue
            }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard digits.count <= 9, let count = number(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            if isTime, rest.first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
                rest = rest.dropFirst(rest.prefix { (0x30...0x39).contains($0) }.count)
            }
            guard let unit = rest.popFirst(), let (order, size) = unitSize(unit, isTime: isTime), order > last else {
                return nil
            }
            last = order
            seconds += count * size
        }
        guard last > 0, seconds <= 3650 * 86_400 else { return nil }
        return .seconds(UInt64(seconds))
    }

    /// The time of day, for words: `14:02:11`; with its date where that is another one's day.
    static func words(_ time: WallTime, besides other: WallTime) -> String {
        let (one, two) = (CivilTime(time), CivilTime(other))
        let isSameDay = (one.year, one.month, one.day) == (two.year, two.month, two.day)
        return isSameDay ? clock(one) : write(time)
    }

    private static func unitSize(_ unit: UInt8, isTime: Bool) -> (order: Int, seconds: Int)? {
        switch (unit, isTime) {
        case (UInt8(ascii: "Y"), false): (1, 365 * 86_400)
        case (UInt8(ascii: "M"), false): (2, 30 * 86_400)
        case (UInt8(ascii: "D"), false): (3, 86_400)
        case (UInt8(ascii: "H"), true): (4, 3600)
        case (UInt8(ascii: "M"), true): (5, 60)
        case (UInt8(ascii: "S"), true): (6, 1)
        default: nil
        }
    }

    private static func clock(_ civil: CivilTime) -> String {
        "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func daysOf(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01; years that begin in March end with the day that may be missing.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
