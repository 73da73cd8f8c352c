import Access
import Core
import Login

extension MailText {
    /// An app or passkey more.
    static func englishFactorAdded(_ kind: Factor, _ name: String, _ event: Event, _ context: Context) -> MailText {
        var text = english("A second factor was added to your account at \(context.site)", context)
        text.before = [
            "Your account at \(context.site) has one second factor more. You can sign in with it from now on."
        ]
        text.facts = [Fact("Second factor", "\(name) (\(english(kind)))")] + englishFacts(event)
        text.askEnglish("then remove the factor on the page of your account", context)
        return text
    }

    /// One less.
    static func englishFactorRemoved(_ kind: Factor, _ name: String, _ event: Event, _ context: Context) -> MailText {
        var text = english("A second factor was removed from your account at \(context.site)", context)
        text.before = ["Your account at \(context.site) has one second factor less. Your other sessions have ended."]
        text.facts = [Fact("Second factor", "\(name) (\(english(kind)))")] + englishFacts(event)
        text.askEnglish("then look through your second factors", context)
        return text
    }

    /// All are gone, by an administrator's hand.
    static func englishFactorsReset(_ at: WallTime, _ context: Context) -> MailText {
        var text = english("Your second factors at \(context.site) were reset", context)
        text.before = [
            "Whoever administers \(context.site) has removed all second factors and recovery codes of your account. "
                + "Your sessions have ended."
        ]
        text.facts = [Fact("When", english(at))]
        text.after = [
            "If you asked for this, sign in and set up a second factor anew.",
            "If not, tell your organisation’s administrator at once.",
        ]
        return text
    }

    /// A recovery code was used.
    static func englishRecoveryCodeUsed(_ left: Int, _ event: Event, _ context: Context) -> MailText {
        var text = english("A recovery code was used at \(context.site)", context)
        text.before = [
            "Somebody signed in to your account at \(context.site), or confirmed who they are, with one of your "
                + "recovery codes."
        ]
        text.facts = englishFacts(event) + [Fact("Recovery codes left", "\(left)")]
        if left <= RecoveryCode.fewLeft {
            text.between = ["Few are left. Make new ones on the page of your account, under Second factors."]
        }
        text.askEnglish("then make new recovery codes", context)
        return text
    }

    /// The recovery codes are others.
    static func englishRecoveryCodesRenewed(_ event: Event, _ context: Context) -> MailText {
        var text = english("New recovery codes for \(context.site)", context)
        text.before = [
            "New recovery codes were made for your account at \(context.site). The old ones no longer work."
        ]
        text.facts = englishFacts(event)
        text.askEnglish("then make new recovery codes", context)
        return text
    }

    /// Somebody who knows the password guesses.
    static func englishFactorGuessed(_ event: Event, _ context: Context) -> MailText {
        var text = english("Somebody is guessing at your second factor at \(context.site)", context)
        text.before = [
            "Somebody who knows your password for \(context.site) has entered so many wrong codes that none are "
                + "looked at for some minutes."
        ]
        text.facts = englishFacts(event)
        text.askEnglish("since somebody else knows the present one", context)
        return text
    }

    /// What a first factor needs.
    static func englishEnrolmentCode(_ code: String, until expiresAt: WallTime, _ context: Context) -> MailText {
        var text = english("Your enrolment code for \(context.site)", context)
        text.before = ["With this code you set up a second factor for your account at \(context.site):"]
        text.facts = [Fact("Code", code), Fact("Valid until", english(expiresAt))]
        text.between = [
            "Enter it on the page that asked for it. Give it to nobody: nobody else needs it, whoever they say they "
                + "are.",
            "If you did not ask for it, somebody knows your password. Choose a new one at once, and tell your "
                + "organisation’s administrator:",
        ]
        text.link = Link(label: "Choose a new password", address: context.forgotAddress)
        return text
    }

    /// What to do if it was somebody else.
    private mutating func askEnglish(_ also: String, _ context: Context) {
        between += [
            "If that was you, you need do nothing.",
            "If not, choose a new password at once, \(also), and tell your organisation’s administrator:",
        ]
        link = Link(label: "Choose a new password", address: context.forgotAddress)
    }

    private static func english(_ kind: Factor) -> String {
        FactorAccountText.text(in: .english).kind(kind)
    }
}
