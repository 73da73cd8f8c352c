import Access
import Core
import HTTPTypes
import Login
import Store
import Synchronization

@testable import Portal

/// Sign-ins at providers that say what the test tells them to, and remember what they were asked.
final class SSOScript: Sendable {
    struct Begun {
        var connection: String
        var purpose: SSOPurpose
        var begin: SSOBegin
        var language: String
    }

    struct State {
        /// The connections that there are, by tenant.
        var names: [TenantID: [String: String]] = [:]
        var metadata = SSOMetadata.document("<EntityDescriptor/>")
        /// What takes the browser to the provider.
        var message: SSOMessage?
        var departure: SSODeparture?
        var begun: [Begun] = []
        var outcomes: [SSOOutcome] = []
        var answers: [SSOAnswer] = []
        var attempts: [[SSOAttempt]] = []
        var isLinked = true
        var links: [(link: PendingLink, by: SignedIn, visit: FactorVisit)] = []
        var origins: [SessionHandle: SessionOrigin] = [:]
        var logout: SSOMessage?
        var logouts: [(origin: SessionOrigin, nextIndex: Int?)] = []
        var logoutOutcomes: [SSOLogoutOutcome] = []
        var messages: [SSOLogoutMessage] = []
        var notes: [SSORefusalNote] = []
        var count: UInt8 = 0
    }

    private let state = Mutex(State())

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    static let origin = "https://idp.example:8444"
    static let redirect = "\(origin)/sso?SAMLRequest=abc%2B&RelayState=r&Signature=s"

    var steps: SSOSteps {
        SSOSteps(
            offers: { tenant in
                self.with { state in
                    (state.names[tenant] ?? [:]).sorted { $0.key < $1.key }.compactMap { name, shown in
                        ConnectionName(name).map { SSOOffer(tenant: tenant, name: $0, displayName: shown) }
                    }
                }
            },
            route: { _, _ in .none }, entry: { _, _ in nil },
            beginAddress: { offer, begin in
                "https://acme.example.org:8443"
                    + SSOPlace(tenant: offer.tenant, connection: offer.name).loginAddress(begin)
            },
            origin: { session, _ in self.with { $0.origins[session]?.connection } }, links: { _, _ in [] },
            completeLink: { link, signedIn, visit in
                self.with { state in
                    state.links.append((link, signedIn, visit))
                    return state.isLinked
                }
            },
            displayName: { connection, tenant in self.with { $0.names[tenant]?[connection.text] } },
            metadata: { _, _ in self.with { $0.metadata } },
            begin: { connection, tenant, purpose, begin, language in
                self.begin(connection, tenant, purpose, begin, language)
            },
            receive: { answer, attempts in
                self.with { state in
                    state.answers.append(answer)
                    state.attempts.append(attempts)
                    return state.outcomes.isEmpty ? .refused(reason: "expired") : state.outcomes.removeFirst()
                }
            },
            sessionOrigin: { session, _ in self.with { $0.origins[session] } },
            logout: { origin, _, nextIndex in
                self.with { state in
                    state.logouts.append((origin, nextIndex))
                    return state.logout
                }
            },
            receiveLogout: { message in
                self.with { state in
                    state.messages.append(message)
                    return state.logoutOutcomes.isEmpty
                        ? .refused(reason: "signature-missing") : state.logoutOutcomes.removeFirst()
                }
            })
    }

    private func begin(
        _ connection: ConnectionName, _ tenant: TenantID, _ purpose: SSOPurpose, _ begin: SSOBegin, _ language: String
    ) -> SSODeparture {
        with { state in
            state.begun.append(
                Begun(connection: connection.text, purpose: purpose, begin: begin, language: language))
            if let departure = state.departure { return departure }
            state.count += 1
            let attempt = SSOAttempt(
                id: [UInt8](repeating: state.count, count: SSOAttempt.idByteCount), requestID: "_r\(state.count)",
                tenant: tenant, connection: connection, beganAt: WallTime(milliseconds: LoginWorld.start),
                returnTo: begin.returnTo, isRemembered: begin.isRemembered, purpose: purpose, language: language)
            return .leaves(state.message ?? .redirect(to: Self.redirect), attempt)
        }
    }
}

/// A browser before the hosts of a world whose providers are scripted.
struct SSOStage {
    static let login = "/.gatehouse/saml/acme/okta/login"
    static let acs = "/.gatehouse/saml/acme/okta/acs"
    static let slo = "/.gatehouse/saml/acme/okta/slo"
    static let metadata = "/.gatehouse/saml/acme/okta/metadata"
    static let email = "erika@acme.example"
    /// What browsers say of a form that the provider's page sends.
    static let crossSite: HTTPFields = [.secFetchSite: "cross-site", .origin: SSOScript.origin]

    let world: LoginWorld
    let script = SSOScript()
    let factors = FactorScript()
    var browser: PortalBrowser

    /// In front of acme's sign-in host.
    init(
        portal: String? = nil, settings: LoginSettings = LoginSettings(), host: String? = nil
    ) async throws {
        world = try await LoginWorld(settings: settings)
        let access = HostsBrowser.access(portal: portal)
        world.with { $0.access = access }
        let acme = try Self.acme()
        script.with { $0.names = [acme: ["okta": "Okta <Acme>", "entra": "Entra"]] }
        var services = world.services
        (services.ssoSteps, services.factorLogin) = (script.steps, factors.steps)
        services.noteSSORefusal = { [script] note in script.with { $0.notes.append(note) } }
        services.applicationCookies = { _ in ["app.sid"] }
        browser = PortalBrowser(
            world, router: .standard(pages: try pages(), securityText: nil, services: services))
        let host = host ?? portal ?? HostsBrowser.acmeFirst
        browser.host = "\(host):8443"
        browser.hostTenant = SignInHosts(access).owner(of: host)
    }

    static func acme() throws -> TenantID {
        guard let acme = LoginWorld.acme else { throw StoreConflict.notFound }
        return acme
    }

    static func okta() throws -> ConnectionName {
        guard let okta = ConnectionName("okta") else { throw StoreConflict.notFound }
        return okta
    }

    static func sessionOrigin() throws -> SessionOrigin {
        SessionOrigin(
            connection: try okta(), entityID: "https://idp.example/", subject: "s-1", format: "persistent",
            nameQualifier: nil, ownQualifier: nil, sessionIndex: "i-1")
    }

    /// Begins a sign-in; the browser has its cookies then.
    mutating func begin(_ query: String = "return_to=/a") async -> PortalBrowser.Page {
        await browser.get("\(Self.login)?\(query)")
    }

    /// The relay state of the attempt that was begun so many-th.
    static func relayState(_ number: UInt8 = 1) -> String {
        SSOAttempt.relayState(of: [UInt8](repeating: number, count: SSOAttempt.idByteCount))
    }

    /// Posts an answer as the provider's page has the browser do: without cookies that are bound to this site.
    mutating func answer(
        _ outcomes: SSOOutcome..., fields: [String: String] = ["SAMLResponse": "PHg+", "RelayState": relayState()],
        to path: String = acs, with more: HTTPFields = crossSite
    ) async -> PortalBrowser.Page {
        script.with { $0.outcomes = outcomes }
        let kept = browser.cookies
        browser.cookies = kept.filter { $0.key == "__Host-gatehouse-sso" }
        let page = await browser.post(path, fields, with: more)
        let own = browser.cookies
        browser.cookies = kept.filter { $0.key != "__Host-gatehouse-sso" }.merging(own) { $1 }
        return page
    }

    /// What a sign-in brings along.
    static func arrival(
        returnTo: String? = "/a", isRemembered: Bool = false, attempt: UInt8? = 1
    ) -> SSOArrival {
        SSOArrival(
            returnTo: returnTo.flatMap { SafeRedirect($0) }, isRemembered: isRemembered, email: email,
            attemptID: attempt.map { [UInt8](repeating: $0, count: SSOAttempt.idByteCount) })
    }
}
