public import Core
import HostCrypto

/// The code that a first enrolment needs on a browser that is not trusted: eight digits, by mail or by an operator's
/// hand (security rule 16).
public enum EnrolmentCode {
    public static let digitCount = 8
    /// A mailed code is good for so long.
    public static let mailedLifetime = Milliseconds.minutes(30)
    /// A code that an operator hands over is good for so long.
    public static let printedLifetime = Milliseconds.hours(24)

    /// A new random code: every one of 10⁸ is as likely.
    static func make() -> String {
        let range: UInt64 = 100_000_000
        let bound = UInt64.max - UInt64.max % range
        var number = SecureRandom.number()
        while number >= bound { number = SecureRandom.number() }
        let text = String(number % range)
        return String(repeating: "0", count: digitCount - text.utf8.count) + text
    }

    /// The eight digits of what was typed, with blanks or digits of another script; nil for anything else.
    public static func normalised(_ typed: String) -> String? { TypedCode.digits(typed, count: digitCount) }

    /// A code as people read it: two groups of four.
    public static func grouped(_ code: String) -> String { "\(code.prefix(4)) \(code.dropFirst(4))" }
}
