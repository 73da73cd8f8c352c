extension LoginText {
    /// The English texts.
    static let english = LoginText(
        signIn: "Sign in",
        email: "E-mail address",
        proceed: "Continue",
        password: "Password",
        remember: { span in
            switch span {
            case .hours(1): "Stay signed in on this device for an hour"
            case .hours(let count): "Stay signed in on this device for \(count) hours"
            case .days(let count): "Stay signed in on this device for \(count) days"
            }
        },
        otherAddress: "Use another address",
        emailFault: "Enter your e-mail address, such as name@example.org.",
        passwordFault: "Enter your password.",
        refused: "That did not work: the e-mail address or the password is wrong. Check both and try again.",
        stale: "The form had been open for too long, or was used already. Please sign in again.",
        passwordSet: "Your new password is set. Sign in with it now.",
        forgotPassword: "Forgot your password?",
        forgotPasswordWithoutMail: "Forgot your password? Your organisation’s administrator can set a new one for you.",
        choose: "Choose your organisation",
        chooseIntroduction: "You are a member of several. Which one do you want to open?",
        signOut: "Sign out",
        signedInAs: "You are signed in as",
        staySignedIn: "Stay signed in",
        signedOut: "You are signed out",
        signedOutAdvice: "If others use this device too, close the browser’s windows.",
        signInAgain: "Sign in again",
        onward: { "Go on to \($0)" },
        signedIn: "You are signed in",
        toApplication: "Go to the application",
        signOutFailed: RefusalText(
            "Signing out was not completed",
            "This browser has forgotten your session, but the gateway could not end it in its own data.",
            "Sign in again later and sign out once more. If this is not your own device, tell your organisation’s "
                + "administrator the request ID below."),
        startAgain: "Back to signing in",
        languages: "Language",
        tryAgain: { wait in
            switch wait {
            case .moments: "You can try again in less than a minute."
            case .minutes(1): "You can try again in about a minute."
            case .minutes(let count): "You can try again in about \(count) minutes."
            case .hours(let count): "You can try again in about \(count) hours."
            }
        })
}
