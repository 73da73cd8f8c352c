extension LoginText {
    /// The German texts.
    static let german = LoginText(
        signIn: "Anmelden",
        email: "E-Mail-Adresse",
        proceed: "Weiter",
        password: "Passwort",
        remember: { span in
            switch span {
            case .hours(1): "Auf diesem Gerät eine Stunde lang angemeldet bleiben"
            case .hours(let count): "Auf diesem Gerät \(count) Stunden lang angemeldet bleiben"
            case .days(let count): "Auf diesem Gerät \(count) Tage lang angemeldet bleiben"
            }
        },
        otherAddress: "Andere Adresse verwenden",
        emailFault: "Geben Sie Ihre E-Mail-Adresse ein, etwa name@example.org.",
        passwordFault: "Geben Sie Ihr Passwort ein.",
        refused: "Das hat nicht geklappt: E-Mail-Adresse oder Passwort ist falsch. Prüfen Sie beides und versuchen "
            + "Sie es noch einmal.",
        stale: "Das Formular war zu lange offen oder wurde schon verwendet. Bitte melden Sie sich noch einmal an.",
        passwordSet: "Ihr neues Passwort ist gesetzt. Melden Sie sich jetzt damit an.",
        forgotPassword: "Passwort vergessen?",
        forgotPasswordWithoutMail: "Passwort vergessen? Die Administration Ihrer Organisation kann Ihnen ein neues "
            + "geben.",
        choose: "Wählen Sie Ihre Organisation",
        chooseIntroduction: "Sie gehören zu mehreren. Welche möchten Sie öffnen?",
        signOut: "Abmelden",
        signedInAs: "Sie sind angemeldet als",
        staySignedIn: "Angemeldet bleiben",
        signedOut: "Sie sind abgemeldet",
        signedOutAdvice: "Benutzen auch andere dieses Gerät, schließen Sie die Fenster des Browsers.",
        signInAgain: "Erneut anmelden",
        onward: { "Weiter zu \($0)" },
        signedIn: "Sie sind angemeldet",
        toApplication: "Zur Anwendung",
        signOutFailed: RefusalText(
            "Das Abmelden ist nicht ganz gelungen",
            "Dieser Browser hat Ihre Sitzung vergessen, aber das Gateway konnte sie in seinen eigenen Daten nicht "
                + "beenden.",
            "Melden Sie sich später noch einmal an und wieder ab. Ist dies nicht Ihr eigenes Gerät, nennen Sie der "
                + "Administration Ihrer Organisation die unten stehende Anfrage-ID."),
        startAgain: "Zurück zur Anmeldung",
        languages: "Sprache",
        tryAgain: { wait in
            switch wait {
            case .moments: "In weniger als einer Minute können Sie es noch einmal versuchen."
            case .minutes(1): "In etwa einer Minute können Sie es noch einmal versuchen."
            case .minutes(let count): "In etwa \(count) Minuten können Sie es noch einmal versuchen."
            case .hours(let count): "In etwa \(count) Stunden können Sie es noch einmal versuchen."
            }
        })
}
