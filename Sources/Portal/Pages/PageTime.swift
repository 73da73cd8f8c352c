import Access
import Core

/// Moments and spans in words, for pages: in UTC, which is said, for no page asks where its reader is.
struct PageTime: Sendable {
    let language: PageLanguage

    /// `30 November 2026, 06:12 UTC`.
    func moment(_ time: WallTime) -> String {
        let (day, minute) = Self.parts(time)
        let date = Self.civil(day)
        let clock = "\(Self.two(minute / 60)):\(Self.two(minute % 60)) UTC"
        switch language {
        case .english: return "\(date.day) \(Self.englishMonths[date.month - 1]) \(date.year), \(clock)"
        case .german: return "\(date.day). \(Self.germanMonths[date.month - 1]) \(date.year), \(clock)"
        }
    }

    /// How long ago it was: `5 minutes ago`.  Uses are written behind, so that what is less than two minutes old is now.
    func ago(_ time: WallTime, now: WallTime) -> String {
        let minutes = max(0, now.milliseconds - time.milliseconds) / 60_000
        switch language {
        case .english:
            switch minutes {
            case ..<2: return "just now"
            case ..<120: return "\(minutes) minutes ago"
            case ..<2880: return "\(minutes / 60) hours ago"
            default: return "\(minutes / 1440) days ago"
            }
        case .german:
            switch minutes {
            case ..<2: return "gerade eben"
            case ..<120: return "vor \(minutes) Minuten"
            case ..<2880: return "vor \(minutes / 60) Stunden"
            default: return "vor \(minutes / 1440) Tagen"
            }
        }
    }

    private static func parts(_ time: WallTime) -> (day: Int64, minute: Int64) {
        let minutes = time.milliseconds / 60_000 - (time.milliseconds % 60_000 < 0 ? 1 : 0)
        let minute = (minutes % 1440 + 1440) % 1440
        return ((minutes - minute) / 1440, minute)
    }

    /// The date of a day since 1970-01-01, in the Gregorian calendar; years begin in March for the reckoning, so that the
    /// leap day is a year's last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = Int(march < 10 ? march + 3 : march - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let germanMonths = [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ]
}
