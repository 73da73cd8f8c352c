import Access
import Core
import Login

/// What one mail says, in one language, before it looks like anything.
struct MailText: Sendable, Hashable {
    /// A named value, such as when something happened.
    struct Fact: Sendable, Hashable {
        let label: String
        let value: String

        init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// What a member is to open, if anything.
    struct Link: Sendable, Hashable {
        let label: String
        let address: String
    }

    let subject: String
    let heading: String
    /// Paragraphs.
    var before: [String] = []
    var facts: [Fact] = []
    /// What stands between the facts and the link.
    var between: [String] = []
    var link: Link?
    var after: [String] = []
    /// Above the link in full, for those whose program shows no buttons.
    let copy: String
    let footer: String

    /// Where and when the mail is for.
    struct Context: Sendable {
        /// The tenant's display name.
        let site: String
        /// Where a member asks for a new password.
        let forgotAddress: String
    }

    /// When and where something happened to an account.
    struct Event: Sendable {
        let at: WallTime
        /// What the browser says of itself; empty where nothing is known.
        let device: String
        /// Empty where nothing is known.
        let address: String
    }

    /// The texts of a notice.
    static func text(_ notice: MailNotice, _ context: Context, in language: PageLanguage) -> MailText {
        switch language {
        case .english: english(notice, context)
        case .german: german(notice, context)
        }
    }

    /// `Firefox, Linux`; nil where the browser said nothing.
    static func device(_ userAgent: String) -> String? {
        let name = DeviceName(userAgent: userAgent)
        let parts = [name.browser, name.system].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// A number that is counted no further than `AttackAlerts.mostNames`.
    static func count(_ number: Int, _ more: String) -> String {
        number < AttackAlerts.mostNames ? "\(number)" : "\(number) \(more)"
    }

    /// `05:53`.
    static func clock(_ time: CivilTime) -> String {
        [time.hour, time.minute].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
