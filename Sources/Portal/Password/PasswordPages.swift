import Access
import Core
import HTTPTypes
import Login

/// Renders the pages that set a password: values into templates, nothing decided.
struct PasswordPages: Sendable {
    private let pages: PortalPages
    private let refusals: RefusalResponder
    private let hidesAddress: Bool

    /// - Parameter hidesAddress: the pages' addresses hold a token, and are told to nobody (Referrer Policy §3.1).
    init(pages: PortalPages, hidesAddress: Bool = false) {
        self.pages = pages
        self.hidesAddress = hidesAddress
        refusals = RefusalResponder(pages: pages)
    }

    /// A link at the end of a page.
    struct Way: Sendable {
        var address: String
        var label: String

        var values: [String: String] { ["address": address, "label": label] }
    }

    /// What a page with a field for a new password says.
    struct Form {
        var heading: String
        var introduction: String
        /// Where it goes.
        var action: String
        var hidden: [(name: String, value: String)]
        /// Whose password it is to be.
        var email: String
        var name: String?
        /// Asks for the current password too.
        var asksForCurrent = false
        /// The current password was another one, or did not come.
        var currentFault: String?
        var field: NewPasswordField
        var proceed: String
        var notice: String?
        var back: Way?
        var frame: PageFrame
        /// Whether the navigation of the member's account stands above.
        var isAccountPage = false
        /// Whether the navigation lists second factors.
        var hasFactors = false
    }

    /// The form; with what is wrong where a password was refused.
    func form(_ visit: LoginVisit, _ form: Form) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        var values: [String: Any] = [
            "introduction": form.introduction, "action": form.action,
            "hidden": form.hidden.map { ["name": $0.name, "value": $0.value] },
            "emailLabel": LoginText.text(in: visit.language).email, "email": form.email, "proceed": form.proceed,
        ]
        values.merge(form.field.values) { own, _ in own }
        if let name = form.name { values["person"] = name }
        if let notice = form.notice { values["notice"] = notice }
        if let back = form.back { values["back"] = back.values }
        if form.isAccountPage {
            values["navigation"] = AccountPages.navigation(
                on: .password, in: visit.language, hasFactors: form.hasFactors)
        }
        if form.asksForCurrent {
            values["current"] = ["label": text.currentPassword, "isWrong": form.currentFault != nil] as [String: Any]
        }
        let broken = form.field.verdict?.broken ?? []
        if form.currentFault != nil || !broken.isEmpty {
            let details = broken.map { PasswordRuleText.text(of: $0, in: visit.language).refusal }
            values["fault"] =
                [
                    "words": form.currentFault ?? text.passwordRefused, "hasDetails": !details.isEmpty,
                    "details": details,
                ] as [String: Any]
        }
        return page(
            visit, pages.templates.setPassword, heading: form.heading, frame: form.frame, values,
            status: values["fault"] == nil ? .ok : LoginPages.Fault.status)
    }

    /// A password that must be another one before the session begins.
    /// - Parameter isRemembered: the visitor asked to stay signed in.
    func forcedChange(
        _ visit: LoginVisit, _ hidden: LoginPages.Hidden, email: String, field: NewPasswordField, isRemembered: Bool
    ) -> PortalResponse {
        let text = PasswordText.text(in: visit.language)
        var fields: [(name: String, value: String)] = [("csrf", hidden.csrf), ("attempt", hidden.attempt)]
        if let returnTo = visit.returnTo { fields.append(("return_to", returnTo.target)) }
        if isRemembered { fields.append(("remember", "1")) }
        return form(
            visit,
            Form(
                heading: text.forcedHeading, introduction: text.forcedIntroduction, action: visit.formAddress,
                hidden: fields, email: email, field: field, proceed: text.setPassword,
                back: Way(address: visit.loginAddress(), label: LoginText.text(in: visit.language).otherAddress),
                frame: visit.loginFrame))
    }

    /// Asks whose password was forgotten.
    /// - Parameter email: what was typed, where it is no address.
    func forgotten(_ visit: LoginVisit, csrf: String, email: String = "", hasFault: Bool = false) -> PortalResponse {
        let (text, login) = (PasswordText.text(in: visit.language), LoginText.text(in: visit.language))
        var values: [String: Any] = [
            "introduction": text.forgottenIntroduction, "emailLabel": login.email,
            "email": email.utf8.count <= 512 ? email : "",
            "action": PortalAddress.forgottenPassword(tenant: visit.namedTenant),
            "hidden": [["name": "csrf", "value": csrf]], "proceed": text.sendMail, "back": visit.loginAddress(),
            "backLabel": login.startAgain,
        ]
        if hasFault { values["fault"] = login.emailFault }
        return page(
            visit, pages.templates.forgot, heading: text.forgottenHeading, frame: forgottenFrame(visit), values,
            status: hasFault ? LoginPages.Fault.status : .ok)
    }

    /// Something to read, and the way on.
    func message(
        _ visit: LoginVisit, heading: String, paragraphs: [String], action: Way, aside: Way? = nil, frame: PageFrame,
        status: HTTPResponse.Status = .ok
    ) -> PortalResponse {
        var values: [String: Any] = ["paragraphs": paragraphs, "action": action.values]
        if let aside { values["aside"] = aside.values }
        return page(visit, pages.templates.message, heading: heading, frame: frame, values, status: status)
    }

    /// Refuses in the hand of the other pages.
    func refusal(
        _ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails, frame: PageFrame
    ) -> PortalResponse {
        var details = details
        details.frame = frame
        return sent(
            refusals.response(refusing: visit.request, for: reason, fields: visit.languageCookie, details: details))
    }

    /// What stands around the page for those who forgot their password.
    func forgottenFrame(_ visit: LoginVisit) -> PageFrame {
        PageFrame(
            site: visit.site, language: visit.language,
            otherLanguageAddress: PortalAddress.forgottenPassword(
                tenant: visit.namedTenant, language: visit.language.other), brand: visit.brand)
    }

    private func page(
        _ visit: LoginVisit, _ template: PageTemplate, heading: String, frame: PageFrame, _ values: [String: Any],
        status: HTTPResponse.Status
    ) -> PortalResponse {
        let html = pages.templates.render(template, frame.values(heading: heading, values))
        var response = pages.response(
            status: status, html: html, language: visit.language, brand: frame.brand,
            formsLeadingTo: visit.formOrigin)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        return sent(response)
    }

    private func sent(_ response: PortalResponse) -> PortalResponse {
        var response = response
        if hidesAddress { response.head.headerFields[.referrerPolicy] = "no-referrer" }
        return response
    }
}
