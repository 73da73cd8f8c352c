import Access
import Core
import HTTPTypes
import Login

/// A request of a member to a page of their account, read once.
struct AccountVisit: Sendable {
    let request: PortalRequest
    let member: SessionEntry
    let page: AccountPage
    let cookies: PortalCookies
    let language: PageLanguage
    let now: WallTime
    /// Where the page leads to when it is done, where it was asked on the way to somewhere.
    let returnTo: SafeRedirect?
    /// What was just done, where the page before says so.
    let done: AccountChange?
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
        chosenLanguage = query?["lang"].flatMap(PageLanguage.init(rawValue:))
        language = chosenLanguage ?? PageLanguage.wanted(by: request.head.headerFields)
        // Whoever is signed in knows the tenant, on a shared host too.
        site = services.tenantName(member.tenant) ?? member.tenant.text
        brand = services.brand(member.tenant)
    }

    var holder: AccountHolder {
        AccountHolder(tenant: member.tenant, user: member.user, session: member.handle, host: member.host)
    }

    var text: AccountText { .text(in: language) }

    var time: PageTime { PageTime(language: language) }

    /// The page's address with what is kept, in another language.
    func address(in language: PageLanguage) -> String {
        let kept = returnTo.map { "return_to=\(PortalAddress.encoded($0.target))&" } ?? ""
        return "\(page.address)?\(kept)lang=\(language.rawValue)"
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

/// What a member has just done to their account, as the next page's address says it.
enum AccountChange: String, CaseIterable, Sendable {
    case name, email, session, others, devices
}
