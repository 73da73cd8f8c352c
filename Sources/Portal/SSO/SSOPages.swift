import Access
import Core
import HTTPTypes
import Login

/// Renders the pages on the way to an identity provider: values into templates, nothing decided.
///
/// Where a form of ours leads to a provider, its answer is a page that goes on by itself and no redirect: browsers hold
/// every redirect behind a form against its page's `form-action` (CSP3 §4.2.4), the provider's own ones too, and a page
/// on a shared host cannot name the providers of all tenants.
struct SSOPages: Sendable {
    private let pages: PortalPages

    init(pages: PortalPages) { self.pages = pages }

    /// What takes the browser to a provider.
    enum Errand {
        /// - Parameter name: what the connection is called.
        case signIn(name: String)
        case signOut
        /// The provider asked for the sign-out.
        case answer

        fileprivate func words(_ text: SSOText) -> (heading: String, introduction: String) {
            switch self {
            case .signIn(let name): (text.leaving(name), text.leavingIntroduction)
            case .signOut: (text.signingOut, text.signingOutIntroduction)
            case .answer: (text.answering, text.answeringIntroduction)
            }
        }
    }

    /// Leads on to a sign-in at a provider, by itself.
    /// - Parameters:
    ///   - address: made here.
    ///   - name: what the connection is called.
    ///   - fields: such as cookies.
    func onward(_ visit: LoginVisit, to address: String, name: String, fields: HTTPFields = [:]) -> PortalResponse {
        onward(visit, to: address, .signIn(name: name), fields: fields)
    }

    /// Takes a message to a provider, by itself, whichever way it goes.
    func page(
        _ visit: LoginVisit, _ message: SSOMessage, _ errand: Errand, fields: HTTPFields = [:]
    ) -> PortalResponse {
        switch message {
        case .redirect(let address): onward(visit, to: address, errand, fields: fields)
        case .post(let form): post(visit, form, errand, fields: fields)
        }
    }

    /// As `page`, but with a plain redirect where one will do: no form of ours stands before it.
    func answer(
        _ visit: LoginVisit, _ message: SSOMessage, _ errand: Errand, fields: HTTPFields = [:]
    ) -> PortalResponse {
        switch message {
        case .redirect(let address): LoginPages(pages: pages).redirect(visit, to: address, fields: fields)
        case .post(let form): post(visit, form, errand, fields: fields)
        }
    }

    /// Signed in, but the company account stays unconnected.
    func notLinked(_ visit: LoginVisit, fields: HTTPFields) -> PortalResponse {
        let text = SSOText.text(in: visit.language)
        let values: [String: Any] = [
            "paragraphs": text.notLinkedParagraphs, "action": ["address": visit.target, "label": text.proceed],
            "aside": ["address": PortalAddress.logout, "label": visit.text.signOut],
        ]
        return show(visit, pages.templates.message, heading: text.notLinked, values, fields: fields)
    }

    private func onward(
        _ visit: LoginVisit, to address: String, _ errand: Errand, fields: HTTPFields
    ) -> PortalResponse {
        let text = SSOText.text(in: visit.language)
        let words = errand.words(text)
        let values: [String: Any] = [
            "refresh": address, "paragraphs": [words.introduction],
            "action": ["address": address, "label": text.proceed],
        ]
        return show(visit, pages.templates.message, heading: words.heading, values, fields: fields)
    }

    private func post(
        _ visit: LoginVisit, _ form: SSOForm, _ errand: Errand, fields: HTTPFields
    ) -> PortalResponse {
        let text = SSOText.text(in: visit.language)
        let words = errand.words(text)
        var hidden = [["name": form.field, "value": form.value]]
        if let state = form.relayState { hidden.append(["name": "RelayState", "value": state]) }
        let values: [String: Any] = [
            "introduction": words.introduction, "action": form.address, "hidden": hidden, "proceed": text.proceed,
        ]
        return show(
            visit, pages.templates.providerForm, heading: words.heading, values,
            formsLeadingTo: ProviderOrigin.of(form.address), submitsItself: true, fields: fields)
    }

    private func show(
        _ visit: LoginVisit, _ template: PageTemplate, heading: String, _ values: [String: Any],
        formsLeadingTo origin: String? = nil, submitsItself: Bool = false, fields: HTTPFields
    ) -> PortalResponse {
        var frame = visit.loginFrame.values(heading: heading, values)
        // The page lasts a moment, and another one would not be this one in another language.
        frame["languages"] = nil
        let html = pages.templates.render(template, frame)
        var response = pages.response(
            status: .ok, html: html, language: visit.language, brand: visit.loginFrame.brand, formsLeadingTo: origin,
            submitsItself: submitsItself)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        response.head.headerFields.append(contentsOf: fields)
        return response
    }
}

/// The origin of a provider's address, as a source expression of a policy (CSP Level 3 §2.3.1).
enum ProviderOrigin {
    /// Nil where the address is not https, or its authority holds anything that a policy could read otherwise.
    static func of(_ address: String) -> String? {
        let scheme = "https://"
        guard address.lowercased().hasPrefix(scheme) else { return nil }
        let authority = address.utf8.dropFirst(scheme.utf8.count).prefix { octet in
            octet != UInt8(ascii: "/") && octet != UInt8(ascii: "?") && octet != UInt8(ascii: "#")
        }
        guard !authority.isEmpty, authority.allSatisfy(isHostOctet) else { return nil }
        return scheme + String(decoding: authority, as: UTF8.self).lowercased()
    }

    private static func isHostOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x3A: true
        default: false
        }
    }
}
