import Core
import Login

extension MailText {
    /// The English mails.
    static func english(_ notice: MailNotice, _ context: Context) -> MailText {
        let site = context.site
        var text: MailText
        switch notice {
        case .invitation(let link, let expiresAt):
            text = english("You have been invited to \(site)", context)
            text.before = ["An account was made for you at \(site). Choose a password to begin using it:"]
            text.link = Link(label: "Choose a password", address: link)
            text.after = [
                "The link works once, until \(english(expiresAt)). Give it to nobody: whoever has it can take the account.",
                "If you do not know what this is about, you need do nothing.",
            ]
        case .passwordReset(let link, let expiresAt):
            text = english("Choose a new password for \(site)", context)
            text.before = ["Somebody, most likely you, asked for a new password for your account at \(site)."]
            text.link = Link(label: "Choose a new password", address: link)
            text.after = [
                "The link works once, until \(english(expiresAt)). Give it to nobody: whoever has it can take the account.",
                "If that was not you, you need do nothing: your password stays as it is.",
            ]
        case .passwordChanged(let at, let device, let address):
            text = english("Your password for \(site) was changed", context)
            text.before = [
                device.isEmpty && address.isEmpty
                    ? "Whoever administers \(site) has set another password for your account. Your sessions have ended."
                    : "The password of your account at \(site) was changed. Your other sessions have ended."
            ]
            text.facts = facts(english(at), device, address)
            text.between = [
                "If you know of this, you need do nothing.",
                "If not, choose a new password at once, and tell your organisation’s administrator:",
            ]
            text.link = Link(label: "Choose a new password", address: context.forgotAddress)
        case .emailChanged(let old, let new, let at):
            text = english("Your e-mail address at \(site) was changed", context)
            text.before = [
                "Your account at \(site) has another e-mail address. From now on you sign in with the new one."
            ]
            text.facts = [Fact("Before", old), Fact("Now", new), Fact("When", english(at))]
            text.after = [
                "If you know of this, you need do nothing.",
                "If not, tell your organisation’s administrator at once: somebody else has used your account.",
            ]
        case .newSignIn(let at, let device, let address):
            text = english("New sign-in to your account at \(site)", context)
            text.before = ["Somebody signed in to your account at \(site), from a browser that it had not seen before."]
            text.facts = facts(english(at), device, address)
            text.between = [
                "If that was you, you need do nothing.",
                "If not, choose a new password at once. That ends every session, this one too:",
            ]
            text.link = Link(label: "Choose a new password", address: context.forgotAddress)
        case .loginsThrottled(let address, let failures, let accounts, let since, let others):
            text = english("Failed sign-ins at \(site): an address was shut out", context)
            text.before = [
                "So many sign-ins at \(site) failed from one network address that no more are taken from there for now."
            ]
            text.facts = [
                Fact("Address", address), Fact("Failed sign-ins", "\(failures)"),
                Fact("Accounts tried", count(accounts, "or more")), Fact("Since", english(since)),
            ]
            text.finishEnglishAlert(others)
        case .accountAttacked(let account, let failures, let addresses, let since, let others):
            text = english("Failed sign-ins at \(site): a password is being guessed", context)
            text.before = [
                "Somebody is guessing the password of one account at \(site). Answers to strangers are slowed down."
            ]
            text.facts = [
                Fact("Account", account), Fact("Failed sign-ins", "\(failures)"),
                Fact("From addresses", count(addresses, "or more")), Fact("Since", english(since)),
            ]
            text.finishEnglishAlert(others)
        case .factorAdded(let kind, let name, let at, let device, let address):
            text = englishFactorAdded(kind, name, Event(at: at, device: device, address: address), context)
        case .factorRemoved(let kind, let name, let at, let device, let address):
            text = englishFactorRemoved(kind, name, Event(at: at, device: device, address: address), context)
        case .factorsReset(let at): text = englishFactorsReset(at, context)
        case .recoveryCodeUsed(let left, let at, let device, let address):
            text = englishRecoveryCodeUsed(left, Event(at: at, device: device, address: address), context)
        case .recoveryCodesRenewed(let at, let device, let address):
            text = englishRecoveryCodesRenewed(Event(at: at, device: device, address: address), context)
        case .factorGuessed(let at, let address):
            text = englishFactorGuessed(Event(at: at, device: "", address: address), context)
        case .enrolmentCode(let code, let expiresAt):
            text = englishEnrolmentCode(code, until: expiresAt, context)
        case .connectionCertificatesChanged(let connection, let added, let removed, let at):
            text = englishCertificatesChanged(connection, added: added, removed: removed, at, context)
        case .connectionExpiring(let connection, let what, let fingerprint, let at, let days):
            text = englishExpiring(connection, what, fingerprint, end: at, days: days, context)
        case .connectionFailing(let connection, let fault, let since, let until):
            text = englishFailing(connection, fault, since: since, until: until, context)
        }
        return text
    }

    private mutating func finishEnglishAlert(_ others: Int) {
        if others > 0 { facts.append(Fact("Also concerned", "\(others) more addresses or accounts")) }
        between = [
            "This does not mean that a password was found out. Members can still sign in with browsers that they have used before.",
            "If the address is your own office’s, ask who may have forgotten a password. Otherwise make sure that the passwords "
                + "concerned are good ones, and ask whoever runs the gateway to look at its throttle.",
            "You are told of this once an hour at most.",
        ]
    }

    static func english(_ subject: String, _ context: Context) -> MailText {
        MailText(
            subject: subject, heading: subject, copy: "Or copy this address into your browser:",
            footer:
                "You receive this because you have an account at \(context.site). The mail was sent by itself; nobody "
                + "reads answers to it.")
    }

    static func englishFacts(_ event: Event) -> [Fact] {
        facts(english(event.at), event.device, event.address)
    }

    private static func facts(_ time: String, _ userAgent: String, _ address: String) -> [Fact] {
        var facts = [Fact("When", time)]
        if let device = device(userAgent) { facts.append(Fact("Browser", device)) }
        if !address.isEmpty { facts.append(Fact("Network address", address)) }
        return facts
    }

    /// `30 November 2026, 05:53 UTC`.
    static func english(_ time: WallTime) -> String {
        let civil = CivilTime(time)
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        return "\(civil.day) \(months[civil.month - 1]) \(civil.year), \(clock(civil)) UTC"
    }
}
