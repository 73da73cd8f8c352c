import Access
import Core
import HTTPTypes
import Login

/// Renders the pages that ask for a second factor: values into templates, nothing decided.
struct FactorPages: Sendable {
    private let pages: PortalPages

    init(pages: PortalPages) { self.pages = pages }

    /// The forms of a page that asks for one.
    struct Form {
        /// Where a factor's form goes.
        var action: (Factor) -> String
        /// What every form carries unseen.
        var hidden: [[String: String]]
        /// Each form names its factor, where all go to one address.
        var namesMethod = false
        var factors: [Factor]
        /// What the browser is asked for; nil where no passkey is.
        var passkeyOptions: String?
        /// The connection whose provider can be asked instead.
        var connection: SSOOffer?
        var fault: (FactorFault, of: Factor)?
    }

    /// At sign-in, after the first factor.
    /// - Parameter challenge: of the attempt.
    func secondFactor(
        _ visit: LoginVisit, _ hidden: LoginPages.Hidden, _ step: SecondFactorStep, challenge: [UInt8],
        isRemembered: Bool, fault: (FactorFault, of: Factor)?
    ) -> PortalResponse {
        let text = FactorText.text(in: visit.language)
        let form = Form(
            action: { visit.stepAddress(PortalAddress.login(by: $0)) },
            hidden: LoginPages.fields(hidden, visit, isRemembered: isRemembered), factors: step.factors,
            passkeyOptions: step.passkey.map { PasskeyOptions.request($0, challenge: challenge) }, fault: fault)
        var values = Self.values(form, visit.language)
        (values["back"], values["backLabel"]) = (visit.loginAddress(), text.startAgain)
        return page(visit, pages.templates.secondFactor, heading: text.heading, values, hasFault: fault != nil)
    }

    /// In the middle of a session.
    /// - Parameter isRepeated: something was sent that was not done.
    func stepUp(_ visit: LoginVisit, _ form: Form, frame: PageFrame, isRepeated: Bool) -> PortalResponse {
        let text = FactorText.text(in: visit.language)
        var values = Self.values(form, visit.language)
        if let introduction = values["introduction"] as? String {
            values["introduction"] = "\(text.stepUpIntroduction) \(introduction)"
        }
        if let connection = form.connection {
            let words = ConnectionText.text(in: visit.language)
            var part = ConnectionOffer.buttons(
                [connection], isFirst: form.factors.isEmpty, label: words.confirmWith)
            (part["action"], part["hidden"]) = (LoginRedirect.stepUpPath, form.hidden)
            values["connections"] = part
            if form.factors.isEmpty {
                values["introduction"] = "\(text.stepUpIntroduction) \(words.confirmIntroduction)"
            }
        }
        if isRepeated { values["notice"] = text.repeated }
        (values["back"], values["backLabel"]) = (PortalAddress.home, text.cancel)
        return page(
            visit, pages.templates.secondFactor, heading: text.heading, frame: frame, values,
            hasFault: form.fault != nil)
    }

    /// After a recovery code that left few.
    /// - Parameter fields: the session's cookies.
    func codesLeft(
        _ visit: LoginVisit, _ left: Int, frame: PageFrame? = nil, fields: HTTPFields
    ) -> PortalResponse {
        let text = FactorText.text(in: visit.language)
        let values: [String: Any] = [
            "paragraphs": [text.codesLeft(left), text.codesAdvice],
            "action": ["address": AccountPage.factors.address, "label": text.newCodes],
            "aside": ["address": visit.target, "label": text.proceed],
        ]
        return page(visit, pages.templates.message, heading: text.codeUsed, frame: frame, values, fields: fields)
    }

    /// After a password that a passkey could take the place of.
    /// - Parameters:
    ///   - csrf: of the session that has begun.
    ///   - fields: its cookies.
    func passkeyOffer(_ visit: LoginVisit, csrf: String, fields: HTTPFields) -> PortalResponse {
        let text = FactorText.text(in: visit.language)
        let values: [String: Any] = [
            "paragraphs": text.offerParagraphs, "action": PortalAddress.passkeyOffer, "csrf": csrf,
            "returnTo": visit.target,
            "create": "\(AccountPage.factors.address)?return_to=\(PortalAddress.encoded(visit.target))",
            "createLabel": text.createPasskey, "notNow": text.notNow,
        ]
        return page(visit, pages.templates.passkeyOffer, heading: text.offerHeading, values, fields: fields)
    }

    // MARK: Parts

    /// What the template `second-factor` asks for: the app's form first, which needs no script; the passkey's; and the
    /// recovery code's, folded up unless it is what is left.
    private static func values(_ form: Form, _ language: PageLanguage) -> [String: Any] {
        let text = FactorText.text(in: language)
        let hasApp = form.factors.contains(.totp)
        let options = form.factors.contains(.passkey) ? form.passkeyOptions : nil
        func part(_ factor: Factor, _ own: [String: Any]) -> [String: Any] {
            var part = own
            part["action"] = form.action(factor)
            if form.namesMethod { part["method"] = factor.rawValue }
            part["isFaulty"] = form.fault?.of == factor
            return part
        }
        var values: [String: Any] = ["hidden": form.hidden, "introduction": text.recoveryIntroduction]
        if let options {
            var own = PasskeyWords.values(in: language)
            (own["options"], own["proceed"], own["isSecond"]) = (options, text.usePasskey, hasApp)
            if !hasApp { own["without"] = text.withoutPasskeys }
            values["passkey"] = part(.passkey, own)
            values["introduction"] = text.passkeyIntroduction
        }
        if hasApp {
            values["app"] = part(
                .totp,
                [
                    "label": text.code, "hint": text.codeHint, "proceed": text.confirm,
                    "isFocused": form.fault?.of != .recoveryCode,
                ])
            values["introduction"] = text.appIntroduction
        }
        if form.factors.contains(.recoveryCode) {
            let isOpen = form.fault?.of == .recoveryCode || !hasApp && options == nil
            values["recovery"] = part(
                .recoveryCode,
                [
                    "title": text.useRecoveryCode, "label": text.recoveryCode, "hint": text.recoveryHint,
                    "proceed": text.confirm, "isOpen": isOpen, "isFocused": isOpen,
                ])
        }
        if let (fault, factor) = form.fault { values["fault"] = text.words(fault, of: factor) }
        return values
    }

    private func page(
        _ visit: LoginVisit, _ template: PageTemplate, heading: String, frame: PageFrame? = nil,
        _ values: [String: Any], hasFault: Bool = false, fields: HTTPFields = [:]
    ) -> PortalResponse {
        let frame = frame ?? visit.loginFrame
        let html = pages.templates.render(template, frame.values(heading: heading, values))
        var response = pages.response(
            status: hasFault ? LoginPages.Fault.status : .ok, html: html, language: visit.language,
            brand: frame.brand, formsLeadingTo: visit.formOrigin, runsScript: values["passkey"] != nil)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        response.head.headerFields.append(contentsOf: fields)
        return response
    }
}
