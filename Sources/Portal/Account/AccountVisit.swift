import Access
import Core
import HTTPTypes
import Login
import Store

/// A request of a member to a page of their account, read once.
struct AccountVisit: Sendable {
    let request: PortalRequest
    let member: SessionEntry
    private(set) var page: AccountPage
    let cookies: PortalCookies
    let language: PageLanguage
    let now: WallTime
    /// Where the page leads to when it is done, where it was asked on the way to somewhere.
    let returnTo: SafeRedirect?
    /// What was just done, where the page before says so.
    let done: AccountChange?
    /// The second factor that the page is about, as the address or the form names it.
    let factor: RowID?
    /// The page that follows this one, where there are several.
    let next: AccountPage?
    /// Whether the member may have a password that counts.
    let allowsPassword: Bool
    /// A language that the address chooses.
    private let chosenLanguage: PageLanguage?
    private let site: String
    private let brand: PageBrand?

    /// Nil for a visitor.
    init?(_ request: PortalRequest, _ page: AccountPage, form: FormFields = FormFields(), services: PortalServices) {
        guard case .member(let member) = request.caller else { return nil }
        self.request = request
        self.member = member
        self.page = page
        now = services.now()
        cookies = PortalCookies(request.head.headerFields)
        let target = request.head.path ?? ""
        let query = target.utf8.firstIndex(of: UInt8(ascii: "?")).flatMap { mark in
            try? FormFields(target.utf8[target.utf8.index(after: mark)...])
        }
        returnTo = (form["return_to"] ?? query?["return_to"]).flatMap { SafeRedirect($0) }
        done = query?["done"].flatMap(AccountChange.init(rawValue:))
        factor = (form["factor"] ?? query?["factor"]).flatMap { RowID($0) }
        next = (form["next"] ?? query?["next"]).flatMap { name in
            Self.nextPages.first { $0.rawValue.hasSuffix("/\(name)") }
        }
        chosenLanguage = query?["lang"].flatMap(PageLanguage.init(rawValue:))
        language = chosenLanguage ?? PageLanguage.wanted(by: request.head.headerFields)
        allowsPassword = services.mayHavePassword(member.email, in: member.tenant)
        // Whoever is signed in knows the tenant, on a shared host too.
        site = services.tenantName(member.tenant) ?? member.tenant.text
        brand = services.brand(member.tenant)
    }

    /// Those that another page may stand before.
    private static let nextPages: [AccountPage] = [.factorApp, .factorPasskey]

    /// `next` as addresses and forms name it.
    var nextName: String? { next.flatMap { $0.rawValue.split(separator: "/").last }.map { String($0) } }

    var holder: AccountHolder { AccountHolder(member, by: cookies) }

    /// The same member by the token that the session has now.
    func holder(with renewed: RenewedSession) -> AccountHolder {
        AccountHolder(
            tenant: member.tenant, user: member.user, session: renewed.handle, host: member.host,
            token: SessionTokens.digest(renewed.token))
    }

    /// The same request as if it had asked for another page.
    func on(_ page: AccountPage) -> AccountVisit {
        var visit = self
        visit.page = page
        return visit
    }

    var text: AccountText { .text(in: language) }

    var time: PageTime { PageTime(language: language) }

    /// The page's address with what is kept, in another language.
    func address(in language: PageLanguage) -> String { address(of: page, ["lang=\(language.rawValue)"]) }

    /// Another page's address with what is kept: the way back, the factor and the page that follows.
    func address(of page: AccountPage, _ query: [String] = []) -> String {
        var kept: [String] = []
        if let returnTo { kept.append("return_to=\(PortalAddress.encoded(returnTo.target))") }
        if let factor { kept.append("factor=\(factor)") }
        if let nextName { kept.append("next=\(nextName)") }
        let parts = kept + query
        return parts.isEmpty ? page.address : "\(page.address)?\(parts.joined(separator: "&"))"
    }

    /// The host that ceremonies are bound to, port included.
    var host: String { (request.head.authority ?? "").lowercased() }

    /// At most 512 bytes of what the browser calls itself.
    var userAgent: String {
        String(decoding: (request.head.headerFields[.userAgent] ?? "").utf8.prefix(512), as: UTF8.self)
    }

    /// What stands around the page.
    var frame: PageFrame {
        PageFrame(
            site: site, language: language, otherLanguageAddress: address(in: language.other), brand: brand)
    }

    /// The cookie that remembers a language that was chosen just now.
    var languageCookie: HTTPFields {
        guard let chosenLanguage else { return [:] }
        return HTTPFields([
            PortalCookies.setting(.language, to: chosenLanguage.rawValue, maxAge: PageLanguage.rememberedSeconds)
        ])
    }
}

extension AccountHolder {
    /// The member of a session, as the token in the request's cookie has it.
    init(_ member: SessionEntry, by cookies: PortalCookies) {
        self.init(
            tenant: member.tenant, user: member.user, session: member.handle, host: member.host,
            token: cookies[.session].flatMap { SessionTokens.digest($0) })
    }
}

/// What a member has just done to their account, as the next page's address says it.
enum AccountChange: String, CaseIterable, Sendable {
    case name, email, session, others, devices
    case factorAdded = "factor-added"
    case factorRenamed = "factor-renamed"
    case factorRemoved = "factor-removed"
    /// The enrolment code is on its way.
    case codeSent = "code-sent"
    /// The page had been open for too long: nothing was done.
    case expired
    /// The form had been sent before: it was done once.
    case repeated
}
