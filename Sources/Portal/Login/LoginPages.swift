import Access
import Core
import HTTPTypes

/// Renders the pages around signing in: values into templates, nothing decided.
struct LoginPages: Sendable {
    private let pages: PortalPages
    private let refusals: RefusalResponder
    /// What stands below the field for the password; nil where passwords are set by operators alone.
    private let forgotten: @Sendable () -> ForgottenPassword?

    /// The way for those who forgot their password.
    enum ForgottenPassword {
        /// A mail is sent.
        case mail
        /// No mail can be sent: whom to ask.
        case administrator
    }

    init(pages: PortalPages, forgotten: @escaping @Sendable () -> ForgottenPassword? = { nil }) {
        self.pages = pages
        self.forgotten = forgotten
        refusals = RefusalResponder(pages: pages)
    }

    /// What a form carries unseen, and what proves where it comes from.
    struct Hidden {
        /// The sealed attempt.
        var attempt: String
        /// Bound to the browser's login cookie.
        var csrf: String
    }

    /// Whether members may ask to stay signed in, and whether this one did.
    struct Remember {
        /// For how long; nil where nobody may.
        var span: Milliseconds?
        var isChosen: Bool
    }

    /// What is wrong with the fields of the form before.
    enum Fault {
        case email, password, refused
        /// A passkey alone did not do.
        case passkey

        func words(_ language: PageLanguage) -> String {
            let text = LoginText.text(in: language)
            return switch self {
            case .email: text.emailFault
            case .password: text.passwordFault
            case .refused: text.refused
            case .passkey: FactorText.text(in: language).passkeyAloneRefused
            }
        }

        /// 422 (RFC 9110 §15.5.21): the form was understood, and what it says cannot be used.  401 would be a
        /// challenge and needs `WWW-Authenticate` (§15.5.2), at which programs stop to offer a form; 403 says that
        /// trying again is of no use (§15.5.4); 200 would hide failures from logs and scripts.
        static let status = HTTPResponse.Status.unprocessableContent
    }

    /// The first step: who are you.
    /// - Parameters:
    ///   - email: what was typed, shown again where it is short enough to be an address.
    ///   - passkey: what `PasskeyOffer` gives.
    ///   - connections: what `ConnectionOffer` gives.
    func emailStep(
        _ visit: LoginVisit, _ hidden: Hidden, email: String = "", fault: Fault? = nil, passkey: [String: Any]? = nil,
        connections: [String: Any] = [:]
    ) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "action": visit.formAddress, "hidden": Self.fields(hidden, visit), "emailLabel": text.email,
            "email": email.utf8.count <= Self.longestShownEmail ? email : "", "proceed": text.proceed,
            "isFaulty": fault == .email,
        ]
        values.merge(connections) { own, _ in own }
        if let passkey { values["passkey"] = passkey }
        if let fault { values["fault"] = fault.words(visit.language) }
        switch visit.notice {
        case .stale where fault == nil: values["notice"] = text.stale
        case .passwordSet where fault == nil: values["notice"] = text.passwordSet
        default: break
        }
        return page(visit, pages.templates.email, heading: text.signIn, values, hasFault: fault != nil)
    }

    /// The second step: prove it.  The same for every address of a domain.
    /// - Parameters:
    ///   - passkey: what `PasskeyOffer` gives.
    ///   - connections: what `ConnectionOffer` gives.
    ///   - notice: what the page says above.
    func passwordStep(
        _ visit: LoginVisit, _ hidden: Hidden, email: String, remember: Remember, fault: Fault? = nil,
        passkey: [String: Any]? = nil, connections: [String: Any] = [:], notice: String? = nil
    ) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "action": visit.formAddress,
            "hidden": [["name": "email", "value": email]] + Self.fields(hidden, visit), "emailLabel": text.email,
            "email": email, "change": visit.loginAddress(), "changeLabel": text.otherAddress,
            "passwordLabel": text.password, "proceed": text.signIn,
            "isFocused": connections["offered"] == nil || fault != nil,
        ]
        values.merge(connections) { own, _ in own }
        if let notice { values["notice"] = notice }
        if let span = remember.span {
            values["remember"] = ["label": text.remember(RememberedSpan(span)), "isChosen": remember.isChosen]
        }
        switch forgotten() {
        case .mail:
            values["forgot"] = [
                "address": PortalAddress.forgottenPassword(tenant: visit.namedTenant), "label": text.forgotPassword,
            ]
        case .administrator: values["help"] = text.forgotPasswordWithoutMail
        case nil: break
        }
        if let passkey { values["passkey"] = passkey }
        if let fault { values["fault"] = fault.words(visit.language) }
        return page(visit, pages.templates.password, heading: text.signIn, values, hasFault: fault != nil)
    }

    /// After the proof: which of the tenants.
    func choiceStep(
        _ visit: LoginVisit, _ hidden: Hidden, choices: [(id: TenantID, name: String)], isRemembered: Bool
    ) -> PortalResponse {
        let text = visit.text
        let values: [String: Any] = [
            "action": visit.formAddress, "hidden": Self.fields(hidden, visit, isRemembered: isRemembered),
            "introduction": text.chooseIntroduction,
            "choices": choices.map { ["value": $0.id.text, "name": $0.name] },
        ]
        return page(visit, pages.templates.choice, heading: text.choose, values)
    }

    /// Asks a member whether to sign out.
    /// - Parameter hasAccount: whether there are pages of the member's account to lead to.
    func signOutQuestion(_ visit: LoginVisit, email: String, csrf: String, hasAccount: Bool) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "member": true, "introduction": text.signedInAs, "email": email, "action": PortalAddress.logout,
            "csrf": csrf, "signOut": text.signOut, "home": PortalAddress.home, "stay": text.staySignedIn,
        ]
        values["account"] = hasAccount ? accountLink(visit) : nil
        if let next = visit.afterLogout { values["afterLogout"] = next }
        return page(visit, pages.templates.logout, heading: text.signOut, frame: visit.logoutFrame, values)
    }

    /// Tells a member on `portal_host` who they are, with the ways on and out.
    func home(
        _ visit: LoginVisit, email: String, csrf: String, application: String, hasAccount: Bool
    ) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "member": true, "introduction": text.signedInAs, "email": email, "action": PortalAddress.logout,
            "csrf": csrf, "signOut": text.signOut, "home": "\(application)/", "stay": text.toApplication,
        ]
        values["account"] = hasAccount ? accountLink(visit) : nil
        return page(visit, pages.templates.logout, heading: text.signedIn, frame: visit.homeFrame, values)
    }

    private func accountLink(_ visit: LoginVisit) -> [String: String] {
        ["address": AccountPage.data.address, "label": AccountText.text(in: visit.language).navigation]
    }

    /// Tells that nobody is signed in any more.
    func signedOut(_ visit: LoginVisit) -> PortalResponse {
        let text = visit.text
        var values: [String: Any] = [
            "advice": text.signedOutAdvice, "login": PortalAddress.login, "signInAgain": text.signInAgain,
        ]
        if visit.isLogoutUnconfirmed { values["notice"] = SSOText.text(in: visit.language).unconfirmed }
        if let next = visit.afterLogout {
            values["onward"] = ["address": next, "label": text.onward(Self.host(of: next))]
        }
        return page(visit, pages.templates.logout, heading: text.signedOut, frame: visit.logoutFrame, values)
    }

    /// Refuses in the hand of the other pages, in the visitor's language and under the site's name.
    func refusal(_ visit: LoginVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()) -> PortalResponse {
        var details = details
        details.frame = details.frame ?? visit.loginFrame
        return refusals.response(
            refusing: visit.request, for: reason, fields: visit.languageCookie, details: details)
    }

    /// Sends the browser elsewhere with a GET, whatever it asked with (RFC 9110 §15.4.4).
    func redirect(_ visit: LoginVisit, to address: String, fields: HTTPFields = [:]) -> PortalResponse {
        var own: HTTPFields = [.location: address, .cacheControl: "no-store"]
        own.append(contentsOf: visit.languageCookie)
        own.append(contentsOf: fields)
        return PortalResponse(head: HTTPResponse(status: .seeOther, headerFields: own))
    }

    /// The host of an https URL, port included, as people are told where a link leads.
    private static func host(of url: String) -> String {
        String(url.dropFirst("https://".count).prefix { $0 != "/" })
    }

    /// An address has at most 254 bytes; with blanks and marks around it, a few more.
    private static let longestShownEmail = 512

    /// What a form carries unseen, as templates list it.
    /// - Parameter isRemembered: the visitor asked to stay signed in, a page before.
    static func fields(
        _ hidden: Hidden, _ visit: LoginVisit, isRemembered: Bool = false
    ) -> [[String: String]] {
        var fields = [["name": "csrf", "value": hidden.csrf], ["name": "attempt", "value": hidden.attempt]]
        if let returnTo = visit.returnTo { fields.append(["name": "return_to", "value": returnTo.target]) }
        if isRemembered { fields.append(["name": "remember", "value": "1"]) }
        if visit.isByPassword {
            fields.append(["name": PortalAddress.methodField, "value": PortalAddress.byPassword])
        }
        return fields
    }

    private func page(
        _ visit: LoginVisit, _ template: PageTemplate, heading: String, frame: PageFrame? = nil,
        _ values: [String: Any], hasFault: Bool = false
    ) -> PortalResponse {
        let frame = frame ?? visit.loginFrame
        let html = pages.templates.render(template, frame.values(heading: heading, values))
        var response = pages.response(
            status: hasFault ? Fault.status : .ok, html: html, language: visit.language, brand: frame.brand,
            formsLeadingTo: visit.formOrigin, runsScript: values["passkey"] != nil)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        return response
    }
}
