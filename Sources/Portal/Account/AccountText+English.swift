extension AccountText {
    /// The English texts.
    static let english = AccountText(
        navigation: "Your account",
        signOut: "Sign out",
        backToApplication: "Back to the application",
        page: { page in
            switch page {
            case .data: "Your data"
            case .password: "Password"
            case .sessions: "Where you are signed in"
            case .email: "Change your e-mail address"
            case .proof: "Confirm that it is you"
            case .factors: "Second factors"
            case .factorApp: "Add an authenticator app"
            case .factorPasskey: "Add a passkey"
            case .factorCode: "Confirm that it is you"
            case .factorName: "Rename a second factor"
            case .factorRemoval: "Remove a second factor"
            case .recoveryCodes: "Recovery codes"
            }
        },
        shortName: { page in
            switch page {
            case .data, .email, .proof: "Your data"
            case .password: "Password"
            case .factors, .factorApp, .factorPasskey, .factorCode, .factorName, .factorRemoval, .recoveryCodes:
                "Second factors"
            case .sessions: "Sessions"
            }
        },
        faultTitle: "Error",
        faultHeading: "Please correct this:",
        save: "Save",
        cancel: "Cancel",
        done: { change in
            switch change {
            case .name: "Your name has been changed."
            case .email: "Your e-mail address has been changed. Use the new one from the next sign-in on."
            case .session: "That browser is signed out."
            case .others: "You are signed out everywhere else."
            case .devices: "All known devices have been forgotten."
            case .factorAdded: "The second factor has been added."
            case .factorRenamed: "The second factor has another name."
            case .factorRemoved: "The second factor has been removed. You are signed out everywhere else."
            case .codeSent: "The code has been sent. It arrives within a few minutes."
            case .expired: "The page had been open for too long. Nothing was changed; please begin again."
            case .repeated:
                "The form was sent more than once and counted once at most. What is kept now is shown here. If you have "
                    + "not seen your recovery codes, make new ones."
            }
        },
        introduction: "What is kept of you here, and what the applications behind are told.",
        name: "Name",
        nameFault: "Enter your name: at most 200 letters, fewer in scripts other than Latin, and no control "
            + "characters.",
        email: "E-mail address",
        changeEmail: "Change address",
        organisation: "Organisation",
        roles: "Roles",
        noRoles: "none",
        memberSince: "Member since",
        lastSignIn: "Last sign-in",
        language: "Language",
        thisLanguage: "This page is in English.",
        newEmail: "New e-mail address",
        emailHint: "You will sign in with this address.",
        emailLetterHint: "You will sign in with this address. Both addresses get a mail about the change.",
        emailFault: "Enter an e-mail address, such as name@example.org.",
        emailUnavailable: "This address cannot be used: somebody else has it, or your organisation does not allow its "
            + "domain. Use another one, or ask your administrator.",
        proofIntroduction: "What comes next needs your password, because you entered it more than five minutes ago.",
        proofWithPasskey: "What comes next needs your password or a passkey, because you gave neither within the last "
            + "five minutes.",
        passkey: "Use a passkey",
        passkeyWrong: "The passkey was not accepted. Try again, or enter your password.",
        password: "Password",
        confirm: "Confirm",
        passwordFault: "Enter your password.",
        passwordWrong: "The password is wrong. Check it and try again.",
        sessionsIntroduction: "Do you not know one of these? Sign it out, then change your password.",
        thisBrowser: "this browser",
        signedInSince: "Signed in",
        lastUsed: "Last used",
        from: "Address at sign-in",
        remembered: "Stays signed in until",
        end: "Sign out",
        endNamed: { device in "Sign out \(device)" },
        endOthers: "Sign out everywhere else",
        endAll: "Sign out everywhere",
        endAllHint: "Everywhere includes this browser.",
        onlyThis: "You are signed in nowhere else.",
        moreSessions: { count in "And \(count) more, which have been used less recently." },
        devices: "Known devices",
        devicesHint: { count in
            switch count {
            case 0: "No device is known."
            case 1: "One device is known: you can still sign in with it while others guess at your password."
            default: "\(count) devices are known: you can still sign in with them while others guess at your password."
            }
        },
        forgetDevices: "Forget known devices",
        unknownBrowser: "Unknown browser",
        browserOn: { browser, system in "\(browser) on \(system)" })
}
