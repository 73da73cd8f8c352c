import Access
import Core
import Foundation
import HTTPTypes
import HostCrypto
import Login
import Store
import Synchronization

@testable import Portal

/// The folder of all data folders of these tests, gone when they end.
private let root: String = {
    let path = NSTemporaryDirectory() + "gatehouse-portal-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return path
}()

/// A store in a folder of its own.
func makeStore() async throws -> DataStore {
    let folder = root + "/" + UUID().uuidString
    return try await DataStore.open(
        folder: folder, masterKey: MasterKey(SecureRandom.secret(32)), at: WallTime(milliseconds: LoginWorld.start))
}

/// Everything behind the login pages: real seals and tokens, and a sign-in that says what the test tells it to.
final class LoginWorld: Sendable {
    /// 2025-11-21T22:00:00Z.
    static let start: Int64 = 1_763_762_400_000
    static let user = UserID(high: 7, low: 9)
    static let acme = TenantID("acme")
    static let names = ["acme": "Acme GmbH", "bolt": "Bolt & Söhne"]

    struct State {
        var now = LoginWorld.start
        var homeRealm = LoginSettings.HomeRealm.host
        var afterLogout: [String] = []
        var outcomes: [PasswordLoginOutcome] = []
        var signIns: [SignIn] = []
        /// Happens while the next sign-in is under way.
        var meanwhile: (@Sendable () async -> Void)?
        var begun: [ProvedMember] = []
        var signOuts: [SessionHandle] = []
        var signOutFailure: (any Error)?
        var notices: [SessionNotice] = []
        var brands: [String: PageBrand] = [:]
        /// What the data plane would know: token to session.
        var sessions: [String: SessionEntry] = [:]
        /// Which hosts there are, and whose.
        var access = AccessSettings()
    }

    /// What reached the sign-in.
    struct SignIn: Hashable {
        var tenant: TenantID?
        var email: String
        var password: [UInt8]
        var deviceToken: String?
        var userAgent: String
    }

    let store: DataStore
    private let state = Mutex(State())

    /// The time, for those who may not wait for the state.
    private let clock: WorldClock
    /// Nil where sign-ins lead to what the test says.
    private let login: PasswordLogin?
    /// Nil where sign-ins lead to what the test says.
    let flows: PasswordFlows?
    /// Nil where sign-ins lead to what the test says.
    let factors: SecondFactors?

    final class WorldClock: Sendable {
        private let now = Mutex(LoginWorld.start)
        var time: WallTime { WallTime(milliseconds: now.withLock { $0 }) }
        func set(_ time: Int64) { now.withLock { $0 = time } }
    }

    /// What is configured, for logins that are none of the test's saying.
    let settings: LoginSettings

    init(
        isScripted: Bool = true, settings: LoginSettings = LoginSettings(), hasMail: Bool = true
    ) async throws {
        self.settings = settings
        let store = try await makeStore()
        let clock = WorldClock()
        (self.store, self.clock) = (store, clock)
        (login, flows, factors) =
            isScripted ? (nil, nil, nil) : try Self.login(store, settings: settings, hasMail: hasMail) { clock.time }
    }

    /// The whole login, with hashes that cost little and answers that wait for nothing.
    private static func login(
        _ store: DataStore, settings: LoginSettings, hasMail: Bool, now: @escaping @Sendable () -> WallTime
    ) throws -> (PasswordLogin, PasswordFlows, SecondFactors) {
        guard let cost = cheap else { throw StoreConflict.notFound }
        let clock = { @Sendable in MonotonicInstant(milliseconds: 1) }
        let throttle = LoginThrottle(
            store: store.throttles,
            settings: {
                ThrottleSettings(
                    perAccountAndAddress: .init(failures: 3, per: .minutes(15)),
                    invitation: .init(failures: 3, per: .hours(1)), resetPerAccount: .init(failures: 2, per: .hours(1)))
            }, now: now)
        let hashes = PasswordHashQueue(cost: cost, threads: 1, clock: clock)
        let login = PasswordLogin(
            store: store, throttle: throttle, hashes: hashes, settings: { settings }, now: now,
            pacing: AnswerPacing(clock: clock) { _ in },
            rules: FactorRules(realm: { tenant in
                PasskeyRealm(
                    rpID: "app.example.org", name: names[tenant.text] ?? tenant.text,
                    origins: ["https://app.example.org"])
            }))
        let services = PasswordServices(
            store: store, throttle: throttle, hashes: hashes, settings: { settings },
            policy: {
                PasswordPolicy(
                    settings: PasswordSettings(), common: PasswordSetting.commonPasswords, breaches: BreachCheck())
            },
            post: LinkPost(
                origin: { PortalOrigin(publicHost: "app.example.org") },
                mail: { hasMail ? MailSettings(publicHost: "app.example.org") : nil }, now: now),
            now: now, clock: clock)
        return (
            login, PasswordFlows(login: login, services: services), SecondFactors(login: login, services: services)
        )
    }

    static let cheap = Argon2id.Cost(memory: 8192, passes: 1)

    /// A tenant with one member.
    @discardableResult
    func makeMember(
        of id: String, _ email: String, password: String?, state: User.State = .active
    ) async throws -> User {
        guard let id = TenantID(id), let cost = Self.cheap else { throw StoreConflict.notFound }
        let now = WallTime(milliseconds: Self.start)
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        if try await store.tenants.find(id) == nil {
            let tenant = Tenant(id: id, name: Self.names[id.text] ?? id.text)
            _ = try await store.createTenant(tenant, audit: entry, at: now)
        }
        let hash = try password.map { try Argon2id.hash(SecretBytes(copying: Array($0.utf8)), cost: cost) }
        return try await store.tenant(id).users.create(
            User(state: state, email: email, name: "Erika Muster"), password: hash, audit: entry, at: now)
    }

    /// The path and query of a link that is made for a user of acme.
    func link(_ purpose: LinkPurpose, to user: User) async throws -> String {
        guard let acme = Self.acme, let tenant = try await store.tenants.find(acme) else {
            throw StoreConflict.notFound
        }
        let now = WallTime(milliseconds: Self.start)
        let post = LinkPost(origin: { PortalOrigin(publicHost: "app.example.org") }, mail: { nil }, now: { now })
        let issued = try await post.issue(
            purpose, to: user, of: tenant, in: store.tenant(acme), language: nil,
            audit: AuditEntry(action: "test.prepared", actor: .system))
        return String(issued.link.dropFirst("https://app.example.org".count))
    }

    /// Takes the letters of acme that wait.
    func letters() async throws -> [Letter] {
        guard let acme = Self.acme else { throw StoreConflict.notFound }
        return try await store.tenant(acme).letters(at: WallTime(milliseconds: Self.start))
    }

    /// The session that the data plane would find for a token.
    func session(_ token: String) async throws -> SessionEntry? {
        guard login != nil else { return with { $0.sessions[token] } }
        guard let tenant = SessionTokens.tenant(of: token), let digest = SessionTokens.digest(token),
            let found = try await store.tenant(tenant).sessions.find(digest),
            let handle = SessionHandle(found.session.id.description)
        else { return nil }
        var entry = SessionEntry(
            handle: handle, tenant: tenant, user: found.user.id, email: found.user.email, name: found.user.name,
            roles: found.user.roles,
            assurance: Assurance(found.session.factors.map(\.factor), at: MonotonicInstant(milliseconds: 1)),
            lastUse: MonotonicInstant(milliseconds: 1), absoluteDeadline: MonotonicInstant(milliseconds: 1_000_000))
        entry.host = found.host
        return entry
    }

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { state in
            defer { clock.set(state.now) }
            return body(&state)
        }
    }

    /// Says what the next sign-ins lead to, in order; `refused` when there is nothing left to say.
    func say(_ outcomes: PasswordLoginOutcome...) { with { $0.outcomes = outcomes } }

    var services: PortalServices {
        var services = PortalServices(
            steps: steps, forms: store.forms,
            settings: {
                var settings = self.settings
                (settings.homeRealm, settings.afterLogout) = self.with { ($0.homeRealm, $0.afterLogout) }
                return settings
            },
            tenantName: { LoginWorld.names[$0.text] }, notify: { notice in self.with { $0.notices.append(notice) } },
            signingKeys: { [#"{"kty":"EC","kid":"one"}"#, #"{"kty":"EC","kid":"two"}"#] },
            now: { WallTime(milliseconds: self.with { $0.now }) })
        services.hosts = { SignInHosts(self.with { $0.access }) }
        services.handoff = SessionHandoff(
            store: store, now: { WallTime(milliseconds: self.with { $0.now }) })
        services.tenantOfDomain = { $0 == "bolt.example" ? TenantID("bolt") : nil }
        services.brand = { tenant in self.with { $0.brands[tenant.text] } }
        services.logo = { name in self.with { $0.brands.values.compactMap(\.logo).first { $0.fileName == name } } }
        services.account = MemberAccount(store: store, settings: { self.settings }, now: { self.clock.time })
        services.passwords = flows
        services.factors = factors
        return services
    }

    private var steps: LoginSteps {
        if let login { return LoginSteps(login) }
        return LoginSteps(
            signIn: { request in
                let bytes = request.password.withBytes { raw in
                    let span = Span<UInt8>(_bytes: raw)
                    return span.indices.map { span[$0] }
                }
                let signIn = SignIn(
                    tenant: request.tenant, email: request.email, password: bytes, deviceToken: request.deviceToken,
                    userAgent: request.userAgent)
                let meanwhile = self.with { state in
                    defer { state.meanwhile = nil }
                    return state.meanwhile
                }
                await meanwhile?()
                return self.with { state in
                    state.signIns.append(signIn)
                    return state.outcomes.isEmpty ? .refused : state.outcomes.removeFirst()
                }
            },
            begin: { member, _, _, _, _ in
                self.with { state in
                    state.begun.append(member)
                    return state.outcomes.isEmpty ? .refused : state.outcomes.removeFirst()
                }
            },
            signOut: { handle, _, _ in
                if let failure = self.with({ $0.signOutFailure }) { throw failure }
                self.with { $0.signOuts.append(handle) }
            }, confirm: { _, _, _, _ in .refused })
    }

    func router() throws -> PortalRouter {
        .standard(pages: try pages(), securityText: nil, services: services)
    }

    /// A session of a member, known under `token`.
    @discardableResult
    func signedIn(token: String, tenant: String = "acme", email: String = "erika@acme.example") throws -> SignedIn {
        let handle = "h-" + token.replacing(".", with: "_")
        guard let handle = SessionHandle(handle), let tenant = TenantID(tenant) else { throw StoreConflict.notFound }
        let entry = SessionEntry(
            handle: handle, tenant: tenant, user: Self.user, email: email, name: "Erika",
            roles: ["admin", "user"].compactMap { RoleName($0) },
            assurance: Assurance([.password], at: MonotonicInstant(milliseconds: 1)),
            lastUse: MonotonicInstant(milliseconds: 1), absoluteDeadline: MonotonicInstant(milliseconds: 1_000_000))
        with { $0.sessions[token] = entry }
        return SignedIn(
            token: token, handle: handle, tenant: tenant, user: Self.user, deviceToken: "device-token",
            deviceExpiresAt: WallTime(milliseconds: Self.start + 180 * 86_400_000),
            expiresAt: WallTime(milliseconds: Self.start + 43_200_000))
    }
}
