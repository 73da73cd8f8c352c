import Core
import Login

extension MailText {
    /// The German mails.
    static func german(_ notice: MailNotice, _ context: Context) -> MailText {
        let site = context.site
        var text: MailText
        switch notice {
        case .invitation(let link, let expiresAt):
            text = german("Einladung zu \(site)", context)
            text.before = ["Für Sie wurde bei \(site) ein Konto angelegt. Wählen Sie ein Passwort, um es zu benutzen:"]
            text.link = Link(label: "Passwort wählen", address: link)
            text.after = [
                "Der Link gilt einmal, bis \(german(expiresAt)). Geben Sie ihn niemandem: Wer ihn hat, kann das Konto übernehmen.",
                "Wissen Sie nicht, worum es geht, brauchen Sie nichts zu tun.",
            ]
        case .passwordReset(let link, let expiresAt):
            text = german("Neues Passwort für \(site)", context)
            text.before = ["Jemand, wahrscheinlich Sie, möchte ein neues Passwort für Ihr Konto bei \(site) festlegen."]
            text.link = Link(label: "Neues Passwort wählen", address: link)
            text.after = [
                "Der Link gilt einmal, bis \(german(expiresAt)). Geben Sie ihn niemandem: Wer ihn hat, kann das Konto übernehmen.",
                "Waren Sie das nicht, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
            ]
        case .passwordChanged(let at, let device, let address):
            text = german("Ihr Passwort für \(site) wurde geändert", context)
            text.before = [
                device.isEmpty && address.isEmpty
                    ? "Die Administration von \(site) hat für Ihr Konto ein anderes Passwort festgelegt. Ihre Sitzungen sind beendet."
                    : "Das Passwort Ihres Kontos bei \(site) wurde geändert. Ihre anderen Sitzungen sind beendet."
            ]
            text.facts = facts(german(at), device, address)
            text.between = [
                "Wissen Sie davon, brauchen Sie nichts zu tun.",
                "Wenn nicht, wählen Sie sofort ein neues Passwort und sagen Sie der Administration Ihrer Organisation Bescheid:",
            ]
            text.link = Link(label: "Neues Passwort wählen", address: context.forgotAddress)
        case .emailChanged(let old, let new, let at):
            text = german("Ihre E-Mail-Adresse bei \(site) wurde geändert", context)
            text.before = [
                "Ihr Konto bei \(site) hat eine andere E-Mail-Adresse. Melden Sie sich von jetzt an mit der neuen an."
            ]
            text.facts = [Fact("Bisher", old), Fact("Jetzt", new), Fact("Wann", german(at))]
            text.after = [
                "Wissen Sie davon, brauchen Sie nichts zu tun.",
                "Wenn nicht, sagen Sie sofort der Administration Ihrer Organisation Bescheid: Jemand anderes hat Ihr Konto benutzt.",
            ]
        case .newSignIn(let at, let device, let address):
            text = german("Neue Anmeldung an Ihrem Konto bei \(site)", context)
            text.before = [
                "Jemand hat sich an Ihrem Konto bei \(site) angemeldet, mit einem Browser, den es noch nicht kannte."
            ]
            text.facts = facts(german(at), device, address)
            text.between = [
                "Waren Sie das, brauchen Sie nichts zu tun.",
                "Wenn nicht, wählen Sie sofort ein neues Passwort. Das beendet alle Sitzungen, auch diese:",
            ]
            text.link = Link(label: "Neues Passwort wählen", address: context.forgotAddress)
        case .loginsThrottled(let address, let failures, let accounts, let since, let others):
            text = german("Fehlgeschlagene Anmeldungen bei \(site): eine Adresse ist gesperrt", context)
            text.before = [
                "Von einer Netzwerkadresse sind bei \(site) so viele Anmeldungen fehlgeschlagen, dass von dort vorerst keine mehr "
                    + "angenommen werden."
            ]
            text.facts = [
                Fact("Adresse", address), Fact("Fehlgeschlagene Anmeldungen", "\(failures)"),
                Fact("Betroffene Konten", count(accounts, "oder mehr")), Fact("Seit", german(since)),
            ]
            text.finishGermanAlert(others)
        case .accountAttacked(let account, let failures, let addresses, let since, let others):
            text = german("Fehlgeschlagene Anmeldungen bei \(site): ein Passwort wird geraten", context)
            text.before = [
                "Jemand versucht, das Passwort eines Kontos bei \(site) zu erraten. Antworten an Fremde werden verzögert."
            ]
            text.facts = [
                Fact("Konto", account), Fact("Fehlgeschlagene Anmeldungen", "\(failures)"),
                Fact("Von Adressen", count(addresses, "oder mehr")), Fact("Seit", german(since)),
            ]
            text.finishGermanAlert(others)
        case .factorAdded(let kind, let name, let at, let device, let address):
            text = germanFactorAdded(kind, name, Event(at: at, device: device, address: address), context)
        case .factorRemoved(let kind, let name, let at, let device, let address):
            text = germanFactorRemoved(kind, name, Event(at: at, device: device, address: address), context)
        case .factorsReset(let at): text = germanFactorsReset(at, context)
        case .recoveryCodeUsed(let left, let at, let device, let address):
            text = germanRecoveryCodeUsed(left, Event(at: at, device: device, address: address), context)
        case .recoveryCodesRenewed(let at, let device, let address):
            text = germanRecoveryCodesRenewed(Event(at: at, device: device, address: address), context)
        case .factorGuessed(let at, let address):
            text = germanFactorGuessed(Event(at: at, device: "", address: address), context)
        case .enrolmentCode(let code, let expiresAt):
            text = germanEnrolmentCode(code, until: expiresAt, context)
        case .connectionCertificatesChanged(let connection, let added, let removed, let at):
            text = germanCertificatesChanged(connection, added: added, removed: removed, at, context)
        case .connectionExpiring(let connection, let what, let fingerprint, let at, let days):
            text = germanExpiring(connection, what, fingerprint, end: at, days: days, context)
        case .connectionFailing(let connection, let fault, let since, let until):
            text = germanFailing(connection, fault, since: since, until: until, context)
        }
        return text
    }

    private mutating func finishGermanAlert(_ others: Int) {
        if others > 0 { facts.append(Fact("Ebenso betroffen", "\(others) weitere Adressen oder Konten")) }
        between = [
            "Das heißt nicht, dass ein Passwort erraten wurde. Mit Browsern, die sie schon benutzt haben, können sich alle "
                + "weiterhin anmelden.",
            "Ist es die Adresse Ihres eigenen Büros, fragen Sie, wer sein Passwort vergessen hat. Sonst sorgen Sie dafür, dass die "
                + "betroffenen Passwörter gut sind, und bitten Sie den Betrieb des Gateways, sich die Drosselung anzusehen.",
            "Davon erfahren Sie höchstens einmal in der Stunde.",
        ]
    }

    static func german(_ subject: String, _ context: Context) -> MailText {
        MailText(
            subject: subject, heading: subject, copy: "Oder kopieren Sie diese Adresse in Ihren Browser:",
            footer:
                "Sie erhalten diese Mail, weil Sie ein Konto bei \(context.site) haben. Sie wurde von selbst verschickt; "
                + "Antworten darauf liest niemand.")
    }

    static func germanFacts(_ event: Event) -> [Fact] {
        facts(german(event.at), event.device, event.address)
    }

    private static func facts(_ time: String, _ userAgent: String, _ address: String) -> [Fact] {
        var facts = [Fact("Wann", time)]
        if let device = device(userAgent) { facts.append(Fact("Browser", device)) }
        if !address.isEmpty { facts.append(Fact("Netzwerkadresse", address)) }
        return facts
    }

    /// `30. November 2026, 05:53 Uhr UTC`.
    static func german(_ time: WallTime) -> String {
        let civil = CivilTime(time)
        let months = [
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
            "Dezember",
        ]
        return "\(civil.day). \(months[civil.month - 1]) \(civil.year), \(clock(civil)) Uhr UTC"
    }
}
