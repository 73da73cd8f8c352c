extension PasswordText {
    /// The English texts.
    static let english = PasswordText(
        setPassword: "Set password",
        passwordRefused: "This password cannot be used:",
        currentPassword: "Current password",
        currentWrong: "The current password is wrong. Check it and try again.",
        currentMissing: "Enter your current password.",
        forcedHeading: "Choose another password",
        forcedIntroduction: "Your password is right, but you did not choose it yourself, or it has to be replaced. "
            + "Choose another one, and you are signed in.",
        forgottenHeading: "Forgot your password?",
        forgottenIntroduction: "Enter your e-mail address. If there is an account for it, we send a link there with "
            + "which you choose another password.",
        sendMail: "Send the link",
        mailHeading: "Look into your mailbox",
        mailParagraphs: [
            "If there is an account for this address, a mail with a link is on its way to it. The link works once, for "
                + "30 minutes.",
            "No mail? Look among the unwanted ones, and check whether this is the address of your account. Your "
                + "organisation’s administrator can help, too.",
        ],
        noMailHeading: "Forgot your password?",
        noMailParagraphs: [
            "This site sends no mails. Ask your organisation’s administrator to set a new password for you."
        ],
        resetHeading: "Choose another password",
        resetIntroduction: "Every device that is signed in to your account is signed out with it. After that, sign in "
            + "with the new password.",
        invitationHeading: { "Welcome to \($0)" },
        invitationIntroduction: "An account was made for you. Choose a password for it; after that, sign in.",
        unusableHeading: "This link does not work any more",
        unusableReset: [
            "It was used already, is older than 30 minutes, was replaced by a newer one, or is not complete.",
            "If your new password is set, sign in with it. If not, ask for a new link.",
        ],
        unusableInvitation: [
            "It was used already, is older than 7 days, was replaced by a newer one, or is not complete.",
            "If you have set your password, sign in with it. If not, ask whoever invited you, or your organisation’s "
                + "administrator, for a new invitation.",
        ],
        askAgain: "Ask for a new link",
        linksThrottled: RefusalText(
            "Too many attempts", "Too many links that do not work were opened from your network.",
            "If your link came by mail, open it again after this time, or from another network."),
        mailsThrottled: RefusalText(
            "Too many attempts", "Too many links to set a password were asked for from your network.",
            "Look into your mailbox: the last link that was sent still works. Otherwise ask again after this time."),
        openAgain: "Try again",
        changeHeading: "Change your password",
        changeIntroduction: "Every other device that is signed in to your account is signed out with it.",
        changed: "Your password is changed. Every other device is signed out.",
        change: "Change password",
        back: "Back")
}
