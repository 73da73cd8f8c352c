import Access
import Login

/// What the pages say on which a member sets up a second factor at sign-in, in one language.
struct EnrolmentText: Sendable {
    let heading: String
    let introduction: String
    // The code that the first factor needs.
    let codeIntroduction: String
    let mailable: @Sendable (_ email: String) -> String
    let mailed: @Sendable (_ email: String) -> String
    let asked: String
    let codeLabel: String
    let codeHint: String
    let sendCode: String
    let sendAnother: String
    let codesThrottled: String
    let wrongCode: String
    let noCode: String
    // The factors.
    let choose: String
    let passkey: String
    let passkeyWords: String
    let createPasskey: String
    let app: String
    let scan: String
    let picture: String
    let byHand: String
    let appCode: String
    let appCodeHint: String
    let name: String
    let nameHint: String
    let addApp: String
    let notNow: @Sendable (_ until: String) -> String
    // What was wrong.
    let expired: String
    let tooMany: String
    let taken: String
    let passkeyRefused: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> EnrolmentText {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private static let english = EnrolmentText(
        heading: "Add a second factor",
        introduction: "Your organisation asks for a second factor, so that nobody gets in with your password alone.",
        codeIntroduction: "Before you add one, enter a code that only you can have.",
        mailable: { email in "We can send it to \(email)." },
        mailed: { email in "We have sent it to \(email). It works for 30 minutes." },
        asked: "Ask your organisation’s administrator for it.",
        codeLabel: "Code",
        codeHint: "Eight digits. One that an administrator gave you works, too.",
        sendCode: "Send me a code",
        sendAnother: "Send another code",
        codesThrottled: "No more codes are sent for a while. The last one still works.",
        wrongCode: "The code is wrong, or works no more. Check it, or have another one sent.",
        noCode: "Enter the eight digits of the code.",
        choose: "What would you like to use?",
        passkey: "Passkey",
        passkeyWords: "Confirm with your fingerprint, your face, a PIN or a security key. It works on this site alone, "
            + "so that nobody can talk you out of it.",
        createPasskey: "Create a passkey",
        app: "Authenticator app",
        scan: "Scan this code with the app on your phone:",
        picture: "QR code for your authenticator app; the key below says the same",
        byHand: "Or type this key into the app:",
        appCode: "Code that the app shows",
        appCodeHint: "Six digits, a new code every 30 seconds.",
        name: "Name",
        nameHint: "What you call the app in your own list. You may leave it empty.",
        addApp: "Add the app",
        notNow: { until in "Not now (possible until \(until))" },
        expired: "The page had been open for too long. Add the app anew.",
        tooMany: "You have as many of these as you can have.",
        taken: "This passkey is in use already. Take another device or security key.",
        passkeyRefused: "This passkey cannot be used here. Take another device or security key, or an app.")

    private static let german = EnrolmentText(
        heading: "Fügen Sie einen zweiten Faktor hinzu",
        introduction: "Ihre Organisation verlangt einen zweiten Faktor, damit niemand mit Ihrem Passwort allein "
            + "hineinkommt.",
        codeIntroduction: "Geben Sie zuvor einen Code ein, den nur Sie haben können.",
        mailable: { email in "Wir können ihn an \(email) schicken." },
        mailed: { email in "Wir haben ihn an \(email) geschickt. Er gilt 30 Minuten." },
        asked: "Bitten Sie die Administration Ihrer Organisation darum.",
        codeLabel: "Code",
        codeHint: "Acht Ziffern. Auch ein Code, den Ihnen die Administration gegeben hat, gilt.",
        sendCode: "Code schicken",
        sendAnother: "Anderen Code schicken",
        codesThrottled: "Eine Zeit lang werden keine Codes mehr geschickt. Der letzte gilt noch.",
        wrongCode: "Der Code ist falsch oder gilt nicht mehr. Prüfen Sie ihn, oder fordern Sie einen anderen an.",
        noCode: "Geben Sie die acht Ziffern des Codes ein.",
        choose: "Was möchten Sie verwenden?",
        passkey: "Passkey",
        passkeyWords:
            "Bestätigen Sie mit Fingerabdruck, Gesicht, PIN oder Sicherheitsschlüssel. Er gilt nur auf dieser "
            + "Website, sodass ihn Ihnen niemand entlocken kann.",
        createPasskey: "Passkey erzeugen",
        app: "Authenticator-App",
        scan: "Scannen Sie diesen Code mit der App auf Ihrem Telefon:",
        picture: "QR-Code für Ihre Authenticator-App; der Schlüssel darunter sagt dasselbe",
        byHand: "Oder tippen Sie diesen Schlüssel in die App:",
        appCode: "Code, den die App zeigt",
        appCodeHint: "Sechs Ziffern, alle 30 Sekunden ein neuer Code.",
        name: "Name",
        nameHint: "Wie die App in Ihrer eigenen Liste heißt. Das Feld darf leer bleiben.",
        addApp: "App hinzufügen",
        notNow: { until in "Jetzt nicht (möglich bis \(until))" },
        expired: "Die Seite war zu lange offen. Fügen Sie die App neu hinzu.",
        tooMany: "Sie haben davon so viele, wie Sie haben können.",
        taken: "Dieser Passkey wird schon benutzt. Nehmen Sie ein anderes Gerät oder einen anderen "
            + "Sicherheitsschlüssel.",
        passkeyRefused: "Dieser Passkey kann hier nicht benutzt werden. Nehmen Sie ein anderes Gerät, einen anderen "
            + "Sicherheitsschlüssel oder eine App.")
}
