import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// The button by which a member who signed in at a provider proves there anew that it is they.
///
/// The answer comes to the tenant's sign-in host, which gives its own session a new token.  Every other host has a token
/// of its own: it forgets that one on the way out, and is handed the session anew on the way back.
struct ConnectionConfirmation: Sendable {
    /// A way to the provider.
    struct Departure {
        var address: String
        /// Cookies that change on the way.
        var fields: HTTPFields
    }

    private let services: PortalServices
    private let states: HandoffState

    init(services: PortalServices) {
        self.services = services
        states = HandoffState(forms: services.forms)
    }

    /// The connection that the member's session came by, where its provider can be asked from here.
    /// - Parameter asSecondFactor: its word must count as a second factor.
    func offer(of member: SessionEntry, _ visit: LoginVisit, asSecondFactor: Bool) async -> SSOOffer? {
        guard let sso = services.sso, let name = await sso.origin(member.handle, member.tenant),
            let offer = sso.offers(member.tenant).first(where: { $0.name == name }),
            offer.countsAsMFA || !asSecondFactor, departure(to: offer, visit, returnTo: visit.returnTo) != nil
        else { return nil }
        return offer
    }

    /// The way there.
    /// - Parameter returnTo: on the host that was asked.
    /// - Returns: nil where nothing would lead back.
    func departure(to offer: SSOOffer, _ visit: LoginVisit, returnTo: SafeRedirect?) -> Departure? {
        guard let sso = services.sso else { return nil }
        var begin = SSOBegin(
            returnTo: returnTo, isRemembered: false, isConfirmation: true, language: visit.chosenLanguage)
        guard let address = sso.beginAddress(offer, begin) else { return nil }
        if leads(address, to: visit.hostName, visit) { return Departure(address: address, fields: [:]) }
        guard let home = visit.hosts.home(of: visit.hostName), leads(address, to: home, visit) else { return nil }
        let browser = visit.browser ?? SecureRandom.token()
        let back = PortalAddress.handoff(
            to: visit.hostName, state: states.seal(browser: browser, host: visit.hostName, now: services.now()),
            returnTo: returnTo, tenant: visit.namedTenant)
        begin.returnTo = SafeRedirect(back)
        var fields = HTTPFields([PortalCookies.clearing(.session)])
        if visit.browser == nil { fields.append(PortalCookies.setting(.login, to: browser)) }
        return sso.beginAddress(offer, begin).map { Departure(address: $0, fields: fields) }
    }

    private func leads(_ address: String, to host: String, _ visit: LoginVisit) -> Bool {
        address.hasPrefix(visit.hosts.origin(of: host) + "/")
    }
}
