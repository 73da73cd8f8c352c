import Core

extension FactorAccountText {
    /// The German texts.
    static let german = FactorAccountText(
        introduction: "Mit einem zweiten Faktor kann sich niemand als Sie anmelden, der nur Ihr Passwort kennt.",
        asked: "Die Seite, die Sie aufrufen wollten, braucht einen zweiten Faktor. Fügen Sie hier einen hinzu, dann "
            + "geht es dort weiter.",
        required: "Ihre Organisation verlangt einen zweiten Faktor.",
        requiredFrom: { time in
            "Ihre Organisation verlangt einen zweiten Faktor. Fügen Sie vor dem \(time) einen hinzu."
        },
        none: "Sie haben noch keinen zweiten Faktor.",
        kind: { factor in
            switch factor {
            case .passkey: "Passkey"
            case .totp: "Authenticator-App"
            case .recoveryCode: "Wiederherstellungscode"
            case .password: "Passwort"
            case .sso: "Single Sign-on"
            case .mfa: "Zweiter Faktor des Firmenkontos"
            }
        },
        added: "Hinzugefügt",
        lastUsed: "Zuletzt benutzt",
        never: "nie",
        kept: "Aufbewahrt",
        synced: "zwischen Ihren Geräten abgeglichen",
        onOneDevice: "nur auf einem Gerät",
        rename: "Umbenennen",
        renameNamed: { name in "Umbenennen: \(name)" },
        remove: "Entfernen",
        removeNamed: { name in "Entfernen: \(name)" },
        addPasskey: "Passkey hinzufügen",
        addApp: "Authenticator-App hinzufügen",
        full: "Mehr können nicht aufbewahrt werden. Entfernen Sie einen, bevor Sie einen weiteren hinzufügen.",
        proceed: "Weiter zu Ihrem Ziel",
        recoveryCodes: "Wiederherstellungscodes",
        recoveryCodesLeft: { count in
            switch count {
            case 0: "Sie haben keinen mehr. Mit ihnen kommen Sie hinein, wenn Ihre anderen Faktoren verloren sind."
            case 1: "Sie haben noch 1. Er lässt Sie einmal hinein, wenn Ihre anderen Faktoren verloren sind."
            default:
                "Sie haben noch \(count). Jeder lässt Sie einmal hinein, wenn Ihre anderen Faktoren verloren sind."
            }
        },
        recoveryCodesFew: "Es sind nur noch wenige Wiederherstellungscodes übrig. Erzeugen Sie neue.",
        newRecoveryCodes: "Neue Wiederherstellungscodes erzeugen",
        nameLabel: "Name",
        nameHint: "Damit Sie ihn in Ihrer Liste wiedererkennen.",
        nameFault: "Geben Sie einen Namen von höchstens 64 Buchstaben ohne Steuerzeichen ein.",
        appSteps: "Eine Authenticator-App zeigt alle 30 Sekunden einen neuen Code. Sie geben ihn bei der Anmeldung "
            + "ein.",
        scan: "Scannen Sie diesen Code mit der App:",
        code: "QR-Code für Ihre Authenticator-App; der Schlüssel darunter sagt dasselbe",
        typeKey: "Oder tippen Sie diesen Schlüssel in die App:",
        keyLabel: "Schlüssel",
        accountLabel: "Konto",
        openApp: "In einer App auf diesem Gerät öffnen",
        codeLabel: "Code, den die App zeigt",
        codeHint: "6 Ziffern.",
        add: "Hinzufügen",
        passkeyIntroduction: "Einen Passkey bewahrt Ihr Gerät, Ihr Browser oder ein Sicherheitsschlüssel auf. Sie "
            + "bestätigen mit Finger, Gesicht oder PIN. Er gilt nur hier, sodass ihn Ihnen niemand anderswo "
            + "entlocken kann.",
        withoutPasskeys: "Dieser Browser kann keine Passkeys erzeugen, oder Skripte sind darin abgeschaltet. Nehmen "
            + "Sie einen anderen Browser, oder fügen Sie eine Authenticator-App hinzu.",
        create: "Passkey erzeugen",
        codeIntroduction: "Ein erster Faktor braucht mehr als Ihr Passwort: einen Code, den nur Sie haben können.",
        codeMailable: { email in
            "Wir können ihn an \(email) schicken. Haben Sie einen von Ihrer Administration, geben Sie den ein."
        },
        codeMailed: { email in "Wir haben ihn an \(email) geschickt. Er gilt 30 Minuten." },
        codeAsked: "Bitten Sie Ihre Administration um einen Registrierungscode.",
        sendCode: "Code schicken",
        sendAnother: "Anderen Code schicken",
        enrolmentCode: "Registrierungscode",
        enrolmentCodeHint: "8 Ziffern.",
        confirm: "Weiter",
        throttled: RefusalText(
            "Zu viele Codes", "Für Ihr Konto werden vorerst keine Codes mehr geschickt oder geprüft.",
            "Versuchen Sie es später noch einmal."),
        removal: { name in "Mit „\(name)“ können Sie sich dann nicht mehr anmelden." },
        removalEnds: "Sie werden überall sonst abgemeldet.",
        removalLast: "Das ist Ihr letzter zweiter Faktor. Ihre Wiederherstellungscodes verfallen mit ihm, und Ihr "
            + "Passwort allein genügt wieder.",
        removalRequired: "Das ist Ihr letzter zweiter Faktor. Er kann nicht entfernt werden, weil Ihre Organisation "
            + "einen verlangt. Fügen Sie zuerst einen anderen hinzu.",
        renewal: "Sie erhalten zehn neue Codes. Die alten gelten sofort nicht mehr.",
        renew: "Neue Codes erzeugen",
        wrongCode: "Der Code ist falsch. Geben Sie den ein, den die App jetzt zeigt. Ist auch er falsch, prüfen Sie, "
            + "ob die Uhr Ihres Telefons richtig geht.",
        noCode: "Geben Sie die 6 Ziffern ein, die die App zeigt.",
        usedCode: "Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.",
        wrongEnrolmentCode: "Der Code ist falsch oder gilt nicht mehr. Prüfen Sie ihn, oder fordern Sie einen anderen "
            + "an.",
        noEnrolmentCode: "Geben Sie die 8 Ziffern des Codes ein.",
        tooMany: "Mehr können nicht aufbewahrt werden. Entfernen Sie einen, bevor Sie einen weiteren hinzufügen.",
        taken: "Dieser Passkey wird schon benutzt. Nehmen Sie ein anderes Gerät oder einen anderen "
            + "Sicherheitsschlüssel.",
        notThisPasskey: "Dieser Passkey gehört nicht zu Ihrem Konto.",
        userVerification: "Ihr Gerät hat nicht geprüft, dass Sie es sind. Richten Sie darauf PIN, Finger oder Gesicht "
            + "ein, und versuchen Sie es noch einmal.",
        refused: "Der Passkey kann hier nicht benutzt werden. Versuchen Sie es noch einmal, oder nehmen Sie ein "
            + "anderes Gerät.")
}
