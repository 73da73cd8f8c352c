import Access

/// What the pages around signing in say, in one language.
///
/// No text tells whether an account exists, which tenants an address belongs to, or why exactly a sign-in failed.
struct LoginText: Sendable {
    // The two steps.
    let signIn: String
    let email: String
    let proceed: String
    let password: String
    /// The choice to stay signed in, for so long.
    let remember: @Sendable (RememberedSpan) -> String
    /// The link beside the address on the second step.
    let otherAddress: String
    /// The field for the address holds none.
    let emailFault: String
    /// The field for the password is empty.
    let passwordFault: String
    /// The one answer to every sign-in that failed.
    let refused: String
    /// The form before this one was too old, or had been used.
    let stale: String
    /// A link's form has set a new password.
    let passwordSet: String
    /// The way for those who forgot their password.
    let forgotPassword: String
    /// The same where no mail can be sent.
    let forgotPasswordWithoutMail: String
    // Several tenants.
    let choose: String
    let chooseIntroduction: String
    // Signing out.
    let signOut: String
    let signedInAs: String
    let staySignedIn: String
    let signedOut: String
    let signedOutAdvice: String
    let signInAgain: String
    /// The way on to the site of this name.
    let onward: @Sendable (_ site: String) -> String
    // The start page of `portal_host`.
    let signedIn: String
    let toApplication: String
    let signOutFailed: RefusalText
    // Around all pages.
    let startAgain: String
    /// The name of the list of languages, for those who do not see it.
    let languages: String
    /// When to try again, for pages that ask for patience.
    let tryAgain: @Sendable (RetryWait) -> String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> LoginText {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension PageLanguage {
    /// The language's name in itself.
    var ownName: String {
        switch self {
        case .english: "English"
        case .german: "Deutsch"
        }
    }
}
