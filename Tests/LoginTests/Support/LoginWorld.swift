import Core
import Foundation
import HostCrypto
import Store

@testable import Login

/// The folder of all data folders, gone when the tests end.
private let root: String = {
    let path = NSTemporaryDirectory() + "gatehouse-login-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return path
}()

/// A data folder of its own, a throttle, a quick hash queue and a login over them.
final class LoginWorld: Sendable {
    /// The least that Argon2id takes.
    static let cheap = Argon2id.Cost(memory: 8192, passes: 1) ?? .standard
    static let password = "correct horse battery staple"
    static let email = "erika.muster@acme.example"

    let clock = TestClock()
    let settings = Shared(LoginSettings())
    /// How long each answer was held back.
    let holds = Shared<[Milliseconds]>([])
    /// For whom passkeys are made; nobody unless told.
    let realm = Shared<PasskeyRealm?>(nil)
    let store: DataStore
    let throttle: LoginThrottle
    let hashes: PasswordHashQueue
    let alerts: AttackAlerts
    let login: PasswordLogin

    init(cost: Argon2id.Cost = cheap, hashThreads: Int = 1) async throws {
        let (clock, settings, holds, realm) = (clock, settings, holds, realm)
        store = try await DataStore.open(
            folder: root + "/" + UUID().uuidString, masterKey: MasterKey(), openTenants: 8, at: clock.wall())
        throttle = LoginThrottle(
            store: store.throttles, settings: { settings.value.throttle }, now: { clock.wall() })
        hashes = PasswordHashQueue(cost: cost, exactly: hashThreads, bound: 64, clock: { clock.monotonic() })
        alerts = AttackAlerts(store: store, settings: { settings.value }, now: { clock.wall() })
        login = PasswordLogin(
            store: store, throttle: throttle, hashes: hashes, settings: { settings.value }, now: { clock.wall() },
            pacing: AnswerPacing(clock: { clock.monotonic() }, sleep: { held in holds.change { $0.append(held) } }),
            alerts: alerts, rules: FactorRules(realm: { _ in realm.value }))
    }

    /// A tenant, `acme` unless named.
    @discardableResult
    func makeTenant(_ id: String = "acme", domains: [String] = []) async throws -> TenantStore {
        let tenant = Tenant(id: try tenantID(id), name: "\(id.capitalized) GmbH", emailDomains: domains)
        _ = try await store.createTenant(tenant, audit: entry("tenant.created"), at: clock.wall())
        return try await store.tenant(tenant.id)
    }

    /// A member of a tenant who has a password.
    @discardableResult
    func makeUser(
        _ tenant: TenantStore, email: String = email, password: String? = password, state: User.State = .active,
        cost: Argon2id.Cost = cheap
    ) async throws -> User {
        var hash: Argon2id.EncodedHash?
        if let password {
            hash = try normalized(password).withOctets { try Argon2id.hash($0, cost: cost) }
        }
        let user = User(state: state, email: email, name: "Erika Musterfrau")
        return try await tenant.users.create(
            user, password: hash, audit: entry("user.created", subject: user.id), at: clock.wall())
    }

    func signIn(
        _ email: String = email, _ password: String = password, tenant: String? = "acme",
        from address: String = "203.0.113.7", device: String? = nil, userAgent: String = "Firefox",
        language: String = ""
    ) async throws -> PasswordLoginOutcome {
        await login.signIn(
            PasswordLoginRequest(
                tenant: try tenant.map { try tenantID($0) }, email: email,
                password: SecretBytes(copying: Array(password.utf8)), client: try clientAddress(address),
                deviceToken: device, userAgent: userAgent, language: language))
    }

    /// Signs in and gives the device's token.
    func knownDevice(_ email: String = email, tenant: String = "acme", from address: String) async throws -> String {
        guard let session = try await signIn(email, tenant: tenant, from: address).session else { throw Missing() }
        return session.deviceToken
    }

    /// The token of a device that has signed in once, without a hash.
    func plantDevice(of user: User, in tenant: TenantStore) async throws -> String {
        let token = SessionTokens.makeDevice(forms: store.forms)
        guard let digest = SessionTokens.deviceDigest(token, forms: store.forms) else { throw Missing() }
        try await tenant.devices.remember(
            digest, of: user.id, expiresAt: clock.wall().advanced(by: .hours(1)), at: clock.wall())
        return token
    }

    func hashesDone() -> UInt64 { hashes.metrics.done }
}

/// A value that a test needs was not there.
struct Missing: Error {}

func tenantID(_ text: String) throws -> TenantID {
    guard let id = TenantID(text) else { throw Missing() }
    return id
}

func clientAddress(_ text: String) throws -> ClientAddress {
    guard let address = ClientAddress(text) else { throw Missing() }
    return address
}

func normalized(_ password: String) throws -> NormalizedPassword {
    guard let password = NormalizedPassword(SecretBytes(copying: Array(password.utf8))) else { throw Missing() }
    return password
}

func entry(_ action: String, subject: UserID? = nil) -> AuditEntry {
    AuditEntry(action: action, actor: .operator, subject: subject)
}

extension PasswordLoginOutcome {
    /// The session that began; nil where none did.
    var session: SignedIn? {
        if case .signedIn(let session) = self { session } else { nil }
    }

    var isThrottled: Bool {
        if case .throttled = self { true } else { false }
    }
}
