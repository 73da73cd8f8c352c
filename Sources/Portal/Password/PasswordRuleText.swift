import Access
import Login

/// What a rule for passwords says, in one language: beside the field before anything is typed, and as the reason where
/// it is broken.
struct PasswordRuleText: Sendable, Hashable {
    /// What is asked for: an item of a list.
    let demand: String
    /// What is wrong: a whole sentence.
    let refusal: String

    init(_ demand: String, _ refusal: String) {
        self.demand = demand
        self.refusal = refusal
    }

    /// The words of a rule.
    static func text(of rule: PasswordRule, in language: PageLanguage) -> PasswordRuleText {
        switch language {
        case .english: english(rule)
        case .german: german(rule)
        }
    }

    private static func english(_ rule: PasswordRule) -> PasswordRuleText {
        switch rule {
        case .text:
            .init("text that can be typed", "The password has a character that cannot be typed, or is not UTF-8.")
        case .minimumLength(let least):
            .init("at least \(least) characters", "The password is too short; allowed: \(least) characters at least.")
        case .maximumLength(let most):
            .init("at most \(most) bytes", "The password is too long; allowed: \(most) bytes at most.")
        case .character(.lower): .init("a small letter", "The password has no small letter.")
        case .character(.upper): .init("a capital letter", "The password has no capital letter.")
        case .character(.digit): .init("a digit", "The password has no digit.")
        case .character(.special):
            .init("a special character, such as - or !", "The password has no special character, such as - or !.")
        case .repeats:
            .init("no character three times in a row", "The password has a character three times in a row.")
        case .common:
            .init(
                "none of the 10,000 most common passwords",
                "The password is one of the 10,000 most common ones, or one with other capitals, with look-alike "
                    + "characters, or with digits and symbols around it.")
        case .blocklist:
            .init(
                "none of this site’s list of forbidden passwords",
                "The password is on this site’s list of forbidden passwords.")
        case .personalData:
            .init(
                "no part of your name, your e-mail address or your organisation’s name or address",
                "The password has a part of the name, the e-mail address, the organisation’s name or its address in it."
            )
        case .history(let count):
            .init(
                count == 1
                    ? "neither your current password nor the one before it"
                    : "none of your last \(count + 1) passwords",
                count == 1
                    ? "The password is the current one or the one before it."
                    : "The password is one of the last \(count + 1).")
        case .breach:
            .init(
                "no password that was stolen elsewhere",
                "The password stands in data that was stolen from another site, and is tried first by those who have it."
            )
        }
    }

    private static func german(_ rule: PasswordRule) -> PasswordRuleText {
        switch rule {
        case .text:
            .init(
                "Text, der sich tippen lässt",
                "Das Passwort enthält ein Zeichen, das sich nicht tippen lässt, oder ist kein UTF-8.")
        case .minimumLength(let least):
            .init("mindestens \(least) Zeichen", "Das Passwort ist zu kurz; erlaubt: mindestens \(least) Zeichen.")
        case .maximumLength(let most):
            .init("höchstens \(most) Bytes", "Das Passwort ist zu lang; erlaubt: höchstens \(most) Bytes.")
        case .character(.lower): .init("ein Kleinbuchstabe", "Das Passwort enthält keinen Kleinbuchstaben.")
        case .character(.upper): .init("ein Großbuchstabe", "Das Passwort enthält keinen Großbuchstaben.")
        case .character(.digit): .init("eine Ziffer", "Das Passwort enthält keine Ziffer.")
        case .character(.special):
            .init("ein Sonderzeichen, etwa - oder !", "Das Passwort enthält kein Sonderzeichen, etwa - oder !.")
        case .repeats:
            .init("kein Zeichen dreimal hintereinander", "Das Passwort enthält ein Zeichen dreimal hintereinander.")
        case .common:
            .init(
                "keines der 10.000 häufigsten Passwörter",
                "Das Passwort ist eines der 10.000 häufigsten, oder eines davon in anderer Groß- und Kleinschreibung, "
                    + "mit ähnlichen Zeichen oder mit Ziffern und Sonderzeichen darum.")
        case .blocklist:
            .init(
                "keines von der Liste verbotener Passwörter dieser Website",
                "Das Passwort steht auf der Liste verbotener Passwörter dieser Website.")
        case .personalData:
            .init(
                "kein Teil Ihres Namens, Ihrer E-Mail-Adresse oder von Name oder Adresse Ihrer Organisation",
                "Das Passwort enthält einen Teil des Namens, der E-Mail-Adresse oder von Name oder Adresse der "
                    + "Organisation.")
        case .history(let count):
            .init(
                count == 1
                    ? "weder Ihr jetziges Passwort noch das davor" : "keines Ihrer letzten \(count + 1) Passwörter",
                count == 1
                    ? "Das Passwort ist das jetzige oder das davor."
                    : "Das Passwort ist eines der letzten \(count + 1).")
        case .breach:
            .init(
                "kein Passwort, das anderswo gestohlen wurde",
                "Das Passwort steht in Daten, die anderswo gestohlen wurden, und wird von deren Besitzern zuerst probiert."
            )
        }
    }
}
