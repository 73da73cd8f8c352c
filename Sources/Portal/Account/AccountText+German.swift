extension AccountText {
    /// The German texts.
    static let german = AccountText(
        navigation: "Ihr Konto",
        signOut: "Abmelden",
        backToApplication: "Zurück zur Anwendung",
        page: { page in
            switch page {
            case .data: "Ihre Daten"
            case .password: "Passwort"
            case .sessions: "Wo Sie angemeldet sind"
            case .email: "E-Mail-Adresse ändern"
            case .proof: "Bestätigen Sie, dass Sie es sind"
            case .factors: "Zweite Faktoren"
            case .factorApp: "Authenticator-App hinzufügen"
            case .factorPasskey: "Passkey hinzufügen"
            case .factorCode: "Bestätigen Sie, dass Sie es sind"
            case .factorName: "Zweiten Faktor umbenennen"
            case .factorRemoval: "Zweiten Faktor entfernen"
            case .recoveryCodes: "Wiederherstellungs\u{AD}codes"
            }
        },
        shortName: { page in
            switch page {
            case .data, .email, .proof: "Ihre Daten"
            case .password: "Passwort"
            case .factors, .factorApp, .factorPasskey, .factorCode, .factorName, .factorRemoval, .recoveryCodes:
                "Zweite Faktoren"
            case .sessions: "Sitzungen"
            }
        },
        faultTitle: "Fehler",
        faultHeading: "Bitte berichtigen Sie:",
        save: "Speichern",
        cancel: "Abbrechen",
        done: { change in
            switch change {
            case .name: "Ihr Name ist geändert."
            case .email: "Ihre E-Mail-Adresse ist geändert. Melden Sie sich ab jetzt mit der neuen an."
            case .session: "Dieser Browser ist abgemeldet."
            case .others: "Sie sind überall sonst abgemeldet."
            case .devices: "Alle bekannten Geräte sind vergessen."
            case .factorAdded: "Der zweite Faktor ist hinzugefügt."
            case .factorRenamed: "Der zweite Faktor hat einen anderen Namen."
            case .factorRemoved: "Der zweite Faktor ist entfernt. Sie sind überall sonst abgemeldet."
            case .codeSent: "Der Code ist unterwegs. Er kommt in wenigen Minuten an."
            case .expired: "Die Seite war zu lange geöffnet. Es wurde nichts geändert; bitte beginnen Sie noch einmal."
            case .repeated:
                "Das Formular wurde mehrmals gesendet und hat höchstens einmal gezählt. Was jetzt gespeichert ist, "
                    + "steht hier. Haben Sie Ihre Wiederherstellungscodes nicht gesehen, erzeugen Sie neue."
            }
        },
        introduction: "Was hier über Sie gespeichert ist und was die Anwendungen dahinter erfahren.",
        name: "Name",
        nameFault: "Geben Sie Ihren Namen ein: höchstens 200 Buchstaben, in anderen als lateinischen Schriften "
            + "weniger, und keine Steuerzeichen.",
        email: "E-Mail-Adresse",
        changeEmail: "Adresse ändern",
        organisation: "Organisation",
        roles: "Rollen",
        noRoles: "keine",
        memberSince: "Mitglied seit",
        lastSignIn: "Letzte Anmeldung",
        language: "Sprache",
        thisLanguage: "Diese Seite ist auf Deutsch.",
        newEmail: "Neue E-Mail-Adresse",
        emailHint: "Mit dieser Adresse melden Sie sich künftig an.",
        emailLetterHint: "Mit dieser Adresse melden Sie sich künftig an. Beide Adressen erhalten eine Nachricht über "
            + "die Änderung.",
        emailFault: "Geben Sie eine E-Mail-Adresse ein, etwa name@example.org.",
        emailUnavailable: "Diese Adresse ist nicht möglich: Jemand anders hat sie, oder Ihre Organisation lässt ihre "
            + "Domain nicht zu. Nehmen Sie eine andere, oder fragen Sie Ihre Administration.",
        proofIntroduction: "Für den nächsten Schritt wird Ihr Passwort gebraucht, weil Sie es vor mehr als fünf "
            + "Minuten eingegeben haben.",
        proofWithPasskey: "Für den nächsten Schritt wird Ihr Passwort oder ein Passkey gebraucht, weil Sie beides in "
            + "den letzten fünf Minuten nicht benutzt haben.",
        passkey: "Passkey benutzen",
        passkeyWrong: "Der Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder geben Sie Ihr Passwort "
            + "ein.",
        password: "Passwort",
        confirm: "Bestätigen",
        passwordFault: "Geben Sie Ihr Passwort ein.",
        passwordWrong: "Das Passwort ist falsch. Prüfen Sie es und versuchen Sie es noch einmal.",
        sessionsIntroduction: "Kennen Sie eine davon nicht? Melden Sie sie ab und ändern Sie dann Ihr Passwort.",
        thisBrowser: "dieser Browser",
        signedInSince: "Angemeldet",
        lastUsed: "Zuletzt benutzt",
        from: "Adresse bei der Anmeldung",
        remembered: "Bleibt angemeldet bis",
        end: "Abmelden",
        endNamed: { device in "\(device) abmelden" },
        endOthers: "Überall sonst abmelden",
        endAll: "Überall abmelden",
        endAllHint: "Überall schließt diesen Browser ein.",
        onlyThis: "Sonst sind Sie nirgends angemeldet.",
        moreSessions: { count in "Und \(count) weitere, die länger nicht benutzt wurden." },
        devices: "Bekannte Geräte",
        devicesHint: { count in
            switch count {
            case 0: "Kein Gerät ist bekannt."
            case 1: "Ein Gerät ist bekannt: Damit können Sie sich auch anmelden, während andere Ihr Passwort raten."
            default:
                "\(count) Geräte sind bekannt: Damit können Sie sich auch anmelden, während andere Ihr Passwort raten."
            }
        },
        forgetDevices: "Bekannte Geräte vergessen",
        unknownBrowser: "Unbekannter Browser",
        browserOn: { browser, system in "\(browser) auf \(system)" })
}
