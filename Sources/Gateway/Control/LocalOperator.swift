import Access
import Core
import Dispatch
import HTTPTypes
import HostCrypto
import Login
import Portal
import Store
import Synchronization

/// The API in the command's own process, on a data folder that no server holds: the same handlers, behind the same
/// router.
///
/// Its methods block the calling thread, which is the command's main thread and none of Swift's pool.
struct LocalOperator {
    private let store: DataStore
    private let router: PortalRouter

    /// Takes the lock, opens the folder and applies the tenants' files, as a server does at its start.
    /// - Throws: `StoreFault`, `OperatorFault`.
    init(settings: GatewaySettings, masterKey: MasterKey) throws {
        let now: @Sendable () -> WallTime = { WallTime(milliseconds: WallClock.milliseconds) }
        let pages = try PortalPages(sha256: SHA256Digest.bytes)
        let throttling = settings.login.throttle
        let book = TenantBook()
        let current = CurrentSettings(settings, connections: { book.connections })
        let (store, throttle) = try Self.wait {
            let store = try await DataStore.open(
                folder: settings.store.directory, masterKey: masterKey, openTenants: 8, at: now())
            do {
                _ = try await TenantFileApplication.apply(settings.tenantFiles, to: store, at: now())
                let tenants = try await store.allTenants().map(settings.login.plans.limited)
                book.replace(
                    tenants: tenants, access: settings.access.with(tenants).access, places: [:],
                    presentations: TenantPresentation.of(settings.tenantFiles))
                let throttle = LoginThrottle(store: store.throttles, settings: { throttling }, now: now)
                try await throttle.load()
                return (store, throttle)
            } catch {
                try? await store.close()
                throw error
            }
        }
        var seams = OperatorAPI.Seams(
            catalogue: { settings.catalogueRoles }, sharedHosts: { settings.hostsOfNoTenant },
            ownership: { settings.ownership(of: $0) },
            origin: { settings.portalOrigin },
            passwords: PasswordSetting(judgingBy: settings.login.password), plans: { current.value.plans },
            // Without a server there are no loops that hold copies.
            notify: { _ in }, tenantsChanged: {}, now: now,
            // The next server sends what a command writes.
            mail: { settings.login.mail })
        seams.connectionSettings = { book.connections.settings(of: $0) }
        seams.connections = SSOParts.connections(store, book, current).parts
        let api = OperatorAPI(store: store, throttle: throttle, seams: seams)
        self.store = store
        router = PortalRouter(routes: api.routes, refusals: RefusalResponder(pages: pages))
    }

    /// Asks the handlers.
    func send(_ request: OperatorRequest) throws -> OperatorAnswer {
        var asked = PortalRequest(
            method: request.method, scheme: "https", authority: "localhost",
            path: OperatorAPI.prefix + request.target,
            fields: [("accept", "application/json"), ("content-type", "application/json")],
            client: ClientAddress(high: 0, low: 1), requestID: "command")
        asked.body = request.body
        asked.caller = .operator
        let response = try Self.wait { [router, asked] in await router.response(to: asked) }
        return OperatorAnswer(status: Int(response.statusCode), body: response.body)
    }

    /// Gives the folder free.
    func close() {
        try? Self.wait { [store] in try await store.close() }
    }

    /// Blocks until the body has ended.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let done = DispatchSemaphore(value: 0)
        Task {
            do {
                let value = try await body()
                outcome.result.withLock { $0 = .success(value) }
            } catch {
                outcome.result.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        guard let result = outcome.result.withLock({ $0 }) else {
            throw OperatorFault(.internalFault, "a task ended without an outcome")
        }
        return try result.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }
}
