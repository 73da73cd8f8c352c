extension SSOText {
    static let english = SSOText(
        leaving: { "Continue with \($0)" },
        leavingIntroduction: "You are being taken to the sign-in page of your organisation.",
        signingOut: "You are signed out here",
        signingOutIntroduction: "Now you are being signed out of your company account.",
        answering: "You are signed out here",
        answeringIntroduction: "You are being taken back to the sign-in service of your organisation.",
        proceed: "Continue", startAgain: "Start again",
        unconfirmed:
            "Whether you are signed out everywhere else is not certain. Close all windows of this browser to be safe.",
        link: "There is an account with this address already. Sign in with its password once to connect it with your "
            + "company account.",
        notLinked: "Your company account is not connected",
        notLinkedParagraphs: [
            "You are signed in. But this is not the account that your company account belongs to, or connecting the two "
                + "took too long.",
            "To connect them, sign out, then sign in with your company account again.",
        ])
}
