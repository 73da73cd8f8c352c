import Access
import Core
import HTTPTypes
import Login
import Store

/// Renders the pages of an account: values into templates, nothing decided.
struct AccountPages: Sendable {
    let pages: PortalPages
    private let refusals: RefusalResponder
    private let hasFactors: Bool

    /// - Parameter hasFactors: whether there are pages of second factors.
    init(pages: PortalPages, hasFactors: Bool = false) {
        self.pages = pages
        self.hasFactors = hasFactors
        refusals = RefusalResponder(pages: pages)
    }

    /// A field that cannot be used as it was filled in.
    struct Fault {
        /// The field's id.
        var field: String
        var words: String
    }

    /// Own data.
    /// - Parameters:
    ///   - company: what the member's provider answers for.
    ///   - name: as it was typed, where it has a fault.
    func data(
        _ visit: AccountVisit, _ profile: MemberAccount.Profile, csrf: String, company: CompanyAccount = .none,
        name: String? = nil, fault: Fault? = nil
    ) -> PortalResponse {
        let (text, time) = (visit.text, visit.time)
        let roles = visit.member.roles.map(\.text).joined(separator: ", ")
        var facts = [
            (text.organisation, profile.tenantName), (text.roles, roles.isEmpty ? text.noRoles : roles),
            (text.memberSince, time.moment(profile.createdAt)), (text.lastSignIn, time.moment(profile.lastSignIn)),
        ]
        if !company.names.isEmpty {
            let label = ConnectionText.text(in: visit.language).companyAccount
            facts.append((label, company.names.joined(separator: ", ")))
        }
        var values: [String: Any] = [
            "introduction": text.introduction, "action": AccountPage.data.address, "csrf": csrf,
            "nameLabel": text.name, "name": name ?? profile.name, "save": text.save, "emailLabel": text.email,
            "email": profile.email, "emailAddress": AccountPage.email.address,
            "facts": facts.map { ["label": $0.0, "value": $0.1] }, "languageHeading": text.language,
            "thisLanguage": text.thisLanguage, "otherLanguage": visit.address(in: visit.language.other),
            "otherCode": visit.language.other.rawValue, "otherName": visit.language.other.ownName,
        ]
        if !company.ownsAddress { values["changeEmail"] = text.changeEmail }
        return page(visit, pages.templates.accountData, values, fault: fault)
    }

    /// Another address.
    func email(
        _ visit: AccountVisit, present: String, csrf: String, sendsLetters: Bool, email: String = "",
        fault: Fault? = nil
    ) -> PortalResponse {
        let text = visit.text
        let values: [String: Any] = [
            "action": AccountPage.email.address, "csrf": csrf, "presentLabel": text.email, "present": present,
            "emailLabel": text.newEmail, "email": email.utf8.count <= Self.longestShown ? email : "",
            "hint": sendsLetters ? text.emailLetterHint : text.emailHint, "save": text.save,
            "back": AccountPage.data.address, "cancel": text.cancel,
        ]
        return page(visit, pages.templates.accountEmail, values, fault: fault)
    }

    /// The hidden fields of a form, with what the page was asked with.
    static func hidden(_ visit: AccountVisit, _ own: [(name: String, value: String)]) -> [[String: String]] {
        var fields = own
        if let returnTo = visit.returnTo { fields.append(("return_to", returnTo.target)) }
        if let factor = visit.factor { fields.append(("factor", factor.description)) }
        if let next = visit.nextName { fields.append(("next", next)) }
        return fields.map { ["name": $0.name, "value": $0.value] }
    }

    /// Where the member is signed in.
    /// - Parameters:
    ///   - browsers: this one first.
    ///   - connections: what the connection is called that a session came by, where it came by one.
    func sessions(
        _ visit: AccountVisit, _ browsers: [MemberAccount.SignedInBrowser], knownDevices: Int, csrf: String,
        connections: [SessionHandle: String] = [:]
    ) -> PortalResponse {
        let text = visit.text
        let others = browsers.count { !$0.isThisOne }
        var values: [String: Any] = [
            "introduction": text.sessionsIntroduction, "action": AccountPage.sessions.address, "csrf": csrf,
            "browsers": browsers.prefix(Self.mostBrowsers).map { row($0, visit, connections[$0.session]) },
            "hasOthers": others > 0,
            "endOthers": text.endOthers, "endAll": text.endAll, "endAllHint": text.endAllHint,
            "devicesHeading": text.devices, "devicesHint": text.devicesHint(knownDevices),
            "hasDevices": knownDevices > 0, "forgetDevices": text.forgetDevices,
        ]
        if others == 0 { values["onlyThis"] = text.onlyThis }
        if browsers.count > Self.mostBrowsers { values["more"] = text.moreSessions(browsers.count - Self.mostBrowsers) }
        return page(visit, pages.templates.accountSessions, values)
    }

    private func row(
        _ browser: MemberAccount.SignedInBrowser, _ visit: AccountVisit, _ connection: String?
    ) -> [String: Any] {
        let (text, time) = (visit.text, visit.time)
        let device = text.device(browser.userAgent)
        var facts = [
            (text.lastUsed, time.ago(browser.usedAt, now: visit.now)),
            (text.signedInSince, time.moment(browser.beganAt)),
        ]
        if let connection {
            facts.append((ConnectionText.text(in: visit.language).signedInWith, connection))
        }
        if !browser.address.isEmpty { facts.append((text.from, browser.address)) }
        if browser.isRemembered { facts.append((text.remembered, time.moment(browser.expiresAt))) }
        var row: [String: Any] = [
            "device": device, "facts": facts.map { ["label": $0.0, "value": $0.1] },
            "session": browser.session.description,
        ]
        if browser.isThisOne { row["this"] = text.thisBrowser } else { row["end"] = text.end }
        row["endNamed"] = text.endNamed(device)
        return row
    }

    /// What the template `account-navigation` asks for, on a page of the account.
    static func navigation(
        on page: AccountPage, in language: PageLanguage, hasFactors: Bool, hasPassword: Bool = true
    ) -> [String: Any] {
        let text = AccountText.text(in: language)
        let pages = AccountPage.listed.filter { page in
            switch page {
            case .factors: hasFactors
            case .password: hasPassword
            default: true
            }
        }
        return [
            "label": text.navigation,
            "pages": pages.map { listed -> [String: Any] in
                [
                    "address": listed.address, "name": text.shortName(listed),
                    "isCurrent": listed == page.listedAs,
                ]
            },
            "logout": PortalAddress.logout, "signOut": text.signOut,
        ]
    }

    /// Refuses in the hand of the other pages.
    func refusal(_ visit: AccountVisit, _ reason: ReasonCode, _ details: RefusalDetails = .init()) -> PortalResponse {
        var details = details
        details.frame = visit.frame
        return refusals.response(
            refusing: visit.request, for: reason, fields: visit.languageCookie, details: details)
    }

    /// Refuses whoever is no member, or not in the right way here.
    func refusal(_ request: PortalRequest, _ reason: ReasonCode) -> PortalResponse {
        refusals.response(refusing: request, for: reason)
    }

    /// Sends the browser elsewhere with a GET (RFC 9110 §15.4.4).
    func redirect(to address: String, fields: HTTPFields = [:]) -> PortalResponse {
        var own: HTTPFields = [.location: address, .cacheControl: "no-store"]
        own.append(contentsOf: fields)
        return PortalResponse(head: HTTPResponse(status: .seeOther, headerFields: own))
    }

    /// Browsers of one page.
    static let mostBrowsers = 50
    /// Longer texts are not shown again, in bytes.
    private static let longestShown = 512

    /// A page of the account, filled with its own values.
    /// - Parameter runsScript: it has a form that asks for a passkey.
    func page(
        _ visit: AccountVisit, _ template: PageTemplate, _ own: [String: Any], fault: Fault? = nil,
        runsScript: Bool = false
    ) -> PortalResponse {
        let text = visit.text
        var values = own
        values["navigation"] = Self.navigation(
            on: visit.page, in: visit.language, hasFactors: hasFactors, hasPassword: visit.allowsPassword)
        values["home"] = PortalAddress.home
        values["backToApplication"] = text.backToApplication
        if let fault {
            values["fault"] = ["heading": text.faultHeading, "words": fault.words, "field": fault.field]
        } else if let done = visit.done {
            values["notice"] = text.done(done)
        }
        let heading = text.page(visit.page)
        let frame = visit.frame
        var filled = frame.values(heading: heading, values)
        if fault != nil, let title = filled["title"] { filled["title"] = "\(text.faultTitle): \(title)" }
        let html = pages.templates.render(template, filled)
        var response = pages.response(
            status: fault == nil ? .ok : .unprocessableContent, html: html, language: visit.language,
            brand: frame.brand, runsScript: runsScript)
        response.head.headerFields.append(contentsOf: visit.languageCookie)
        return response
    }
}
