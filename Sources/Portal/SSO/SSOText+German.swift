extension SSOText {
    static let german = SSOText(
        leaving: { "Weiter mit \($0)" },
        leavingIntroduction: "Sie werden zur Anmeldeseite Ihrer Organisation geleitet.",
        signingOut: "Sie sind hier abgemeldet",
        signingOutIntroduction: "Nun werden Sie von Ihrem Firmenkonto abgemeldet.",
        answering: "Sie sind hier abgemeldet",
        answeringIntroduction: "Sie werden zum Anmeldedienst Ihrer Organisation zurückgeleitet.",
        proceed: "Weiter", startAgain: "Von vorn beginnen",
        unconfirmed:
            "Ob Sie überall sonst abgemeldet sind, ist nicht sicher. Schließen Sie vorsichtshalber alle Fenster dieses "
            + "Browsers.",
        link: "Zu dieser Adresse gibt es schon ein Konto. Melden Sie sich einmal mit dessen Passwort an, um es mit "
            + "Ihrem Firmenkonto zu verbinden.",
        notLinked: "Ihr Firmenkonto ist nicht verbunden",
        notLinkedParagraphs: [
            "Sie sind angemeldet. Dies ist aber nicht das Konto, zu dem Ihr Firmenkonto gehört, oder das Verbinden hat "
                + "zu lange gedauert.",
            "Um beide zu verbinden, melden Sie sich ab und dann wieder mit Ihrem Firmenkonto an.",
        ])
}
