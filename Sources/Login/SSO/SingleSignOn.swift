public import Core
import HostCrypto
public import Store
import Synchronization

/// Signing in by a provider of the tenant's own, from our request to the account, and signing out both ways.
///
/// What a message of a provider is worth is `SAML`'s to say; whose account it is, and what a session of it is, is said
/// here.  Nothing of an attempt is kept on this side until its answer is used (security rules 10, 19–23).
public final class SingleSignOn: Sendable {
    /// What happened since the start.
    public struct Metrics: Sendable, Hashable {
        /// Requests that left for a provider.
        public internal(set) var begun: UInt64 = 0
        /// Answers that led on from their first factor.
        public internal(set) var signedIn: UInt64 = 0
        /// Members of sessions who proved anew who they are.
        public internal(set) var confirmed: UInt64 = 0
        /// Accounts that were connected with a provider's subject.
        public internal(set) var linked: UInt64 = 0
        /// Accounts that were made.
        public internal(set) var provisioned: UInt64 = 0
        /// Answers that led nowhere, by the code of their reason: one of `SSOReason` or `SAMLReason`.
        public internal(set) var refused: [String: UInt64] = [:]
        /// Answers to nothing that their browser began.
        public internal(set) var startedAgain: UInt64 = 0
        /// Answers that were thrown away, and asked for anew (`idp_initiated: restart`).
        public internal(set) var restarted: UInt64 = 0
        public internal(set) var logoutsSent: UInt64 = 0
        /// Requests of providers that were carried out.
        public internal(set) var logoutsReceived: UInt64 = 0

        /// Nothing has happened.
        public init() {}
    }

    let login: PasswordLogin
    let connections: SSOConnections
    let notify: @Sendable (SessionNotice) -> Void
    let now: @Sendable () -> WallTime
    let report: @Sendable (any Error) -> Void
    let recorder: FlightRecorder
    private let counts = Mutex(Metrics())

    /// - Parameters:
    ///   - login: goes on from the first factor; its `mayUse` says which connections are in use.
    ///   - notify: told of members whom a provider's word has changed, after the change is durable.
    ///   - report: told why something could not be done, for the log.
    public init(
        login: PasswordLogin, connections: SSOConnections,
        notify: @escaping @Sendable (SessionNotice) -> Void = { _ in }, now: @escaping @Sendable () -> WallTime,
        report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.login = login
        self.connections = connections
        self.notify = notify
        self.now = now
        self.report = report
        recorder = FlightRecorder(store: login.store, now: now, report: report)
    }

    public var metrics: Metrics { counts.withLock { $0 } }

    // MARK: Which connection

    /// The connections by which members of a tenant may sign in, in the order of its file.
    public func offers(at tenant: TenantID) -> [SSOOffer] {
        connections.settings(of: tenant).map { SSOOffer($0, of: tenant) }
    }

    /// Where an address leads before anything is proved.
    public func route(of email: NormalizedEmail, at tenant: TenantID) async -> SSORoute {
        let settings = connections.settings(of: tenant)
        guard !settings.isEmpty else { return .none }
        do {
            guard let known = try await login.store.tenants.find(tenant),
                let found = settings.first(where: { $0.domains(in: known).contains(email.domain) })
            else { return .none }
            let offer = SSOOffer(found, of: tenant)
            return known.signIn.ssoDomains == .enforced ? .enforced(offer) : .offered(offer)
        } catch {
            report(error)
            return .none
        }
    }

    /// The connection whose provider is asked at once at this host; nil for the login page.
    public func entry(at host: String, of tenant: TenantID) -> SSOOffer? {
        connections.settings(of: tenant).first { $0.hosts.contains(host) }.map { SSOOffer($0, of: tenant) }
    }

    // MARK: What a member has

    /// By which connection a session came; nil where it came by none, has ended, or the store cannot be asked.
    public func origin(of session: SessionHandle, in tenant: TenantID) async -> SessionOrigin? {
        guard let id = RowID(session.description) else { return nil }
        return await asked(of: tenant) { try await $0.connections.origin(of: id) } ?? nil
    }

    /// The connections that a member's account is connected with; none where the store cannot be asked.
    public func links(of user: UserID, in tenant: TenantID) async -> [ConnectionName] {
        await asked(of: tenant) { try await $0.connections.links(of: user).map(\.connection) } ?? []
    }

    private func asked<Value>(of tenant: TenantID, _ body: (TenantStore) async throws -> Value) async -> Value? {
        do {
            guard let (_, store) = try await login.store.openTenant(tenant) else { return nil }
            return try await body(store)
        } catch is StoreConflict {
            return nil
        } catch {
            report(error)
            return nil
        }
    }

    // MARK: Parts

    func count(_ change: (inout Metrics) -> Void) { counts.withLock { change(&$0) } }
}

extension ConnectionSettings {
    /// Whose members it signs in, as `NormalizedEmail.domain` spells it: of the tenant's domains those that it names, or
    /// all of them.
    func domains(in tenant: Tenant) -> [String] {
        emailDomains.isEmpty ? tenant.emailDomains : tenant.emailDomains.filter(emailDomains.contains)
    }
}
