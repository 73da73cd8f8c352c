import Access
import Core
import Login

extension MailText {
    /// An app or passkey more.
    static func germanFactorAdded(_ kind: Factor, _ name: String, _ event: Event, _ context: Context) -> MailText {
        var text = german("Ihr Konto bei \(context.site) hat einen neuen zweiten Faktor", context)
        text.before = [
            "Ihrem Konto bei \(context.site) wurde ein zweiter Faktor hinzugefügt. Er gilt ab sofort für die Anmeldung."
        ]
        text.facts = [Fact("Zweiter Faktor", "\(name) (\(german(kind)))")] + germanFacts(event)
        text.askGerman("entfernen Sie dann den Faktor auf der Seite Ihres Kontos", context)
        return text
    }

    /// One less.
    static func germanFactorRemoved(_ kind: Factor, _ name: String, _ event: Event, _ context: Context) -> MailText {
        var text = german("Ein zweiter Faktor Ihres Kontos bei \(context.site) wurde entfernt", context)
        text.before = [
            "Ihr Konto bei \(context.site) hat einen zweiten Faktor weniger. Ihre anderen Sitzungen sind beendet."
        ]
        text.facts = [Fact("Zweiter Faktor", "\(name) (\(german(kind)))")] + germanFacts(event)
        text.askGerman("sehen Sie dann Ihre zweiten Faktoren durch", context)
        return text
    }

    /// All are gone, by an administrator's hand.
    static func germanFactorsReset(_ at: WallTime, _ context: Context) -> MailText {
        var text = german("Ihre zweiten Faktoren bei \(context.site) wurden zurückgesetzt", context)
        text.before = [
            "Die Administration von \(context.site) hat alle zweiten Faktoren und Wiederherstellungscodes Ihres Kontos "
                + "entfernt. Ihre Sitzungen sind beendet."
        ]
        text.facts = [Fact("Wann", german(at))]
        text.after = [
            "Haben Sie darum gebeten, melden Sie sich an und richten Sie einen neuen zweiten Faktor ein.",
            "Wenn nicht, sagen Sie sofort der Administration Ihrer Organisation Bescheid.",
        ]
        return text
    }

    /// A recovery code was used.
    static func germanRecoveryCodeUsed(_ left: Int, _ event: Event, _ context: Context) -> MailText {
        var text = german("Bei \(context.site) wurde ein Wiederherstellungscode benutzt", context)
        text.before = [
            "Jemand hat sich mit einem Ihrer Wiederherstellungscodes an Ihrem Konto bei \(context.site) angemeldet oder "
                + "ausgewiesen."
        ]
        text.facts = germanFacts(event) + [Fact("Verbleibende Codes", "\(left)")]
        if left <= RecoveryCode.fewLeft {
            text.between = [
                "Es sind nur noch wenige übrig. Erzeugen Sie neue auf der Seite Ihres Kontos unter „Zweite Faktoren“."
            ]
        }
        text.askGerman("erzeugen Sie dann neue Wiederherstellungscodes", context)
        return text
    }

    /// The recovery codes are others.
    static func germanRecoveryCodesRenewed(_ event: Event, _ context: Context) -> MailText {
        var text = german("Neue Wiederherstellungscodes für \(context.site)", context)
        text.before = [
            "Für Ihr Konto bei \(context.site) wurden neue Wiederherstellungscodes erzeugt. Die alten gelten nicht mehr."
        ]
        text.facts = germanFacts(event)
        text.askGerman("erzeugen Sie dann neue Wiederherstellungscodes", context)
        return text
    }

    /// Somebody who knows the password guesses.
    static func germanFactorGuessed(_ event: Event, _ context: Context) -> MailText {
        var text = german("Jemand rät Ihren zweiten Faktor bei \(context.site)", context)
        text.before = [
            "Jemand, der Ihr Passwort für \(context.site) kennt, hat so viele falsche Codes eingegeben, dass für "
                + "einige Minuten keine mehr geprüft werden."
        ]
        text.facts = germanFacts(event)
        text.askGerman("denn das jetzige kennt jemand anderes", context)
        return text
    }

    /// What a first factor needs.
    static func germanEnrolmentCode(_ code: String, until expiresAt: WallTime, _ context: Context) -> MailText {
        var text = german("Ihr Registrierungscode für \(context.site)", context)
        text.before = ["Mit diesem Code richten Sie einen zweiten Faktor für Ihr Konto bei \(context.site) ein:"]
        text.facts = [Fact("Code", code), Fact("Gültig bis", german(expiresAt))]
        text.between = [
            "Geben Sie ihn auf der Seite ein, die danach gefragt hat. Geben Sie ihn niemandem: Niemand sonst braucht "
                + "ihn, wer auch immer er zu sein vorgibt.",
            "Haben Sie ihn nicht angefordert, kennt jemand Ihr Passwort. Wählen Sie sofort ein neues, und sagen Sie "
                + "der Administration Ihrer Organisation Bescheid:",
        ]
        text.link = Link(label: "Neues Passwort wählen", address: context.forgotAddress)
        return text
    }

    /// What to do if it was somebody else.
    private mutating func askGerman(_ also: String, _ context: Context) {
        between += [
            "Waren Sie das, brauchen Sie nichts zu tun.",
            "Wenn nicht, wählen Sie sofort ein neues Passwort, \(also), und sagen Sie der Administration Ihrer "
                + "Organisation Bescheid:",
        ]
        link = Link(label: "Neues Passwort wählen", address: context.forgotAddress)
    }

    private static func german(_ kind: Factor) -> String {
        FactorAccountText.text(in: .german).kind(kind)
    }
}
