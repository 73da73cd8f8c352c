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
    /// Second factors of sign-ins, sessions and accounts.
    let factors: SecondFactors
    /// Links, resets and changes of passwords.
    let passwordFlows: PasswordFlows
    let breaches: BreachCheck
    let breachReports = BreachReports()
    /// Tells administrators of attacks.
    let alerts: AttackAlerts
    /// Takes mails to the mail server.
    let postman: Postman
    let mailReports = MailReports()
    /// Sign-ins by identity providers.
    let sso: SSOParts
    let connectionJobs: ConnectionJobs
    let signingKey: ES256PrivateKey
    /// What the operator should know about the master key's file.
    let warnings: [String]
    let settings: CurrentSettings

    /// Opens the store under the configured master key and reads what must be in memory.
    /// - Parameter lock: the data folder's, where another process shares it.
    /// - Throws: `GatewayServer.StartFailure`.
    static func open(_ settings: GatewaySettings, lock: Int32? = nil) async throws -> GatewayData {
        do {
            let reading = try MasterKeyFile.read(settings.store.masterKeyFile)
            let store = try await DataStore.open(
                folder: settings.store.directory, masterKey: reading.key, lock: lock, at: Clocks.wall())
            do {
                return try await GatewayData(store, settings, warnings: reading.warnings)
            } catch {
                try? await store.close()
                throw error
            }
        } catch let fault as StoreFault {
            throw GatewayServer.StartFailure(fault)
        }
    }

    private init(_ store: DataStore, _ initial: GatewaySettings, warnings: [String]) async throws {
        let book = TenantBook()
        let settings = CurrentSettings(initial, connections: { book.connections })
        (self.store, self.settings, self.book, self.warnings) = (store, settings, book, warnings)
        notices = SessionNotices(store: store, book: book)
        throttle = LoginThrottle(store: store.throttles, settings: { settings.value.throttle }, now: Clocks.wall)
        try await throttle.load()
        hashes = PasswordHashQueue(clock: Clocks.monotonic)
        alerts = AttackAlerts(store: store, settings: { settings.value }, now: Clocks.wall)
        postman = try MailRoom.postman(
            store, delivery: { settings.mail }, settings: { settings.value.mail },
            report: { [monitor, mailReports] report in
                if case .storeFailing(let error) = report { monitor.note(error, at: Clocks.monotonic()) }
                mailReports.note(report)
            })
        let connecting = SSOParts.connections(store, book, settings)
        let connections = connecting.parts
        login = PasswordLogin(
            store: store, throttle: throttle, hashes: hashes, settings: { settings.value }, now: Clocks.wall,
            pacing: AnswerPacing(clock: Clocks.monotonic),
            limits: { settings.value.session.narrowed(by: book.sessionSettings(of: $0)) }, alerts: alerts,
            rules: FactorRules(
                realm: { book.passkeyRealm(of: $0, plans: settings.value.plans) },
                roles: { book.roles(of: $1, in: $0.id) }),
            mayUse: { name, tenant in connections.settings(of: tenant).contains { $0.name == name } },
            report: { [monitor] in monitor.note($0, at: Clocks.monotonic()) })
        let breaches = BreachCheck(report: { [breachReports] in breachReports.note($0) })
        self.breaches = breaches
        let services = PasswordServices(
            store: store, throttle: throttle, hashes: hashes, settings: { settings.value },
            policy: { Self.policy(settings.value.password, breaches) },
            post: LinkPost(origin: { settings.origin }, mail: { settings.value.mail }, now: Clocks.wall),
            now: Clocks.wall, clock: Clocks.monotonic,
            report: { [monitor] in monitor.note($0, at: Clocks.monotonic()) })
        passwordFlows = PasswordFlows(login: login, services: services)
        factors = SecondFactors(login: login, services: services)
        sso = SSOParts(connecting, login, notices: notices, monitor: monitor)
        connectionJobs = ConnectionJobs(connections)
        signingKey = try await store.signingKeys.current(at: Clocks.wall())
    }

    /// `login`, as it is now.
    var loginSettings: @Sendable () -> LoginSettings { { [settings] in settings.value } }

    /// What a sign-in at a tenant is worth, as it is now.
    private var sessionSettings: @Sendable (TenantID) -> SessionSettings {
        { [settings, book] in settings.value.session.narrowed(by: book.sessionSettings(of: $0)) }
    }

    /// What the pages around signing in need.
    var portalServices: PortalServices {
        let jwk = signingKey.publicKey.jwk
        var services = PortalServices(
            login: login, forms: store.forms, settings: loginSettings, tenantName: { [book] in book.name(of: $0) },
            notify: { [notices] in notices.send($0) }, signingKeys: { [jwk] }, now: Clocks.wall)
        services.tenantOfDomain = { [book] in book.tenant(ofDomain: $0) }
        services.hosts = { [book] in book.hosts }
        services.handoff = SessionHandoff(store: store, now: Clocks.wall)
        services.sessionSettings = sessionSettings
        services.brand = { [book] in book.brand(of: $0) }
        services.logo = { [book] in book.logo(named: $0) }
        services.account = MemberAccount(store: store, settings: loginSettings, now: Clocks.wall)
        services.passwords = passwordFlows
        services.factors = factors
        services.passkeyOrigins = { [book] in book.passkeyOrigins(of: $0) }
        services.applicationCookies = { [settings] in settings.applicationCookies.names(at: $0) }
        add(sso, to: &services)
        return services
    }

    /// How passwords are judged and hashed: on the hash threads, whatever the way they come.
    var passwords: PasswordSetting {
        PasswordSetting(
            policy: { [settings, breaches] in Self.policy(settings.value.password, breaches) },
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

    /// What passwords must be.
    private static func policy(_ settings: PasswordSettings, _ breaches: BreachCheck) -> PasswordPolicy {
        PasswordPolicy(settings: settings, common: PasswordSetting.commonPasswords, breaches: breaches)
    }

    /// The operator's API, which commands speak with over the control socket.
    /// - Parameters:
    ///   - sharedHosts: hosts that no tenant may own.
    ///   - tenantsChanged: returns when every loop has been told.
    func operatorAPI(
        sharedHosts: @escaping @Sendable () -> [String], tenantsChanged: @escaping @Sendable () async -> Void
    ) -> OperatorAPI {
        var seams = OperatorAPI.Seams(
            catalogue: { [book] in book.catalogue }, sharedHosts: sharedHosts,
            ownership: { [book] in book.places(of: $0) },
            origin: { [settings] in settings.origin }, passwords: passwords,
            plans: { [settings] in settings.value.plans }, notify: { [notices] in notices.send($0) },
            tenantsChanged: tenantsChanged, now: Clocks.wall, mail: { [settings] in settings.value.mail },
            resetFactors: { [factors] in try await factors.reset($0, of: $1, printsCode: $2, by: .operator) })
        seams.connectionSettings = { [book] in book.connections.settings(of: $0) }
        seams.connections = sso.connections
        return OperatorAPI(store: store, throttle: throttle, seams: seams)
    }

    /// Where loops find sessions.
    func sessions(isEnding: @escaping @Sendable (SessionHandle) -> Bool) -> SessionSource {
        SessionSource(
            store: store, book: book, monitor: monitor, grace: SecondFactorGrace(store: store, book: book),
            limits: sessionSettings, isEnding: isEnding, now: { (Clocks.wall(), Clocks.monotonic()) })
    }

    // MARK: Configuration

    /// What the access settings will be once the tenants' files are applied; nothing is changed yet.
    /// - Throws: `GatewayServer.StartFailure.configuration` where two claim one host or domain; `StoreFault`.
    func preview(_ fresh: GatewaySettings) async throws -> (access: AccessSettings, warnings: [String]) {
        let tenants = TenantFileApplication.preview(fresh.tenantFiles, on: try await store.allTenants())
            .map(fresh.login.plans.limited)
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
        settings.take(fresh)
        sso.connections.askFailingAnew()
        connectionJobs.hurry()
    }

    /// Reads the store's tenants anew, after one was made or changed.
    func refresh(_ current: GatewaySettings) async throws -> (access: AccessSettings, warnings: [String]) {
        let tenants = try await store.allTenants().map(current.login.plans.limited)
        let places = Dictionary(
            current.tenantFiles.map { ($0.id, $0.shownPlaces) }, uniquingKeysWith: { $1 })
        let access = current.access.with(tenants)
        let before = standingConnections(settings.value.plans)
        book.replace(
            tenants: tenants, access: access.access, places: places,
            presentations: TenantPresentation.of(current.tenantFiles))
        await endSessions(ofConnectionsGoneSince: before, plans: current.login.plans)
        connectionJobs.hurry()
        return access
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
