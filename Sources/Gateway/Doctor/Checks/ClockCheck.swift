import Core
import Outbound

/// The gateway's clock agrees with this machine's: sessions, codes and certificates hang on it.
enum ClockCheck {
    /// Seconds apart, from which a look is due.
    static let manySeconds: Int64 = 5
    /// Seconds apart, from which assertions and codes are refused by whoever checks their time.
    static let tooManySeconds: Int64 = 60

    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "clock"
        guard case .success(let answer) = seen.login, let text = answer.values("date").first else {
            return [DoctorFinding(name, .info, "not checkable: no answer with a Date was seen")]
        }
        guard let date = HTTPDate.seconds(text) else {
            return [
                DoctorFinding(
                    name, .warn, "the Date \(ShownText.quoted(text)) cannot be read",
                    mend: "let whatever stands before Gatehouse hand on Date as it is")
            ]
        }
        // The answer was made at some time between asking and reading it; a Date is cut to whole seconds.
        let earliest = seen.askedAt.milliseconds / 1000
        let latest = seen.answeredAt.milliseconds / 1000
        let apart = date < earliest ? earliest - date : max(0, date - latest)
        let words = "\(ShownText.count(Int(apart), "second")) \(date < earliest ? "behind" : "ahead of") this machine's"
        let mend = "have both machines follow a time server (timedatectl status)"
        guard apart <= tooManySeconds else { return [DoctorFinding(name, .fail, words, mend: mend)] }
        guard apart <= manySeconds else { return [DoctorFinding(name, .warn, words, mend: mend)] }
        return [DoctorFinding(name, .pass, apart == 0 ? "agrees with this machine's" : words)]
    }
}

/// IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    /// Seconds since 1970; nil for the obsolete forms and anything else.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
            let day = number(parts[1], 2), let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3], 4), (1...31).contains(day), year >= 1970
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], 2), let minute = number(time[1], 2),
            let second = number(time[2], 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return days(year: year, month: month + 1, day: day) * 86400 + hour * 3600 + minute * 60 + second
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func number(_ text: Substring, _ digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin with March.
    private static func days(year: Int64, month: Int, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * Int64(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
