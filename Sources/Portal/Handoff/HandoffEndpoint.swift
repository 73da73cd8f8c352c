import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `/.gatehouse/session/handoff`: brings a session from the host where its member signed in to another one
/// (interfaces.md, Endpoints; decision 21).
///
/// 1. The other host sends its visitor to the host of the sign-in, with a state that is sealed for this browser.
/// 2. That host makes a code, or lets the visitor sign in first.
/// 3. The other host opens the state with the browser's own cookie, and gives a token for the code.
///
/// Who has no cookie is told so instead of being sent round: no way through here leads in a circle.
struct HandoffEndpoint: Sendable {
    let pages: LoginPages
    let services: PortalServices
    private let states: HandoffState

    init(pages: PortalPages, services: PortalServices) {
        self.pages = LoginPages(pages: pages)
        self.services = services
        states = HandoffState(forms: services.forms)
    }

    /// Step 1: away from a host whose visitors sign in elsewhere; nil where they sign in here.
    func departure(_ visit: LoginVisit) -> PortalResponse? {
        guard let home = visit.hosts.home(of: visit.hostName) else { return nil }
        let browser = visit.browser ?? SecureRandom.token()
        let state = states.seal(browser: browser, host: visit.hostName, now: services.now())
        let language = visit.chosenLanguage ?? visit.cookies[.language].flatMap(PageLanguage.init(rawValue:))
        let address = PortalAddress.handoff(
            to: visit.hostName, state: state, returnTo: visit.returnTo, tenant: visit.namedTenant, language: language,
            isByPassword: visit.isByPassword)
        var fields = HTTPFields()
        if visit.browser == nil { fields.append(PortalCookies.setting(.login, to: browser)) }
        return pages.redirect(visit, to: visit.hosts.origin(of: home) + address, fields: fields)
    }

    /// Steps 2 and 3; nil where the address is neither.
    func show(_ request: PortalRequest) async -> PortalResponse? {
        var visit = LoginVisit(request, services: services)
        guard FetchRules.admitsDocument(request.head.headerFields) else { return pages.refusal(visit, .crossOrigin) }
        guard !request.isTenantSuspended else { return pages.refusal(visit, .tenantSuspended) }
        guard let fields = visit.query else { return nil }
        if fields["to"] != nil {
            guard let destination = HandoffDestination(fields, on: visit.hostName, hosts: visit.hosts) else {
                return nil
            }
            visit.follow(destination, services: services)
            return await give(to: destination, visit)
        }
        guard let code = fields["code"], visit.hosts.home(of: visit.hostName) != nil else { return nil }
        return await take(code, state: fields["state"] ?? "", visit)
    }

    // MARK: On the host of the sign-in

    private func give(to destination: HandoffDestination, _ visit: LoginVisit) async -> PortalResponse {
        let origin = visit.hosts.origin(of: destination.host)
        // An address that somebody kept: the destination makes a new state.
        guard !destination.state.isEmpty else {
            return pages.redirect(
                visit, to: origin + PortalAddress.login(returnTo: destination.returnTo, tenant: nil))
        }
        guard visit.member != nil, let token = visit.cookies[.session], let handoff = services.handoff else {
            return pages.redirect(visit, to: visit.loginAddress(language: visit.chosenLanguage))
        }
        do {
            guard let code = try await handoff.offer(token, to: destination.host, state: destination.state) else {
                // It has ended, and this process learns of it in a moment.
                return pages.redirect(
                    visit, to: visit.loginAddress(), fields: HTTPFields([PortalCookies.clearing(.session)]))
            }
            return pages.redirect(
                visit,
                to: origin
                    + PortalAddress.handoff(code: code, state: destination.state, returnTo: destination.returnTo))
        } catch {
            return unavailable(visit)
        }
    }

    // MARK: On the other host

    private func take(_ code: String, state: String, _ visit: LoginVisit) async -> PortalResponse {
        // Another tab has been faster, or the page was opened again.
        guard visit.member == nil else { return pages.redirect(visit, to: visit.target) }
        guard let browser = visit.browser else { return refused(visit) }
        let now = services.now()
        guard let journey = states.open(state, browser: browser, host: visit.hostName, now: now),
            !services.usedAttempts.isUsed(journey)
        else {
            // Too old, used, or another browser's: begun anew, with a state that will open.
            return pages.redirect(visit, to: visit.loginAddress())
        }
        guard let handoff = services.handoff else { return refused(visit) }
        do {
            let received = try await handoff.redeem(
                code, on: visit.hostName, of: visit.request.hostTenant, state: state, client: visit.request.client)
            guard let received else { return refused(visit) }
            _ = services.usedAttempts.use(
                journey,
                until: WallTime(
                    milliseconds: now.milliseconds + Int64(clamping: LoginAttemptSeal.lifetime.count)), now: now)
            let age = received.isRemembered ? PortalCookies.seconds(until: received.expiresAt, from: now) : nil
            // What applications knew of whoever used this browser before ends here, as at a sign-in.
            return pages.redirect(
                visit, to: visit.target,
                fields: HTTPFields(
                    [PortalCookies.setting(.session, to: received.token, maxAge: age)]
                        + PortalCookies.clearing(applications: services.applicationCookies(visit.host))))
        } catch {
            return unavailable(visit)
        }
    }

    private func refused(_ visit: LoginVisit) -> PortalResponse {
        pages.refusal(visit, .handoffRefused, startAgain(visit))
    }

    private func unavailable(_ visit: LoginVisit) -> PortalResponse {
        pages.refusal(visit, .storeUnavailable, startAgain(visit))
    }

    private func startAgain(_ visit: LoginVisit) -> RefusalDetails {
        var details = RefusalDetails()
        details.action = RefusalDetails.Action(address: visit.loginAddress(), label: visit.text.startAgain)
        return details
    }
}
