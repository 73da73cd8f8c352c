/// A moment in UTC as calendars and clocks say it, in the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public let year: Int
    /// 1…12.
    public let month: Int
    /// 1…31.
    public let day: Int
    public let hour: Int
    public let minute: Int
    public let second: Int
    /// 0 is Monday.
    public let weekday: Int

    public init(_ time: WallTime) {
        let seconds = Self.quotient(time.milliseconds, 1000)
        let dayNumber = Self.quotient(seconds, 86_400)
        let secondOfDay = Int(seconds - dayNumber * 86_400)
        (hour, minute, second) = (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60)
        // 1970-01-01 was a Thursday.
        weekday = Int(dayNumber + 3 - Self.quotient(dayNumber + 3, 7) * 7)
        // Years that begin in March end with the day that may be missing; 400 of them have 146,097 days.
        let shifted = dayNumber + 719_468
        let era = Self.quotient(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Rounded down, also below zero.
    private static func quotient(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }
}
