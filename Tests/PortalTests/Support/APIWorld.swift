import Access
import Core
import Foundation
import HTTPTypes
import HostCrypto
import Login
import Store
import Synchronization
import Testing

@testable import Portal

/// The folder of all data folders, gone when the tests end.
private let root: String = {
    let path = NSTemporaryDirectory() + "gatehouse-api-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return path
}()

/// A store of its own with the operator's API in front, and a record of whom it told what.
final class APIWorld: Sendable {
    struct Told {
        var notices: [SessionNotice] = []
        var tenantChanges = 0
        var hashes = 0
    }

    /// What the API's seams were told; they hold it, and not this world, which holds them.
    private final class Record: Sendable {
        private let told = Mutex(Told())

        func note(_ change: (inout Told) -> Void) { told.withLock { change(&$0) } }

        func taken() -> Told {
            told.withLock { told in
                defer { told = Told() }
                return told
            }
        }
    }

    let store: DataStore
    let api: OperatorAPI
    private let record: Record
    private let router: PortalRouter

    /// - Parameters:
    ///   - ownership: keys of `acme` that a file owns.
    ///   - isHashingBusy: no password can be hashed.
    ///   - passwords: what passwords must be.
    ///   - hasMail: mails are configured, in German.
    ///   - formerPassword: every hash is this one's, or that of one as long.
    init(
        ownership: [String: String] = [:], isHashingBusy: Bool = false,
        passwords: PasswordSettings = PasswordSettings(), formerPassword: String? = nil, hasMail: Bool = false
    ) async throws {
        store = try await DataStore.open(folder: root + "/" + UUID().uuidString, masterKey: MasterKey(), at: moment(0))
        let record = Record()
        self.record = record
        api = OperatorAPI(
            store: store,
            throttle: LoginThrottle(store: store.throttles, settings: { ThrottleSettings() }, now: { moment(10) }),
            seams: OperatorAPI.Seams(
                catalogue: { ["user", "admin"].compactMap { RoleName($0) } }, sharedHosts: { ["app.example.org"] },
                ownership: { $0.text == "acme" ? ownership : [:] },
                origin: { PortalOrigin(publicHost: "app.example.org", port: 8443) },
                passwords: PasswordSetting(
                    policy: {
                        PasswordPolicy(
                            settings: passwords, common: PasswordSetting.commonPasswords, breaches: BreachCheck())
                    },
                    hash: { _ in
                        if isHashingBusy { throw Argon2id.Fault.outOfMemory }
                        record.note { $0.hashes += 1 }
                        return try #require(sampleHash)
                    },
                    compare: { password, _ in
                        if isHashingBusy { throw Argon2id.Fault.outOfMemory }
                        return password.withOctets { octets in
                            octets.withBytes { $0.byteCount } == formerPassword?.utf8.count
                        }
                    }, clock: { MonotonicInstant(milliseconds: 1) }),
                notify: { notice in record.note { $0.notices.append(notice) } },
                tenantsChanged: { record.note { $0.tenantChanges += 1 } }, now: { moment(10) },
                mail: { hasMail ? MailSettings(language: "de", publicHost: "app.example.org") : nil }))
        router = PortalRouter(routes: api.routes, refusals: RefusalResponder(pages: try pages()))
    }

    /// What was told since the last question.
    func told() -> Told { record.taken() }

    /// Asks below the API's prefix.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, as caller: PortalCaller = .operator,
        type: String = "application/json"
    ) async -> PortalResponse {
        var asked = request(
            method, OperatorAPI.prefix + path, fields: [.contentType: type], body: Array((json ?? "").utf8))
        asked.caller = caller
        return await router.response(to: asked)
    }

    /// Makes a tenant, straight in the store.
    @discardableResult
    func makeTenant(
        _ id: String = "acme", hosts: [String] = [], roles: [String] = [], ownedKeys: [String] = []
    ) async throws -> TenantStore {
        let id = try #require(TenantID(id))
        _ = try await store.createTenant(
            Tenant(
                id: id, name: "Acme GmbH", hosts: hosts, ownRoles: roles.compactMap { RoleName($0) },
                keysOwnedByFile: ownedKeys),
            audit: AuditEntry(action: "tenant.created", actor: .system), at: moment(1))
        return try await store.tenant(id)
    }
}

/// So many seconds after the tests' epoch.
func moment(_ seconds: Int64) -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + 1000 * seconds) }

/// A hash that costs nothing to make.
let sampleHash = Argon2id.EncodedHash(
    "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms")

extension TenantStore {
    /// A user with harmless defaults.
    func makeUser(
        _ email: String = "erika@acme.example", state: User.State = .active, roles: [String] = []
    ) async throws -> User {
        let user = User(
            state: state, roles: roles.compactMap { RoleName($0) }, email: email, name: "Erika Musterfrau")
        return try await users.create(
            user, password: sampleHash, audit: AuditEntry(action: "user.created", actor: .system), at: moment(2))
    }

    /// A session that ends a thousand seconds after the tests' epoch.
    func makeSession(_ user: User, token: UInt8 = 1, expiresAt: WallTime = moment(1000)) async throws -> StoredSession {
        try await sessions.create(
            user: user.id, token: try #require(TokenDigest([UInt8](repeating: token, count: 32))),
            factors: [ProvedFactor(.password, at: moment(3))], expiresAt: expiresAt, client: "Firefox",
            audit: AuditEntry(action: "session.began", actor: .system), at: moment(Int64(token))
        )
        .session
    }

    /// Takes the letters that wait.
    func letters(at now: WallTime) async throws -> [Letter] {
        var letters: [Letter] = []
        while let taken = try await outbox.take(
            at: now, until: WallTime(milliseconds: now.milliseconds + 1_000_000))
        {
            letters.append(taken.letter)
        }
        return letters
    }

    /// The last entry of the audit log.
    func lastEntry() async throws -> AuditRecord { try #require(try await audit.entries().last) }
}

extension PortalResponse {
    /// The body as a resource.
    func read<Resource: Decodable>(_ type: Resource.Type) throws -> Resource {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The body as a problem, whose status is the answer's.
    func problem() throws -> APIProblem {
        let problem = try read(APIProblem.self)
        #expect(problem.status == head.status.code)
        #expect(head.headerFields[.contentType] == "application/problem+json")
        return problem
    }
}
