import Access
import Core
import HostCrypto
import Login
import Portal
import Proxy
import Store
import Synchronization

/// The durable half of a running gateway: the store, who signs in with it, and what loops and portal ask of it.
///
/// It exists before the listeners do, and is closed after them.
final class GatewayData: Sendable {
    let store: DataStore
    let book: TenantBook
    let monitor = StoreMonitor()
    let notices: SessionNotices
    let throttle: LoginThrottle
    let hashes: PasswordHashQueue
    let login: PasswordLogin
    let breaches: BreachCheck
    let breachReports = BreachReports()
    let signingKey: ES256PrivateKey
    /// What the operator should know about the master key's file.
    let warnings: [String]
    private let settings: CurrentSettings

    /// `login` as the last reload left it.
    private final class CurrentSettings: Sendable {
        private let login: Mutex<LoginSettings>
        init(_ settings: LoginSettings) { login = Mutex(settings) }
        var value: LoginSettings {
            get { login.withLock { $0 } }
            set { login.withLock { $0 = newValue } }
        }
    }

    /// Opens the store under the configured master key and reads what must be in memory.
    /// - Parameter lock: the data folder's, where another process shares it.
    /// - Throws: `GatewayServer.StartFailure`.
    static func open(_ settings: GatewaySettings, lock: Int32? = nil) async throws -> GatewayData {
        do {
            let reading = try MasterKeyFile.read(settings.store.masterKeyFile)
            let store = try await DataStore.open(
                folder: settings.store.directory, masterKey: reading.key, lock: lock, at: Clocks.wall())
            do {
                return try await GatewayData(store, settings.login, warnings: reading.warnings)
            } catch {
                try? await store.close()
                throw error
            }
        } catch let fault as StoreFault {
            throw GatewayServer.StartFailure(fault)
        }
    }

    private init(_ store: DataStore, _ initial: LoginSettings, warnings: [String]) async throws {
        let (settings, book) = (CurrentSettings(initial), TenantBook())
        (self.store, self.settings, self.book, self.warnings) = (store, settings, book, warnings)
        notices = SessionNotices(store: store, book: book)
        throttle = LoginThrottle(store: store.throttles, settings: { settings.value.throttle }, now: Clocks.wall)
        try await throttle.load()
        hashes = PasswordHashQueue(clock: Clocks.monotonic)
        login = PasswordLogin(
            store: store, throttle: throttle, hashes: hashes, settings: { settings.value }, now: Clocks.wall,
            pacing: AnswerPacing(clock: Clocks.monotonic),
            report: { [monitor] in monitor.note($0, at: Clocks.monotonic()) })
        breaches = BreachCheck(report: { [breachReports] in breachReports.note($0) })
        signingKey = try await store.signingKeys.current(at: Clocks.wall())
    }

    /// `login`, as it is now.
    var loginSettings: @Sendable () -> LoginSettings { { [settings] in settings.value } }

    /// What the pages around signing in need.
    var portalServices: PortalServices {
        let jwk = signingKey.publicKey.jwk
        var services = PortalServices(
            login: login, forms: store.forms, settings: loginSettings, tenantName: { [book] in book.name(of: $0) },
            notify: { [notices] in notices.send($0) }, signingKeys: { [jwk] }, now: Clocks.wall)
        services.tenantOfDomain = { [book] in book.tenant(ofDomain: $0) }
        return services
    }

    /// How passwords are judged and hashed: on the hash threads, whatever the way they come.
    var passwords: PasswordSetting {
        PasswordSetting(
            policy: { [settings, breaches] in
                PasswordPolicy(
                    settings: settings.value.password, common: PasswordSetting.commonPasswords, breaches: breaches)
            },
            hash: { [hashes] password in
                switch await hashes.hash(password, for: nil) {
                case .done(let hash): return hash
                case .busy: throw Argon2id.Fault.outOfMemory
                }
            },
            compare: { [hashes] password, hash in
                switch await hashes.verify(
                    password, against: [hash], for: ClientAddress(high: 0, low: 1), isKnownDevice: true)
                {
                case .done(let fits): return fits == [true]
                case .busy: throw PasswordPolicy.Busy()
                }
            }, clock: Clocks.monotonic)
    }

    /// The operator's API, which commands speak with over the control socket.
    /// - Parameters:
    ///   - sharedHosts: hosts that no tenant may own.
    ///   - tenantsChanged: returns when every loop has been told.
    func operatorAPI(
        sharedHosts: @escaping @Sendable () -> [String], tenantsChanged: @escaping @Sendable () async -> Void
    ) -> OperatorAPI {
        OperatorAPI(
            store: store, throttle: throttle,
            seams: OperatorAPI.Seams(
                catalogue: { [book] in book.catalogue }, sharedHosts: sharedHosts,
                ownership: { [book] in book.places(of: $0) },
                passwords: passwords, notify: { [notices] in notices.send($0) }, tenantsChanged: tenantsChanged,
                now: Clocks.wall))
    }

    /// Where loops find sessions.
    func sessions(isEnding: @escaping @Sendable (SessionHandle) -> Bool) -> SessionSource {
        SessionSource(
            store: store, book: book, monitor: monitor, settings: { [settings] in settings.value.session },
            isEnding: isEnding, now: { (Clocks.wall(), Clocks.monotonic()) })
    }

    // MARK: Configuration

    /// What the access settings will be once the tenants' files are applied; nothing is changed yet.
    /// - Throws: `GatewayServer.StartFailure.configuration` where two claim one host or domain; `StoreFault`.
    func preview(_ fresh: GatewaySettings) async throws -> (access: AccessSettings, warnings: [String]) {
        let tenants = TenantFileApplication.preview(fresh.tenantFiles, on: try await store.allTenants())
        if let conflict = TenantFileApplication.conflict(among: tenants) {
            throw GatewayServer.StartFailure.configuration(Self.words(conflict))
        }
        return fresh.access.with(tenants)
    }

    /// Brings the store's tenants to what their files say, and takes the settings over.
    /// - Throws: `GatewayServer.StartFailure.configuration` where two claim one host or domain; `StoreFault`.
    func take(_ fresh: GatewaySettings) async throws {
        do {
            _ = try await TenantFileApplication.apply(fresh.tenantFiles, to: store, at: Clocks.wall())
        } catch let conflict as StoreConflict {
            throw GatewayServer.StartFailure.configuration(Self.words(conflict))
        }
        _ = try await refresh(fresh)
        settings.value = fresh.login
    }

    /// Reads the store's tenants anew, after one was made or changed.
    func refresh(_ current: GatewaySettings) async throws -> (access: AccessSettings, warnings: [String]) {
        let tenants = try await store.allTenants()
        let places = Dictionary(
            current.tenantFiles.map { ($0.id, $0.shownPlaces) }, uniquingKeysWith: { $1 })
        book.replace(tenants: tenants, catalogue: current.access.roles, places: places)
        return current.access.with(tenants)
    }

    private static func words(_ conflict: StoreConflict) -> String {
        switch conflict {
        case .hostTaken(let host):
            "the host \(host) of a tenant's file belongs to another tenant in the store; `gatehouse tenant list` says to which; take it away there, or from the file"
        case .domainTaken(let domain):
            "the e-mail domain \(domain) of a tenant's file belongs to another tenant in the store; `gatehouse tenant list` says to which; take it away there, or from the file"
        default: "the tenants' files cannot be applied: \(conflict)"
        }
    }

    // MARK: Sessions

    /// Writes last uses, which loops tell once a minute.
    func write(_ uses: [SessionUse]) async {
        let (wall, monotonic) = (Clocks.wall(), Clocks.monotonic())
        for (tenant, uses) in Dictionary(grouping: uses, by: \.tenant) {
            let rows = uses.compactMap { use in
                RowID(use.handle.description).map { id in
                    (id, WallTime(milliseconds: wall.milliseconds - Int64(monotonic.since(use.at).count)))
                }
            }
            await note { try await self.store.tenant(tenant).sessions.touch(rows) }
        }
    }

    /// Ends a session because its application said so.
    /// - Returns: true where it has ended, false where that could not be written now.
    func endByApplication(_ session: SessionHandle, of tenant: TenantID) async -> Bool {
        guard let id = RowID(session.description) else { return true }
        let entry = AuditEntry(
            action: "logout", actor: .system,
            publicDetails: [.init("session", session.description), .init("by", "application")])
        do {
            try await store.tenant(tenant).sessions.revoke(id, audit: entry, at: Clocks.wall())
            monitor.noteWritten()
        } catch is StoreConflict {
            // It has ended before, or its tenant has gone.
        } catch {
            monitor.note(error, at: Clocks.monotonic())
            return false
        }
        notices.send(.ended(.handle(session)))
        return true
    }

    /// Does something with the store and tells the monitor how it went.
    func note(_ body: @Sendable () async throws -> Void) async {
        do {
            try await body()
            monitor.noteWritten()
        } catch {
            monitor.note(error, at: Clocks.monotonic())
        }
    }
}

extension GatewayServer.StartFailure {
    /// What the operator reads where the store cannot be opened.
    init(_ fault: StoreFault) {
        switch fault {
        case .masterKeyMissing, .masterKeyMalformed, .masterKeyExposed, .masterKeyExists, .masterKeyDiffers:
            self = .configuration("encryption.master_key_file: \(fault)")
        case .databaseMissing, .databaseCorrupt, .databaseMisplaced, .databaseNotAuthentic, .schemaTooNew,
            .recordNotAuthentic, .keyMissing:
            self = .data("store: \(fault)")
        case .diskFull, .inputOutput, .locked, .statementFailed, .closed: self = .unavailable("store: \(fault)")
        }
    }
}
