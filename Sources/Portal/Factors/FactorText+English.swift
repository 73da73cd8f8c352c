extension FactorText {
    /// The English texts.
    static let english = FactorText(
        heading: "Confirm that it is you",
        appIntroduction: "Enter the code that your authenticator app shows for this account.",
        passkeyIntroduction: "Your account asks for your passkey as well.",
        recoveryIntroduction: "Enter one of the recovery codes that you have kept.",
        code: "Code from your app",
        codeHint: "Six digits, a new code every 30 seconds.",
        confirm: "Confirm",
        usePasskey: "Use a passkey",
        useRecoveryCode: "Use a recovery code instead",
        recoveryCode: "Recovery code",
        recoveryHint: "16 letters and digits of the list that you have kept. Each code works once.",
        withoutPasskeys: "This browser knows no passkeys, or scripts are switched off in it. Use another browser, or a "
            + "recovery code.",
        startAgain: "Cancel and start again",
        wrong: "The code is wrong. Enter the one that your app shows now. If it is wrong too, check whether your "
            + "phone’s clock is right.",
        notACode: "Enter the six digits that your app shows.",
        used: "This code has been used already. Wait for the next one.",
        wrongRecoveryCode: "This recovery code is wrong, or has been used already. Enter another one.",
        notARecoveryCode: "Enter a recovery code: 16 letters and digits.",
        notThisPasskey: "This passkey does not belong to your account. Choose another one.",
        userVerification: "Your device did not check that it is you. Set up a PIN, your finger or your face there, and "
            + "try again.",
        passkeyRefused: "The passkey could not be used here. Try again, or use another way.",
        expired: "The page had been open for too long. Please try again.",
        throttled: RefusalText(
            "Too many attempts", "Too many wrong codes were entered for your account, so it takes none for a while.",
            "If it was not you, somebody knows your password: change it as soon as you are signed in."),
        signInWithPasskey: "Sign in with a passkey",
        passkeyAloneRefused: "That did not work with this passkey. Try again, or sign in with your password.",
        passkeyAloneThrottled: RefusalText(
            "Too many attempts", "Too many sign-ins have failed, so this one was not looked at.",
            "Sign in with your password, or try again after this time."),
        cancelled: "No passkey was used: it was cancelled, or it took too long. You can try again.",
        failed: "The browser could not use a passkey here. Try again, or use another way.",
        taken: "There is a passkey of yours on this device already.",
        codeUsed: "You are signed in",
        codesLeft: { count in
            switch count {
            case 0: "That was your last recovery code. You have 0 left."
            case 1: "That recovery code works no more. You have 1 left."
            default: "That recovery code works no more. You have \(count) left."
            }
        },
        codesAdvice: "Make new ones now, so that you get in when your other factors are lost.",
        newCodes: "Make new recovery codes",
        proceed: "Continue",
        offerHeading: "Sign in without a password next time?",
        offerParagraphs: [
            "A passkey takes the place of your password: your fingerprint, your face or a PIN is enough.",
            "It stays on your device and works on this site alone, so that nobody can talk you out of it.",
        ],
        createPasskey: "Create a passkey",
        notNow: "Not now",
        stepUpIntroduction: "This page asks for your second factor.",
        repeated: "What you sent was not done. Confirm first, then send it once more.",
        cancel: "Cancel")
}
