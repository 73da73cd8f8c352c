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
        var outcomes: [PasswordLoginOutcome] = []
        var signIns: [SignIn] = []
        var begun: [ProvedMember] = []
        var signOuts: [SessionHandle] = []
        var signOutFailure: (any Error)?
        var notices: [SessionNotice] = []
        /// What the data plane would know: token to session.
        var sessions: [String: SessionEntry] = [:]
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

    /// Nil where sign-ins lead to what the test says.
    private let login: PasswordLogin?

    init(isScripted: Bool = true) async throws {
        let store = try await makeStore()
        self.store = store
        login = isScripted ? nil : try Self.login(store)
    }

    /// The whole login, with hashes that cost little and answers that wait for nothing.
    private static func login(_ store: DataStore) throws -> PasswordLogin {
        guard let cost = cheap else { throw StoreConflict.notFound }
        let now = { @Sendable in WallTime(milliseconds: start) }
        let clock = { @Sendable in MonotonicInstant(milliseconds: 1) }
        return PasswordLogin(
            store: store,
            throttle: LoginThrottle(
                store: store.throttles,
                settings: { ThrottleSettings(perAccountAndAddress: .init(failures: 3, per: .minutes(15))) }, now: now),
            hashes: PasswordHashQueue(cost: cost, threads: 1, clock: clock), settings: { LoginSettings() }, now: now,
            pacing: AnswerPacing(clock: clock) { _ in })
    }

    static let cheap = Argon2id.Cost(memory: 8192, passes: 1)

    /// A tenant with one member.
    func makeMember(of id: String, _ email: String, password: String) async throws {
        guard let id = TenantID(id), let cost = Self.cheap else { throw StoreConflict.notFound }
        let now = WallTime(milliseconds: Self.start)
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        if try await store.tenants.find(id) == nil {
            let tenant = Tenant(id: id, name: Self.names[id.text] ?? id.text)
            _ = try await store.createTenant(tenant, audit: entry, at: now)
        }
        let hash = try Argon2id.hash(SecretBytes(copying: Array(password.utf8)), cost: cost)
        _ = try await store.tenant(id).users.create(
            User(email: email, name: "Erika"), password: hash, audit: entry, at: now)
    }

    /// The session that the data plane would find for a token.
    func session(_ token: String) async throws -> SessionEntry? {
        guard login != nil else { return with { $0.sessions[token] } }
        guard let tenant = SessionTokens.tenant(of: token), let digest = SessionTokens.digest(token),
            let found = try await store.tenant(tenant).sessions.find(digest),
            let handle = SessionHandle(found.session.id.description)
        else { return nil }
        return SessionEntry(
            handle: handle, tenant: tenant, user: found.user.id, email: found.user.email, name: found.user.name,
            roles: found.user.roles, assurance: Assurance([.password], at: MonotonicInstant(milliseconds: 1)),
            lastUse: MonotonicInstant(milliseconds: 1), absoluteDeadline: MonotonicInstant(milliseconds: 1_000_000))
    }

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock(body)
    }

    /// Says what the next sign-ins lead to, in order; `refused` when there is nothing left to say.
    func say(_ outcomes: PasswordLoginOutcome...) { with { $0.outcomes = outcomes } }

    var services: PortalServices {
        var services = PortalServices(
            steps: steps, forms: store.forms, settings: { LoginSettings(homeRealm: self.with { $0.homeRealm }) },
            tenantName: { LoginWorld.names[$0.text] }, notify: { notice in self.with { $0.notices.append(notice) } },
            signingKeys: { [#"{"kty":"EC","kid":"one"}"#, #"{"kty":"EC","kid":"two"}"#] },
            now: { WallTime(milliseconds: self.with { $0.now }) })
        services.tenantOfDomain = { $0 == "bolt.example" ? TenantID("bolt") : nil }
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
                return self.with { state in
                    state.signIns.append(signIn)
                    return state.outcomes.isEmpty ? .refused : state.outcomes.removeFirst()
                }
            },
            begin: { member, _, _, _ in
                self.with { state in
                    state.begun.append(member)
                    return state.outcomes.isEmpty ? .refused : state.outcomes.removeFirst()
                }
            },
            signOut: { handle, _, _ in
                if let failure = self.with({ $0.signOutFailure }) { throw failure }
                self.with { $0.signOuts.append(handle) }
            })
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
