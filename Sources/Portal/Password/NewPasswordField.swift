import Access
import Login

/// The field for a new password, as every page that sets one shows it: the rules beside it before anything is typed, and
/// after a submit which of them are kept and how strong the password was.
///
/// The meter is HTML's own, filled on the server, so that it needs no script.  The password itself is never shown again.
struct NewPasswordField: Sendable {
    let rules: [PasswordRule]
    /// What became of the password that was submitted; nil before.
    var verdict: PasswordVerdict?
    let language: PageLanguage

    /// What the template `new-password` asks for.
    var values: [String: Any] {
        let text = NewPasswordText.text(in: language)
        var values: [String: Any] = [
            "passwordLabel": text.password, "rulesHeading": text.rules,
            "isRefused": verdict?.accepted == nil && verdict != nil,
            "rules": findings.map { item($0, text) },
        ]
        if let verdict {
            values["strength"] = [
                "label": text.strength, "score": verdict.strength.score,
                "words": text.scores[min(verdict.strength.score, text.scores.count - 1)],
            ]
        }
        return values
    }

    private var findings: [PasswordFinding] { verdict?.findings ?? rules.map { PasswordFinding($0, .unchecked) } }

    /// A rule that was broken says what is wrong, the others what they ask for; never by colour alone.
    private func item(_ finding: PasswordFinding, _ text: NewPasswordText) -> [String: Any] {
        let rule = PasswordRuleText.text(of: finding.rule, in: language)
        var item: [String: Any] = ["outcome": finding.outcome.rawValue]
        switch finding.outcome {
        case .broken: (item["text"], item["note"]) = (rule.refusal, text.broken)
        case .kept: (item["text"], item["note"]) = (rule.demand, text.kept)
        case .unchecked: item["text"] = rule.demand
        }
        return item
    }
}

/// What stands around the rules, in one language.
struct NewPasswordText: Sendable, Hashable {
    let password: String
    let rules: String
    let strength: String
    /// One for each score, the weakest first.
    let scores: [String]
    let kept: String
    let broken: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> NewPasswordText {
        switch language {
        case .english:
            NewPasswordText(
                password: "New password", rules: "Your password needs:", strength: "Strength:",
                scores: ["very weak", "weak", "fair", "good", "strong"], kept: "(done)", broken: "(not yet)")
        case .german:
            NewPasswordText(
                password: "Neues Passwort", rules: "Ihr Passwort braucht:", strength: "Stärke:",
                scores: ["sehr schwach", "schwach", "mäßig", "gut", "stark"], kept: "(erfüllt)", broken: "(noch nicht)")
        }
    }
}
