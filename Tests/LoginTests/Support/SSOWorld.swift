import Core
import HostCrypto
import SAML
import Store

@testable import Login

/// The tenant `acme` with the connection `okta`, its provider, and a login over them.
final class SSOWorld: Sendable {
    static let entityID = "https://acme.example.org/.gatehouse/saml/acme/okta/metadata"
    static let acs = "https://acme.example.org/.gatehouse/saml/acme/okta/acs"
    static let slo = "https://acme.example.org/.gatehouse/saml/acme/okta/slo"
    static let host = "acme.example.org"

    let base: LoginWorld
    let provider: TestProvider
    let name: ConnectionName
    let id: TenantID
    let tenant: TenantStore
    /// The tenant's connections; disabled and other ones as a test sets them.
    let settings: Shared<[ConnectionSettings]>
    let notices = Shared<[SessionNotice]>([])
    let connections: SSOConnections
    let login: PasswordLogin
    let sso: SingleSignOn

    /// - Parameter change: of the connection's settings.
    init(
        domains: [String] = ["acme.example"], provider: TestProvider? = nil,
        _ change: (inout ConnectionSettings) -> Void = { _ in }
    ) async throws {
        let base = try await LoginWorld()
        let provider = try provider ?? TestProvider()
        guard let name = ConnectionName("okta") else { throw Missing() }
        let id = try tenantID("acme")
        var first = ConnectionSettings(
            name: name, displayName: "Okta", metadata: .file(document: provider.metadata(), path: "okta.xml"),
            provisioning: .justInTime)
        change(&first)
        let settings = Shared([first])
        (self.base, self.provider, self.name, self.id, self.settings) = (base, provider, name, id, settings)
        tenant = try await base.makeTenant("acme", domains: domains)
        let clock = base.clock
        connections = SSOConnections(
            store: base.store, tenants: { [id] }, settings: { $0 == id ? settings.value : [] }, mayUse: { $0 == id },
            origin: { _ in "https://acme.example.org" }, allowedNetworks: { [] }, mail: { nil },
            now: { clock.wall() })
        let (connections, holds, notices) = (connections, base.holds, notices)
        base.settings.change { value in
            value.plans.connectionDomains = { tenant in
                Set(tenant == id ? settings.value.filter(\.isEnabled).flatMap(\.emailDomains) + domains : [])
            }
        }
        login = PasswordLogin(
            store: base.store, throttle: base.throttle, hashes: base.hashes,
            settings: { [values = base.settings] in values.value }, now: { clock.wall() },
            pacing: AnswerPacing(clock: { clock.monotonic() }, sleep: { held in holds.change { $0.append(held) } }),
            alerts: base.alerts, rules: FactorRules(realm: { [realm = base.realm] _ in realm.value }),
            mayUse: { name, tenant in connections.settings(of: tenant).contains { $0.name == name } })
        sso = SingleSignOn(
            login: login, connections: connections, notify: { notice in notices.change { $0.append(notice) } },
            now: { clock.wall() })
        try await tenant.connections.add(
            key: ConnectionSecret(try TestProvider.pem("ours")), certificate: try TestProvider.certificate("ours"),
            state: .current, to: name, audit: entry("connection.key-added"), at: clock.wall())
    }

    var now: WallTime { base.clock.wall() }

    /// Changes the tenant's rules.
    func changeTenant(_ change: @escaping @Sendable (inout Tenant) -> Void) async throws {
        _ = try await base.store.tenants.update(id, audit: entry("tenant.changed"), at: now, change: change)
    }

    /// An attempt that a browser began.
    func attempt(
        _ purpose: SSOPurpose = .signIn, returnTo: String? = "/inbox", isRemembered: Bool = false
    ) async throws -> SSOAttempt {
        let departure = await sso.begin(
            name, of: id, purpose: purpose, returnTo: returnTo.flatMap { SafeRedirect($0) },
            isRemembered: isRemembered, language: "en")
        guard case .leaves(_, let attempt) = departure else { throw Missing() }
        return attempt
    }

    /// What comes of a response to an attempt that this browser began.
    func answer(
        _ attempt: SSOAttempt? = nil, provider other: TestProvider? = nil, relayState: String? = nil,
        cookie: [SSOAttempt]? = nil, device: String? = nil, _ change: (inout TestResponse) -> Void = { _ in }
    ) async throws -> SSOOutcome {
        let attempt: SSOAttempt = if let attempt { attempt } else { try await self.attempt() }
        let response = TestResponse(now: now, answers: attempt.requestID).but(change)
        return await receive(
            (other ?? provider).field(response), relayState: relayState ?? attempt.relayState,
            attempts: cookie ?? [attempt], device: device)
    }

    /// What comes of a response that answers nothing.
    func unsolicited(
        relayState: String? = nil, _ change: (inout TestResponse) -> Void = { _ in }
    ) async -> SSOOutcome {
        await receive(
            provider.field(TestResponse(now: now, answers: nil).but(change)), relayState: relayState, attempts: [])
    }

    func receive(
        _ field: [UInt8], relayState: String?, attempts: [SSOAttempt], device: String? = nil, requestID: String = "r1"
    ) async -> SSOOutcome {
        guard let client = ClientAddress("203.0.113.7") else { return .unknown }
        return await sso.receive(
            SSOAnswer(
                tenant: id, connection: name, response: field, relayState: relayState,
                visit: FactorVisit(client: client, deviceToken: device, userAgent: "Firefox"), requestID: requestID),
            attempts: attempts)
    }

    func visit() throws -> FactorVisit {
        FactorVisit(client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox")
    }

    /// The stored session of one that began.
    func stored(_ session: SignedIn) async throws -> StoredSession {
        guard let id = RowID(session.handle.description), let found = try await tenant.sessions.find(id) else {
            throw Missing()
        }
        return found
    }

    func actions() async throws -> [String] {
        try await tenant.audit.entries(limit: 200).map(\.action)
    }
}

extension SSOOutcome {
    /// The session that began; nil where none did.
    var session: SignedIn? {
        if case .proceeds(let outcome, _) = self { outcome.session } else { nil }
    }

    /// Why it was refused; nil where it was not.
    var refusal: String? {
        if case .refused(let reason) = self { reason } else { nil }
    }

    var pending: PendingLink? {
        if case .link(let link, _, _) = self { link } else { nil }
    }

    var isLink: Bool { pending != nil }
}
