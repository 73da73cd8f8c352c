import Access
import Core
import HTTPTypes
import Login

/// Renders the page on which a member sets up a second factor at sign-in: values into the template, nothing decided.
struct EnrolmentPages: Sendable {
    private let pages: PortalPages

    init(pages: PortalPages) { self.pages = pages }

    /// What was wrong with what was sent.
    struct Fault {
        let fault: FactorFault
        /// Which form said it; nil for the enrolment code's.
        let factor: Factor?
    }

    /// What the page shows.
    struct Content {
        var step: EnrolmentStep
        var hidden: LoginPages.Hidden
        var isRemembered: Bool
        /// Of the app that may be added; empty before the enrolment code.
        var secret: [UInt8] = []
        /// What the app's code is read from, as `OTPAuthURI` writes it.
        var uri = ""
        /// What a passkey is made from, with the attempt's challenge; nil where there are none.
        var passkeyOptions: String?
        /// The app's name as it was typed.
        var typedName = ""
        var fault: Fault?
        /// No further code was sent: there have been too many.
        var isSendingThrottled = false
    }

    /// Longer names are not shown again, in bytes.
    static let longestShownName = 256

    /// Asks for the enrolment code, or offers the factors that can be added.
    func enrolment(_ visit: LoginVisit, _ content: Content) -> PortalResponse {
        let text = EnrolmentText.text(in: visit.language)
        var values: [String: Any] = [
            "action": visit.stepAddress(PortalAddress.enrolment),
            "hidden": LoginPages.fields(content.hidden, visit, isRemembered: content.isRemembered),
            "back": visit.loginAddress(), "backLabel": FactorText.text(in: visit.language).startAgain,
        ]
        var ways: [[String: String]] = []
        if content.step.code == .unneeded {
            values["paragraphs"] = [text.introduction, text.choose]
            values["app"] = app(content, text)
            if let options = content.passkeyOptions {
                var passkey = PasskeyWords.values(in: visit.language)
                passkey.merge([
                    "options": options, "title": text.passkey, "words": text.passkeyWords,
                    "proceed": text.createPasskey,
                ]) { _, own in own }
                values["passkey"] = passkey
            }
        } else {
            values["paragraphs"] = [text.introduction, text.codeIntroduction, words(content.step, text)]
            values["mailed"] = [
                "label": text.codeLabel, "hint": text.codeHint,
                "proceed": LoginText.text(in: visit.language).proceed, "isFaulty": content.fault != nil,
            ]
            switch content.step.code {
            case .mailable: ways.append(["field": "send", "label": text.sendCode])
            case .mailed: ways.append(["field": "send", "label": text.sendAnother])
            case .asked, .unneeded: break
            }
        }
        if let until = content.step.laterUntil {
            let time = PageTime(language: visit.language).moment(until)
            ways.append(["field": "later", "label": text.notNow(time)])
        }
        values["ways"] = ways
        if content.isSendingThrottled { values["notice"] = text.codesThrottled }
        if let fault = content.fault { values["fault"] = words(fault, visit.language) }
        return page(visit, heading: text.heading, values, hasFault: content.fault != nil)
    }

    /// The new recovery codes, this once.
    /// - Parameters:
    ///   - values: what the template `recovery-codes` asks for.
    ///   - fields: the session's cookies.
    func recoveryCodes(_ visit: LoginVisit, _ values: [String: Any], fields: HTTPFields = [:]) -> PortalResponse {
        var response = page(
            visit, pages.templates.recoveryCodes, heading: RecoveryCodeText.text(in: visit.language).heading, values)
        response.head.headerFields.append(contentsOf: fields)
        return response
    }

    // MARK: Parts

    private func app(_ content: Content, _ text: EnrolmentText) -> [String: Any] {
        var app: [String: Any] = [
            "title": text.app, "scan": text.scan, "byHand": text.byHand,
            "secret": RecoveryCodeSheet.groups(of: Base32.encode(content.secret)).joined(separator: " "),
            "label": text.appCode, "hint": text.appCodeHint, "nameLabel": text.name, "nameHint": text.nameHint,
            "typed": content.typedName.utf8.count <= Self.longestShownName ? content.typedName : "",
            "proceed": text.addApp, "isFaulty": content.fault?.factor == .totp,
        ]
        if let picture = QRCode.svg(content.uri, label: text.picture) { app["picture"] = picture }
        return app
    }

    private func words(_ step: EnrolmentStep, _ text: EnrolmentText) -> String {
        switch step.code {
        case .mailable: text.mailable(step.email)
        case .mailed: text.mailed(step.email)
        case .asked, .unneeded: text.asked
        }
    }

    private func words(_ fault: Fault, _ language: PageLanguage) -> String {
        let (text, proofs) = (EnrolmentText.text(in: language), FactorText.text(in: language))
        switch (fault.fault, fault.factor) {
        case (.expired, _): return text.expired
        case (.tooMany, _): return text.tooMany
        case (.taken, _): return text.taken
        case (.notACode, nil): return text.noCode
        case (_, nil): return text.wrongCode
        case (_, .totp): return proofs.words(fault.fault, of: .totp)
        case (.userVerification, _): return proofs.userVerification
        default: return text.passkeyRefused
        }
    }

    private func page(
        _ visit: LoginVisit, _ template: PageTemplate? = nil, heading: String, _ values: [String: Any],
        hasFault: Bool = false
    ) -> PortalResponse {
        let frame = visit.loginFrame
        let html = pages.templates.render(
            template ?? pages.templates.enrol, frame.values(heading: heading, values))
        var response = pages.response(
            status: hasFault ? LoginPages.Fault.status : .ok, html: html, language: visit.language, brand: frame.brand,
            formsLeadingTo: visit.formOrigin, runsScript: values["passkey"] != nil)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        return response
    }
}
