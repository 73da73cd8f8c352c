import Access

/// What the page of fresh recovery codes says, and the file that can be kept of it.
struct RecoveryCodeText: Sendable {
    let heading: String
    let introduction: String
    let warning: String
    /// The name of the list, for those who do not see it.
    let codes: String
    let hint: String
    let download: String
    let proceed: String
    /// The second tick of a button, or a page loaded again, brings no codes.
    let expired: String
    /// The name of the file, without its ending.
    let fileName: String
    /// The first line of the file.
    let fileHeading: @Sendable (_ site: String) -> String
    let fileAccount: @Sendable (_ email: String) -> String
    let fileMade: @Sendable (_ time: String) -> String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> RecoveryCodeText {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private static let english = RecoveryCodeText(
        heading: "Your recovery codes",
        introduction: "Keep these codes where you find them when your phone or key is lost. Each of them lets you in "
            + "once.",
        warning: "They are shown this once. Nobody can tell you them again.",
        codes: "Recovery codes",
        hint: "Print this page, copy the codes, or keep them as a file, but not beside your password.",
        download: "Keep as a file",
        proceed: "I have kept them",
        expired: "The codes are no longer shown. Make new ones where you have not kept them.",
        fileName: "recovery-codes",
        fileHeading: { site in "Recovery codes for \(site)" },
        fileAccount: { email in "Account: \(email)" },
        fileMade: { time in "Made: \(time)" })

    private static let german = RecoveryCodeText(
        // Narrow screens may break the long word here, whatever the browser knows of German.
        heading: "Ihre Wiederherstellungs\u{AD}codes",
        introduction: "Bewahren Sie diese Codes dort auf, wo Sie sie finden, wenn Telefon oder Schlüssel verloren "
            + "sind. Jeder lässt Sie einmal hinein.",
        warning: "Sie werden nur dieses eine Mal gezeigt. Niemand kann sie Ihnen noch einmal nennen.",
        codes: "Wiederherstellungscodes",
        hint: "Drucken Sie diese Seite, kopieren Sie die Codes, oder bewahren Sie sie als Datei auf, aber nicht neben "
            + "Ihrem Passwort.",
        download: "Als Datei aufbewahren",
        proceed: "Ich habe sie aufbewahrt",
        expired: "Die Codes werden nicht mehr gezeigt. Erzeugen Sie neue, wenn Sie sie nicht aufbewahrt haben.",
        fileName: "wiederherstellungscodes",
        fileHeading: { site in "Wiederherstellungscodes für \(site)" },
        fileAccount: { email in "Konto: \(email)" },
        fileMade: { time in "Erzeugt: \(time)" })
}
