import Access
import Core
import Login

/// The page that asks for a recent proof.
extension AccountPages {
    /// The form that asks the browser for a passkey.
    struct PasskeyForm {
        /// What `navigator.credentials` is given, as JSON.
        var options: String
        /// The sealed ceremony whose challenge is in it.
        var ceremony: String
    }

    /// The password again, or a passkey, or the member's provider.
    /// - Parameters:
    ///   - passkey: nil where the member has none.
    ///   - connection: nil where the session came by none.
    func proof(
        _ visit: AccountVisit, email: String, csrf: String, passkey: PasskeyForm? = nil, connection: SSOOffer? = nil,
        fault: Fault? = nil
    ) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "introduction": Self.proofIntroduction(
                visit, hasPasskey: passkey != nil, hasConnection: connection != nil),
            "withoutPassword": !visit.allowsPassword, "action": AccountPage.proof.address, "csrf": csrf,
            "emailLabel": text.email, "email": email, "passwordLabel": text.password, "confirm": text.confirm,
            "back": AccountPage.data.address, "cancel": text.cancel, "isPasswordFaulty": fault?.field == "password",
        ]
        if let returnTo = visit.returnTo { values["returnTo"] = returnTo.target }
        if let passkey {
            var form: [String: Any] = PasskeyWords.values(in: visit.language)
            form["options"] = passkey.options
            form["hidden"] = Self.hidden(visit, [("csrf", csrf), ("ceremony", passkey.ceremony)])
            form["proceed"] = text.passkey
            values["passkey"] = form
        }
        if let connection {
            var form = ConnectionOffer.buttons(
                [connection], isFirst: true, label: ConnectionText.text(in: visit.language).confirmWith)
            form["action"] = AccountPage.proof.address
            form["hidden"] = Self.hidden(visit, [("csrf", csrf)])
            values["connections"] = form
        }
        return page(visit, pages.templates.accountProof, values, fault: fault, runsScript: passkey != nil)
    }

    private static func proofIntroduction(_ visit: AccountVisit, hasPasskey: Bool, hasConnection: Bool) -> String {
        let words = ConnectionText.text(in: visit.language)
        if hasConnection || !visit.allowsPassword && hasPasskey { return words.proofIntroduction }
        if !visit.allowsPassword { return words.proofImpossible }
        return hasPasskey ? visit.text.proofWithPasskey : visit.text.proofIntroduction
    }
}
