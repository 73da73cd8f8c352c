import Access
import Core
import HTTPTypes
import Login
import Store

/// A request to the portal's pages, read once: who asks, for which tenant's page, in which language, and where to go
/// afterwards.  None of it depends on whether an account exists.
struct LoginVisit: Sendable {
    let request: PortalRequest
    let cookies: PortalCookies
    /// The way back; nil where none was named, or none that is safe.
    private(set) var returnTo: SafeRedirect?
    /// The tenant that the address names on a shared host, whether there is one of that id or not: who is a customer is
    /// nobody's business.
    private(set) var namedTenant: TenantID?
    /// The language that the address chooses.
    let chosenLanguage: PageLanguage?
    let language: PageLanguage
    /// The display name of the host's own tenant; on a shared host the host, unless `home_realm` lets names be shown.
    private(set) var site: String
    /// True where the form that led here was too old, or had been used.
    let isAfterStaleForm: Bool

    /// - Parameters:
    ///   - form: the submitted fields; those of the address count where the form says nothing.
    ///   - services: know what tenants are called, and whether visitors may.
    init(_ request: PortalRequest, form: FormFields = FormFields(), services: PortalServices) {
        self.request = request
        cookies = PortalCookies(request.head.headerFields)
        let target = request.head.path ?? ""
        // A query that cannot be read says nothing: links come from anywhere.
        let query = target.utf8.firstIndex(of: UInt8(ascii: "?")).flatMap { mark in
            try? FormFields(target.utf8[target.utf8.index(after: mark)...])
        }
        returnTo =
            form["return_to"].flatMap { SafeRedirect($0) } ?? query?["return_to"].flatMap { SafeRedirect($0) }
        namedTenant = request.hostTenant == nil ? query?["tenant"].flatMap(TenantID.init) : nil
        chosenLanguage = query?["lang"].flatMap(PageLanguage.init(rawValue:))
        language = chosenLanguage ?? PageLanguage.wanted(by: request.head.headerFields)
        site =
            request.hostTenant.flatMap(services.tenantName) ?? namedTenant.flatMap(services.shownName)
            ?? Self.host(request.head.authority ?? "")
        isAfterStaleForm = query?["stale"] == "1"
    }

    /// Takes from an attempt what the form and the address have lost.
    mutating func resume(_ attempt: LoginAttempt, services: PortalServices) {
        if returnTo == nil { returnTo = attempt.returnTo }
        guard tenant == nil, let named = attempt.tenant else { return }
        namedTenant = named
        if let name = services.shownName(named) { site = name }
    }

    /// Shows the tenant that the address's domain belongs to, where `home_realm` allows it and nothing else names one.
    /// Who may sign in where stays the store's answer.
    mutating func recognize(_ email: NormalizedEmail, services: PortalServices) {
        guard tenant == nil, let name = services.tenantOfDomain(email.domain).flatMap(services.shownName) else {
            return
        }
        site = name
    }

    /// Whose members may sign in here: the host's tenant, or the one that the address names; nil for any.
    var tenant: TenantID? { request.hostTenant ?? namedTenant }

    /// The member that the session names; nil without one.
    var member: SessionEntry? {
        guard case .member(let entry) = request.caller else { return nil }
        return entry
    }

    /// Names this browser; nil where it has no cookie of ours yet.
    var browser: String? { cookies[.login] }

    /// The host that attempts are bound to, port included, since every listener is an origin of its own.
    var host: String { (request.head.authority ?? "").lowercased() }

    /// Where a sign-in leads.
    var target: String { returnTo?.target ?? PortalAddress.home }

    /// The texts of the page.
    var text: LoginText { .text(in: language) }

    /// The login page with all that is kept from step to step.
    func loginAddress(language: PageLanguage? = nil, isStale: Bool = false) -> String {
        PortalAddress.login(returnTo: returnTo, tenant: namedTenant, language: language, isStale: isStale)
    }

    /// Where the forms of the login go; the way back is one of their fields.
    var formAddress: String { PortalAddress.login(returnTo: nil, tenant: namedTenant) }

    /// What stands around a page of the login.
    var loginFrame: PageFrame {
        PageFrame(site: site, language: language, otherLanguageAddress: loginAddress(language: language.other))
    }

    /// What stands around a page of the logout.
    var logoutFrame: PageFrame {
        PageFrame(
            site: site, language: language,
            otherLanguageAddress: "\(PortalAddress.logout)?lang=\(language.other.rawValue)")
    }

    /// The cookie that remembers a language that was chosen just now.
    var languageCookie: HTTPFields {
        guard let chosenLanguage else { return [:] }
        return HTTPFields([
            PortalCookies.setting(.language, to: chosenLanguage.rawValue, maxAge: PageLanguage.rememberedSeconds)
        ])
    }

    /// The authority without its port.
    private static func host(_ authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return authority }
        return String(authority[..<colon])
    }
}
