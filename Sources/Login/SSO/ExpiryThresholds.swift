import Core

/// At which distance of its end something is warned of.
enum ExpiryThresholds {
    /// In days, the farthest first; zero is the end itself.
    static let days = [60, 30, 7, 0]

    /// The nearest threshold that has been reached; nil where the end is far.
    static func reached(by now: WallTime, end: WallTime) -> Int? {
        days.last { day in
            let (moment, overflow) = end.milliseconds.subtractingReportingOverflow(Int64(day) * 86_400_000)
            return !overflow && now.milliseconds >= moment
        }
    }

    /// Whole days until the end; zero where it has come.
    static func daysLeft(at now: WallTime, end: WallTime) -> Int {
        let (left, overflow) = end.milliseconds.subtractingReportingOverflow(now.milliseconds)
        return overflow ? 0 : Int(clamping: max(0, left / 86_400_000))
    }
}
