import Access
import Core
import Login

extension FactorAccountPages {
    /// An authenticator app that is being added.
    struct AppForm {
        var csrf: String
        /// Sealed, with the secret in it.
        var ceremony: String
        /// The secret, in base32.
        var key: String
        /// `otpauth://…`.
        var address: String
        /// The member's e-mail address.
        var account: String
        /// As it was typed; nil for the usual one.
        var name: String?
        var fault: Fault?
    }

    /// The secret as a picture and as text, and a field for the code that the app makes of it.
    func app(_ visit: AccountVisit, _ form: AppForm) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        var values: [String: Any] = [
            "introduction": text.appSteps, "typeKey": text.typeKey, "keyLabel": text.keyLabel,
            "key": RecoveryCodeSheet.groups(of: form.key).joined(separator: " "), "accountLabel": text.accountLabel,
            "account": form.account, "appAddress": form.address, "openApp": text.openApp,
            "action": AccountPage.factorApp.address,
            "hidden": AccountPages.hidden(visit, [("csrf", form.csrf), ("ceremony", form.ceremony)]),
            "codeLabel": text.codeLabel, "codeHint": text.codeHint, "nameLabel": text.nameLabel,
            "nameHint": text.nameHint, "typed": Self.shown(form.name ?? text.kind(.totp)), "proceed": text.add,
            "back": visit.listAddress(), "cancel": visit.text.cancel, "isCodeFaulty": form.fault != nil,
        ]
        if let svg = QRCode.svg(form.address, label: text.code) {
            values["picture"] = ["svg": svg]
            values["scan"] = text.scan
        }
        return account.page(visit, account.pages.templates.accountFactorApp, values, fault: form.fault)
    }

    /// A passkey that is being added.
    struct PasskeyForm {
        var csrf: String
        /// Sealed; its challenge is in `options`.
        var ceremony: String
        /// What `navigator.credentials.create()` is given, as JSON.
        var options: String
        /// As it was typed; nil for the usual one.
        var name: String?
        var fault: Fault?
    }

    /// The button that asks the browser for a passkey.
    func passkey(_ visit: AccountVisit, _ form: PasskeyForm) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        var values: [String: Any] = PasskeyWords.values(in: visit.language)
        values.merge(
            [
                "introduction": text.passkeyIntroduction, "withoutPasskeys": text.withoutPasskeys,
                "action": AccountPage.factorPasskey.address, "options": form.options,
                "hidden": AccountPages.hidden(visit, [("csrf", form.csrf), ("ceremony", form.ceremony)]),
                "nameLabel": text.nameLabel, "nameHint": text.nameHint,
                "typed": Self.shown(form.name ?? text.kind(.passkey)), "proceed": text.create,
                "back": visit.listAddress(), "cancel": visit.text.cancel,
            ] as [String: Any]
        ) { $1 }
        return account.page(
            visit, account.pages.templates.accountFactorPasskey, values, fault: form.fault, runsScript: true)
    }

    /// The code that a first factor needs, and how to come by one.
    func code(
        _ visit: AccountVisit, _ state: EnrolmentStep.CodeState, email: String, csrf: String, fault: Fault? = nil
    ) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        var values: [String: Any] = [
            "introduction": text.codeIntroduction, "action": AccountPage.factorCode.address,
            "hidden": AccountPages.hidden(visit, [("csrf", csrf)]), "codeLabel": text.enrolmentCode,
            "codeHint": text.enrolmentCodeHint, "proceed": text.confirm, "back": visit.listAddress(),
            "cancel": visit.text.cancel,
        ]
        // The field is there in any case: an administrator may have handed over a code.
        switch state {
        case .mailable:
            values["source"] = text.codeMailable(email)
            values["sendFirst"] = ["label": text.sendCode]
        case .mailed:
            values["source"] = text.codeMailed(email)
            values["sendAgain"] = ["label": text.sendAnother]
        case .asked, .unneeded: values["source"] = text.codeAsked
        }
        return account.page(visit, account.pages.templates.accountFactorCode, values, fault: fault)
    }
}
