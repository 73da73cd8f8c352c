import Access

/// What the pages say of connections, in one language.
///
/// A connection is shown by the name that the tenant gave it.  No text tells of an account.
struct ConnectionText: Sendable {
    // Signing in.
    let signInWith: @Sendable (_ name: String) -> String
    /// Where there is no other way.
    let introduction: String
    let byPassword: String
    // Confirming, within a session.
    let confirmWith: @Sendable (_ name: String) -> String
    /// Where there is no other way to confirm a second factor.
    let confirmIntroduction: String
    let proofIntroduction: String
    /// Where nothing that the member has counts.
    let proofImpossible: String
    // The member's account.
    let companyAccount: String
    let signedInWith: String
    let withoutPassword: String
    let withoutPasswordAdvice: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> ConnectionText {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private static let english = ConnectionText(
        signInWith: { "Sign in with \($0)" },
        introduction: "Sign in here with the account that your organisation gave you.",
        byPassword: "Sign in with a password instead",
        confirmWith: { "Confirm with \($0)" },
        confirmIntroduction: "Confirm with your company account.",
        proofIntroduction: "What comes next needs a proof that it is you, because you gave none within the last five "
            + "minutes.",
        proofImpossible: "What comes next needs a sign-in of the last five minutes. Sign out, sign in again and come "
            + "back.",
        companyAccount: "Company account",
        signedInWith: "Signed in with",
        withoutPassword: "There is no password here",
        withoutPasswordAdvice: "Your organisation signs in without a password of this site. The password of your "
            + "company account is changed where that account is.")

    private static let german = ConnectionText(
        signInWith: { "Mit \($0) anmelden" },
        introduction: "Melden Sie sich hier mit dem Konto an, das Sie von Ihrer Organisation haben.",
        byPassword: "Stattdessen mit Passwort anmelden",
        confirmWith: { "Mit \($0) bestätigen" },
        confirmIntroduction: "Bestätigen Sie mit Ihrem Firmenkonto.",
        proofIntroduction: "Der nächste Schritt verlangt einen Nachweis, dass Sie es sind, weil Sie in den letzten "
            + "fünf Minuten keinen gegeben haben.",
        proofImpossible: "Der nächste Schritt verlangt eine Anmeldung in den letzten fünf Minuten. Melden Sie sich ab, "
            + "wieder an und kommen Sie zurück.",
        companyAccount: "Firmenkonto",
        signedInWith: "Angemeldet mit",
        withoutPassword: "Hier gibt es kein Passwort",
        withoutPasswordAdvice: "Ihre Organisation meldet sich ohne ein Passwort dieser Website an. Das Passwort Ihres "
            + "Firmenkontos ändern Sie dort, wo Sie dieses Konto haben.")
}
