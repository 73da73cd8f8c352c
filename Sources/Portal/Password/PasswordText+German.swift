extension PasswordText {
    /// The German texts.
    static let german = PasswordText(
        setPassword: "Passwort setzen",
        passwordRefused: "Dieses Passwort geht nicht:",
        currentPassword: "Jetziges Passwort",
        currentWrong: "Das jetzige Passwort ist falsch. Prüfen Sie es und versuchen Sie es noch einmal.",
        currentMissing: "Geben Sie Ihr jetziges Passwort ein.",
        forcedHeading: "Wählen Sie ein anderes Passwort",
        forcedIntroduction: "Ihr Passwort stimmt, aber Sie haben es nicht selbst gewählt oder es muss ersetzt werden. "
            + "Wählen Sie ein anderes; dann sind Sie angemeldet.",
        forgottenHeading: "Passwort vergessen?",
        forgottenIntroduction: "Geben Sie Ihre E-Mail-Adresse ein. Gibt es dazu ein Konto, senden wir dorthin einen "
            + "Link, mit dem Sie ein anderes Passwort wählen.",
        sendMail: "Link senden",
        mailHeading: "Sehen Sie in Ihr Postfach",
        mailParagraphs: [
            "Gibt es zu dieser Adresse ein Konto, ist eine E-Mail mit einem Link dorthin unterwegs. Der Link gilt "
                + "einmal, 30 Minuten lang.",
            "Keine E-Mail? Sehen Sie bei den unerwünschten nach und prüfen Sie, ob es die Adresse Ihres Kontos ist. Auch "
                + "die Administration Ihrer Organisation kann helfen.",
        ],
        noMailHeading: "Passwort vergessen?",
        noMailParagraphs: [
            "Diese Website sendet keine E-Mails. Bitten Sie die Administration Ihrer Organisation um ein neues Passwort."
        ],
        resetHeading: "Wählen Sie ein anderes Passwort",
        resetIntroduction: "Alle Geräte, die an Ihrem Konto angemeldet sind, werden damit abgemeldet. Melden Sie sich "
            + "danach mit dem neuen Passwort an.",
        invitationHeading: { "Willkommen bei \($0)" },
        invitationIntroduction: "Für Sie wurde ein Konto angelegt. Wählen Sie dafür ein Passwort; danach melden Sie "
            + "sich an.",
        unusableHeading: "Dieser Link gilt nicht mehr",
        unusableReset: [
            "Er wurde schon verwendet, ist älter als 30 Minuten, wurde durch einen neueren ersetzt oder ist nicht "
                + "vollständig.",
            "Ist Ihr neues Passwort gesetzt, melden Sie sich damit an. Wenn nicht, fordern Sie einen neuen Link an.",
        ],
        unusableInvitation: [
            "Er wurde schon verwendet, ist älter als 7 Tage, wurde durch einen neueren ersetzt oder ist nicht "
                + "vollständig.",
            "Haben Sie Ihr Passwort schon gesetzt, melden Sie sich damit an. Wenn nicht, bitten Sie die Person, die Sie "
                + "eingeladen hat, oder die Administration Ihrer Organisation um eine neue Einladung.",
        ],
        askAgain: "Neuen Link anfordern",
        linksThrottled: RefusalText(
            "Zu viele Versuche", "Aus Ihrem Netz wurden zu viele Links geöffnet, die nicht gelten.",
            "Kam Ihr Link per E-Mail, öffnen Sie ihn nach dieser Zeit noch einmal, oder aus einem anderen Netz."),
        mailsThrottled: RefusalText(
            "Zu viele Versuche", "Aus Ihrem Netz wurden zu viele Links für ein neues Passwort angefordert.",
            "Sehen Sie in Ihr Postfach: Der letzte gesendete Link gilt noch. Sonst fordern Sie nach dieser Zeit einen "
                + "neuen an."),
        openAgain: "Noch einmal versuchen",
        changeHeading: "Passwort ändern",
        changeIntroduction: "Alle anderen Geräte, die an Ihrem Konto angemeldet sind, werden damit abgemeldet.",
        changed: "Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.",
        change: "Passwort ändern",
        back: "Zurück")
}
