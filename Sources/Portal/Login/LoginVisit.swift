import Access
import Core
import HTTPTypes
import Login
import Store

/// A request to the portal's pages, read once: who asks, for which tenant's page, in which language, and where to go
/// afterwards.  None of it depends on whether an account exists.
struct LoginVisit: Sendable {
    let request: PortalRequest
    /// Whose each host is.
    let hosts: SignInHosts
    /// The host that was asked, as the configuration spells it.
    let hostName: String
    /// What stands behind the `?`; nil where it cannot be read.
    let query: FormFields?
    private(set) var cookies: PortalCookies
    /// The way back; nil where none was named, or none that is safe.
    private(set) var returnTo: SafeRedirect?
    /// The tenant that the address names on a shared host, whether there is one of that id or not: who is a customer is
    /// nobody's business.
    private(set) var namedTenant: TenantID?
    /// The language that the address chooses.
    let chosenLanguage: PageLanguage?
    private(set) var language: PageLanguage
    /// The display name of the host's own tenant; on a shared host the host, unless `home_realm` lets names be shown.
    private(set) var site: String
    /// The looks of the tenant whose name is shown; nil where it is the host's.
    private(set) var brand: PageBrand?
    /// What a form that led here has to say.
    let notice: LoginNotice?
    /// The address asks for the way by password, whatever else would be offered first.
    let isByPassword: Bool
    /// The token of a link that the address or the form carries.
    let linkToken: String?
    /// Where a sign-out leads on to: one of `login.after_logout`, in its very spelling; nil where none was named.
    let afterLogout: String?

    /// - Parameters:
    ///   - form: the submitted fields; those of the address count where the form says nothing.
    ///   - services: know what tenants are called, and whether visitors may.
    init(_ request: PortalRequest, form: FormFields = FormFields(), services: PortalServices) {
        self.request = request
        hosts = services.hosts()
        hostName = SignInHosts.canonical(request.head.authority ?? "")
        cookies = PortalCookies(request.head.headerFields)
        let target = request.head.path ?? ""
        // A query that cannot be read says nothing: links come from anywhere.
        let query = target.utf8.firstIndex(of: UInt8(ascii: "?")).flatMap { mark in
            try? FormFields(target.utf8[target.utf8.index(after: mark)...])
        }
        self.query = query
        returnTo =
            form["return_to"].flatMap { SafeRedirect($0) } ?? query?["return_to"].flatMap { SafeRedirect($0) }
        namedTenant = request.hostTenant == nil ? query?["tenant"].flatMap(TenantID.init) : nil
        chosenLanguage = query?["lang"].flatMap(PageLanguage.init(rawValue:))
        language = chosenLanguage ?? PageLanguage.wanted(by: request.head.headerFields)
        site =
            request.hostTenant.flatMap(services.tenantName) ?? namedTenant.flatMap(services.shownName)
            ?? Self.host(request.head.authority ?? "")
        brand = (request.hostTenant ?? namedTenant.flatMap { services.shownName($0) == nil ? nil : $0 })
            .flatMap(services.brand)
        notice = LoginNotice.allCases.first { notice in
            let pair = notice.rawValue.split(separator: "=")
            return query?[String(pair[0])] == String(pair[1])
        }
        isByPassword =
            (form[PortalAddress.methodField] ?? query?[PortalAddress.methodField]) == PortalAddress.byPassword
        linkToken = form["token"] ?? query?["token"]
        afterLogout = (form["after_logout"] ?? query?["after_logout"]).flatMap { named in
            services.settings().afterLogout.first { $0.utf8.elementsEqual(named.utf8) }
        }
        recognizeDestination(services)
    }

    /// Where the sign-in is handed over to; nil where it stays on this host.
    var destination: HandoffDestination? {
        returnTo.flatMap { HandoffDestination($0, on: hostName, hosts: hosts) }
    }

    /// Where a form of this sign-in leads in the end, if that is not here.
    var formOrigin: String? { destination.map { hosts.origin(of: $0.host) } }

    /// Takes a destination for the way back.
    mutating func follow(_ destination: HandoffDestination, services: PortalServices) {
        returnTo = SafeRedirect(destination.address)
        recognizeDestination(services)
    }

    /// Takes a way back, in place of the one that there was.
    mutating func lead(to target: SafeRedirect?, services: PortalServices) {
        returnTo = target
        recognizeDestination(services)
    }

    /// The page is this tenant's, as its own address says.
    mutating func belong(to tenant: TenantID, services: PortalServices) {
        if request.hostTenant == nil { namedTenant = tenant }
        (site, brand) = (services.tenantName(tenant) ?? site, services.brand(tenant))
    }

    /// An answer that comes from another site brings none of our other cookies: what they said when the attempt began is
    /// taken from it.
    mutating func recall(_ attempt: SSOAttempt) {
        cookies[.login] = cookies[.login] ?? attempt.browser
        cookies[.device] = cookies[.device] ?? attempt.deviceToken
        if let spoken = PageLanguage(rawValue: attempt.language) { language = spoken }
    }

    /// A destination names its tenant, whose members alone may sign in for it.  Its host would show the same name.
    private mutating func recognizeDestination(_ services: PortalServices) {
        guard request.hostTenant == nil, let destination, let tenant = destination.tenant else { return }
        namedTenant = tenant
        let name =
            hosts.owner(of: destination.host) == nil ? services.shownName(tenant) : services.tenantName(tenant)
        (site, brand) = (name ?? destination.host, name == nil ? nil : services.brand(tenant))
    }

    /// The tenant that this host belongs to, or the host to which the sign-in leads.
    var hostTenant: TenantID? { request.hostTenant ?? destination.flatMap { hosts.owner(of: $0.host) } }

    /// Takes from an attempt what the form and the address have lost.
    mutating func resume(_ attempt: LoginAttempt, services: PortalServices) {
        if returnTo == nil {
            returnTo = attempt.returnTo
            recognizeDestination(services)
        }
        guard tenant == nil, let named = attempt.tenant else { return }
        namedTenant = named
        show(named, services: services)
    }

    /// Shows the tenant that the address's domain belongs to, where `home_realm` allows it and nothing else names one.
    /// Who may sign in where stays the store's answer.
    mutating func recognize(_ email: NormalizedEmail, services: PortalServices) {
        guard tenant == nil, let found = services.tenantOfDomain(email.domain) else { return }
        show(found, services: services)
    }

    private mutating func show(_ tenant: TenantID, services: PortalServices) {
        guard let name = services.shownName(tenant) else { return }
        (site, brand) = (name, services.brand(tenant))
    }

    /// Whose members may sign in here: the host's tenant, or the one that the address names; nil for any.
    var tenant: TenantID? { request.hostTenant ?? namedTenant }

    /// The member that the session names; nil without one, and where the sign-in is for another tenant's members.
    var member: SessionEntry? {
        guard case .member(let entry) = request.caller else { return nil }
        if let wanted = destination?.tenant, wanted != entry.tenant { return nil }
        return entry
    }

    /// Names this browser; nil where it has no cookie of ours yet.
    var browser: String? { cookies[.login] }

    /// At most 512 bytes of what the browser calls itself, for the list of sessions.
    var userAgent: String {
        String(decoding: (request.head.headerFields[.userAgent] ?? "").utf8.prefix(512), as: UTF8.self)
    }

    /// The host that attempts are bound to, port included, since every listener is an origin of its own.
    var host: String { (request.head.authority ?? "").lowercased() }

    /// Where a sign-in leads.
    var target: String { returnTo?.target ?? PortalAddress.home }

    /// The texts of the page.
    var text: LoginText { .text(in: language) }

    /// The login page with all that is kept from step to step.
    /// - Parameter isByPassword: nil for what this address asks.
    func loginAddress(
        language: PageLanguage? = nil, notice: LoginNotice? = nil, isByPassword: Bool? = nil
    ) -> String {
        PortalAddress.login(
            returnTo: returnTo, tenant: namedTenant, language: language, notice: notice,
            isByPassword: isByPassword ?? self.isByPassword)
    }

    /// Where the forms of the login go; the way back is one of their fields.
    var formAddress: String { stepAddress(PortalAddress.login) }

    /// Where the form of a further step goes.
    /// - Parameter path: of the step, without query.
    func stepAddress(_ path: String) -> String { namedTenant.map { "\(path)?tenant=\($0.text)" } ?? path }

    /// Where somebody comes from who proves or adds a factor.
    func factorVisit(isRemembered: Bool = false) -> FactorVisit {
        FactorVisit(
            client: request.client, deviceToken: cookies[.device], userAgent: userAgent, language: language.rawValue,
            isRemembered: isRemembered)
    }

    /// What stands around a page of the login.
    var loginFrame: PageFrame {
        PageFrame(
            site: site, language: language, otherLanguageAddress: loginAddress(language: language.other),
            brand: brand)
    }

    /// The provider did not say that everything has ended there.
    var isLogoutUnconfirmed: Bool { query?[PortalAddress.unconfirmedField] == "1" }

    /// What stands around a page of the logout.
    var logoutFrame: PageFrame {
        PageFrame(
            site: site, language: language,
            otherLanguageAddress: PortalAddress.logout(
                isUnconfirmed: isLogoutUnconfirmed, next: afterLogout, language: language.other), brand: brand)
    }

    /// What stands around the start page of `portal_host`.
    var homeFrame: PageFrame {
        PageFrame(
            site: site, language: language,
            otherLanguageAddress: "\(PortalAddress.home)?lang=\(language.other.rawValue)", brand: brand)
    }

    /// On a host of no tenant a member sees their own one.
    mutating func show(_ member: SessionEntry, services: PortalServices) {
        guard request.hostTenant == nil, let name = services.tenantName(member.tenant) else { return }
        (site, brand) = (name, services.brand(member.tenant))
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
