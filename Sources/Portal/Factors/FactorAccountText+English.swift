import Core

extension FactorAccountText {
    /// The English texts.
    static let english = FactorAccountText(
        introduction: "With a second factor, whoever knows your password still cannot sign in as you.",
        asked: "The page that you asked for needs a second factor. Add one here, and you are led on to it.",
        required: "Your organisation asks for a second factor.",
        requiredFrom: { time in "Your organisation asks for a second factor. Add one before \(time)." },
        none: "You have no second factor yet.",
        kind: { factor in
            switch factor {
            case .passkey: "Passkey"
            case .totp: "Authenticator app"
            case .recoveryCode: "Recovery code"
            case .password: "Password"
            case .sso: "Single sign-on"
            case .mfa: "Second factor of your company account"
            }
        },
        added: "Added",
        lastUsed: "Last used",
        never: "never",
        kept: "Kept",
        synced: "synced between your devices",
        onOneDevice: "on one device only",
        rename: "Rename",
        renameNamed: { name in "Rename \(name)" },
        remove: "Remove",
        removeNamed: { name in "Remove \(name)" },
        addPasskey: "Add a passkey",
        addApp: "Add an authenticator app",
        full: "You have as many as can be kept. Remove one before you add another.",
        proceed: "Continue to where you were going",
        recoveryCodes: "Recovery codes",
        recoveryCodesLeft: { count in
            switch count {
            case 0: "You have none left. They let you in when your other factors are lost."
            case 1: "You have 1 left. Each lets you in once when your other factors are lost."
            default: "You have \(count) left. Each lets you in once when your other factors are lost."
            }
        },
        recoveryCodesFew: "Few recovery codes are left. Make a new set.",
        newRecoveryCodes: "Make new recovery codes",
        nameLabel: "Name",
        nameHint: "So that you know it again in your list.",
        nameFault: "Enter a name of at most 64 letters, without control characters.",
        appSteps: "An authenticator app shows a new code every 30 seconds. You enter one when you sign in.",
        scan: "Scan this code with the app:",
        code: "QR code for your authenticator app; the key below says the same",
        typeKey: "Or type this key into the app:",
        keyLabel: "Key",
        accountLabel: "Account",
        openApp: "Open in an app on this device",
        codeLabel: "Code that the app shows",
        codeHint: "6 digits.",
        add: "Add",
        passkeyIntroduction: "A passkey is kept by your device, your browser or a security key. You confirm with a "
            + "finger, your face or a PIN. It works only here, so that nobody can lure it out of you elsewhere.",
        withoutPasskeys: "This browser cannot create passkeys, or scripts are switched off in it. Use another browser, "
            + "or add an authenticator app.",
        create: "Create a passkey",
        codeIntroduction: "A first factor needs more than your password: a code that only you can have.",
        codeMailable: { email in "We can send it to \(email). If an administrator gave you one, enter that." },
        codeMailed: { email in "We have sent it to \(email). It is valid for 30 minutes." },
        codeAsked: "Ask your administrator for an enrolment code.",
        sendCode: "Send the code",
        sendAnother: "Send another code",
        enrolmentCode: "Enrolment code",
        enrolmentCodeHint: "8 digits.",
        confirm: "Continue",
        throttled: RefusalText(
            "Too many codes", "No more codes are sent or looked at for your account for now.", "Try again later."),
        removal: { name in "You will no longer be able to sign in with “\(name)”." },
        removalEnds: "You are signed out everywhere else.",
        removalLast: "This is your last second factor. Your recovery codes go with it, and your password alone "
            + "will do.",
        removalRequired: "This is your last second factor and cannot be removed, because your organisation asks for "
            + "one. Add another one first.",
        renewal: "You get ten new codes. The old ones stop working at once.",
        renew: "Make new codes",
        wrongCode: "The code is wrong. Enter the one that the app shows now. If it is wrong again, check that the time "
            + "on your phone is right.",
        noCode: "Enter the 6 digits that the app shows.",
        usedCode: "This code has been used. Wait for the next one.",
        wrongEnrolmentCode: "The code is wrong or no longer valid. Check it, or ask for another one.",
        noEnrolmentCode: "Enter the 8 digits of the code.",
        tooMany: "You have as many as can be kept. Remove one before you add another.",
        taken: "This passkey is in use already. Use another device or security key.",
        notThisPasskey: "This passkey does not belong to your account.",
        userVerification: "Your device has not checked that it is you. Set up a PIN, finger or face on it, then try "
            + "again.",
        refused: "The passkey cannot be used here. Try again, or use another device.")
}
