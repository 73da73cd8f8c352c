import Access

/// What the pages that set a password say, in one language.
///
/// No text before a proof tells whether an account exists.
struct PasswordText: Sendable {
    // A password was refused, or is asked for.
    let setPassword: String
    let passwordRefused: String
    let currentPassword: String
    let currentWrong: String
    let currentMissing: String
    // Before a session begins.
    let forcedHeading: String
    let forcedIntroduction: String
    // Forgotten.
    let forgottenHeading: String
    let forgottenIntroduction: String
    let sendMail: String
    let mailHeading: String
    let mailParagraphs: [String]
    let noMailHeading: String
    let noMailParagraphs: [String]
    // By a link.
    let resetHeading: String
    let resetIntroduction: String
    let invitationHeading: @Sendable (_ tenant: String) -> String
    let invitationIntroduction: String
    let unusableHeading: String
    let unusableReset: [String]
    let unusableInvitation: [String]
    let askAgain: String
    let linksThrottled: RefusalText
    let mailsThrottled: RefusalText
    let openAgain: String
    // Signed in.
    let changeHeading: String
    let changeIntroduction: String
    let changed: String
    let change: String
    let back: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> PasswordText {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
