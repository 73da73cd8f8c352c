extension FactorText {
    /// The German texts.
    static let german = FactorText(
        heading: "Bestätigen Sie, dass Sie es sind",
        appIntroduction: "Geben Sie den Code ein, den Ihre Authenticator-App für dieses Konto zeigt.",
        passkeyIntroduction: "Ihr Konto verlangt außerdem Ihren Passkey.",
        recoveryIntroduction: "Geben Sie einen der Wiederherstellungscodes ein, die Sie aufbewahrt haben.",
        code: "Code aus Ihrer App",
        codeHint: "Sechs Ziffern, alle 30 Sekunden ein neuer Code.",
        confirm: "Bestätigen",
        usePasskey: "Passkey verwenden",
        useRecoveryCode: "Stattdessen einen Wiederherstellungscode verwenden",
        recoveryCode: "Wiederherstellungscode",
        recoveryHint: "16 Buchstaben und Ziffern von der Liste, die Sie aufbewahrt haben. Jeder Code gilt einmal.",
        withoutPasskeys: "Dieser Browser kennt keine Passkeys, oder Skripte sind darin abgeschaltet. Nehmen Sie einen "
            + "anderen Browser oder einen Wiederherstellungscode.",
        startAgain: "Abbrechen und neu beginnen",
        wrong:
            "Der Code ist falsch. Geben Sie den ein, den Ihre App jetzt zeigt. Ist auch er falsch, prüfen Sie, ob die "
            + "Uhr Ihres Telefons richtig geht.",
        notACode: "Geben Sie die sechs Ziffern ein, die Ihre App zeigt.",
        used: "Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.",
        wrongRecoveryCode: "Dieser Wiederherstellungscode ist falsch oder wurde schon benutzt. Geben Sie einen anderen "
            + "ein.",
        notARecoveryCode: "Geben Sie einen Wiederherstellungscode ein: 16 Buchstaben und Ziffern.",
        notThisPasskey: "Dieser Passkey gehört nicht zu Ihrem Konto. Wählen Sie einen anderen.",
        userVerification: "Ihr Gerät hat nicht geprüft, dass Sie es sind. Richten Sie darauf PIN, Finger oder Gesicht "
            + "ein und versuchen Sie es noch einmal.",
        passkeyRefused: "Der Passkey konnte hier nicht verwendet werden. Versuchen Sie es noch einmal oder auf anderem "
            + "Weg.",
        expired: "Die Seite war zu lange offen. Bitte versuchen Sie es noch einmal.",
        throttled: RefusalText(
            "Zu viele Versuche",
            "Für Ihr Konto wurden zu viele falsche Codes eingegeben. Es nimmt darum eine Zeit lang keine an.",
            "Waren das nicht Sie, kennt jemand Ihr Passwort: Ändern Sie es, sobald Sie angemeldet sind."),
        signInWithPasskey: "Mit Passkey anmelden",
        passkeyAloneRefused: "Mit diesem Passkey hat es nicht geklappt. Versuchen Sie es noch einmal, oder melden Sie "
            + "sich mit Ihrem Passwort an.",
        passkeyAloneThrottled: RefusalText(
            "Zu viele Versuche", "Zu viele Anmeldungen sind fehlgeschlagen. Diese wurde darum nicht geprüft.",
            "Melden Sie sich mit Ihrem Passwort an, oder versuchen Sie es nach dieser Zeit noch einmal."),
        cancelled: "Es wurde kein Passkey verwendet: Der Vorgang wurde abgebrochen oder hat zu lange gedauert. Sie "
            + "können es noch einmal versuchen.",
        failed: "Der Browser konnte hier keinen Passkey verwenden. Versuchen Sie es noch einmal oder auf anderem Weg.",
        taken: "Auf diesem Gerät haben Sie schon einen Passkey.",
        codeUsed: "Sie sind angemeldet",
        codesLeft: { count in
            switch count {
            case 0: "Das war Ihr letzter Wiederherstellungscode. Sie haben noch 0."
            case 1: "Dieser Wiederherstellungscode gilt nicht mehr. Sie haben noch 1."
            default: "Dieser Wiederherstellungscode gilt nicht mehr. Sie haben noch \(count)."
            }
        },
        codesAdvice: "Erzeugen Sie jetzt neue, damit Sie hineinkommen, wenn Ihre anderen Faktoren verloren sind.",
        newCodes: "Neue Wiederherstellungscodes erzeugen",
        proceed: "Weiter",
        offerHeading: "Beim nächsten Mal ohne Passwort anmelden?",
        offerParagraphs: [
            "Ein Passkey tritt an die Stelle Ihres Passworts: Fingerabdruck, Gesicht oder PIN genügt.",
            "Er bleibt auf Ihrem Gerät und gilt nur auf dieser Website, sodass ihn Ihnen niemand entlocken kann.",
        ],
        createPasskey: "Passkey erzeugen",
        notNow: "Jetzt nicht",
        stepUpIntroduction: "Diese Seite verlangt Ihren zweiten Faktor.",
        repeated: "Was Sie gesendet haben, wurde nicht ausgeführt. Bestätigen Sie zuerst und senden Sie es dann noch "
            + "einmal.",
        cancel: "Abbrechen")
}
