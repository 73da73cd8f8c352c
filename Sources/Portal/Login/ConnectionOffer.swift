import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// The ways from the login page to the identity providers of a tenant: buttons, the domain of an address, the host.
///
/// They depend on the host and the address that the visitor came by, never on an account; and they tell of no tenant
/// that the page itself would not tell of.
struct ConnectionOffer: Sendable {
    /// The button's field; its value names the connection.
    static let field = "connection"

    private let gate: LoginGate
    private let onward: SSOPages

    init(gate: LoginGate, pages: PortalPages) {
        self.gate = gate
        onward = SSOPages(pages: pages)
    }

    private var services: PortalServices { gate.services }

    /// Whose connections are offered here; nil where nobody's.
    func tenant(_ visit: LoginVisit, email: NormalizedEmail?) -> TenantID? {
        if let own = visit.hostTenant { return own }
        let named = visit.namedTenant ?? email.flatMap { services.tenantOfDomain($0.domain) }
        return named.flatMap { services.shownName($0) == nil ? nil : $0 }
    }

    // MARK: Ways

    /// The provider that is asked before anything is shown; nil where a page comes first.
    func entry(_ visit: LoginVisit) -> PortalResponse? {
        guard let sso = services.sso, !visit.isByPassword, visit.notice == nil,
            let tenant = tenant(visit, email: nil),
            let offer = sso.entry(visit.destination?.host ?? visit.hostName, tenant),
            let address = sso.beginAddress(offer, begin(visit, isRemembered: false))
        else { return nil }
        var fields = HTTPFields()
        if visit.browser == nil { fields.append(PortalCookies.setting(.login, to: SecureRandom.token())) }
        return gate.pages.redirect(visit, to: address, fields: fields)
    }

    /// Where an address leads by its domain.  Whoever asks for the password, or is about to connect an account by it, is
    /// led nowhere else.
    func route(of email: NormalizedEmail, _ step: LoginStep) async -> SSORoute {
        guard let sso = services.sso, !step.visit.isByPassword, step.attempt.link == nil,
            let tenant = tenant(step.visit, email: email)
        else { return .none }
        return await sso.route(email, tenant)
    }

    /// The connection that a button names; nil where it is none that is offered here.
    func chosen(_ name: String, _ step: LoginStep, email: NormalizedEmail?) -> SSOOffer? {
        offers(step.visit, email: email).first { $0.name.text == name }
    }

    /// The way to a provider from a form; nil where there is none.
    func departure(_ offer: SSOOffer, _ step: LoginStep) -> PortalResponse? {
        let begin = begin(step.visit, isRemembered: step.remember.isChosen)
        return services.sso?.beginAddress(offer, begin).map { address in
            onward.onward(step.visit, to: address, name: offer.displayName)
        }
    }

    private func begin(_ visit: LoginVisit, isRemembered: Bool) -> SSOBegin {
        SSOBegin(
            returnTo: visit.returnTo, isRemembered: isRemembered, isConfirmation: false, language: visit.chosenLanguage)
    }

    private func offers(_ visit: LoginVisit, email: NormalizedEmail?) -> [SSOOffer] {
        guard let sso = services.sso, let tenant = tenant(visit, email: email) else { return [] }
        return sso.offers(tenant)
    }

    // MARK: Buttons

    /// What the template of the first step asks for; empty where there are no connections.
    ///
    /// The buttons stand in the form of the address, below its own button, so that one box for staying signed in counts
    /// for all of them.
    func firstStep(_ visit: LoginVisit, remember: LoginPages.Remember) -> [String: Any] {
        guard let tenant = tenant(visit, email: nil) else { return [:] }
        let offers = offers(visit, email: nil)
        guard !offers.isEmpty else { return [:] }
        let (ways, text) = (services.signInWays(tenant), ConnectionText.text(in: visit.language))
        let isAlone = !ways.allowsOthers && !visit.isByPassword
        var values: [String: Any] = [
            "connections": Self.buttons(offers, isFirst: isAlone, label: text.signInWith), "withoutEmail": isAlone,
        ]
        if isAlone { values["introduction"] = text.introduction }
        if let span = remember.span {
            values["stay"] = ["label": visit.text.remember(RememberedSpan(span)), "isChosen": remember.isChosen]
        }
        let canByPassword = ways.allowsOthers || ways.hasBreakGlass
        if !visit.isByPassword, canByPassword, isAlone || ways.enforcesDomains {
            values["byPassword"] = ["address": visit.loginAddress(isByPassword: true), "label": text.byPassword]
        }
        return values
    }

    /// What the template of the second step asks for: the connection of the address above the password, in a form of
    /// its own, since a form's first button is what the Enter key presses; the others below it.  Empty where there are
    /// no connections, or where an account is about to be connected.
    func secondStep(
        _ step: LoginStep, _ hidden: LoginPages.Hidden, email: NormalizedEmail, route: SSORoute
    ) -> [String: Any] {
        guard step.attempt.link == nil else { return [:] }
        let first: SSOOffer? =
            switch route {
            case .none: nil
            case .offered(let offer), .enforced(let offer): offer
            }
        let others = offers(step.visit, email: email).filter { $0 != first }
        let label = ConnectionText.text(in: step.visit.language).signInWith
        var values: [String: Any] = [:]
        if !others.isEmpty { values["connections"] = Self.buttons(others, isFirst: false, label: label) }
        if let first {
            var form = Self.buttons([first], isFirst: true, label: label)
            form["action"] = step.visit.formAddress
            form["hidden"] =
                [["name": "email", "value": email.text]]
                + LoginPages.fields(hidden, step.visit, isRemembered: step.remember.isChosen)
            values["offered"] = form
        }
        return values
    }

    /// A button for each connection, as the template `connections` asks for them.
    /// - Parameters:
    ///   - isFirst: nothing stands above them.
    ///   - label: a button's, made of a connection's name.
    static func buttons(_ offers: [SSOOffer], isFirst: Bool, label: (String) -> String) -> [String: Any] {
        [
            "isBelow": !isFirst,
            "offers": offers.map { offer -> [String: Any] in
                ["name": offer.name.text, "label": label(offer.displayName), "isQuiet": !isFirst]
            },
        ]
    }
}
