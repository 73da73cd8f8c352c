import Access
public import Core
import HTTPTypes
public import Login
public import Store

/// The JSON API below `/.gatehouse/api/v1/`, as far as whoever runs Gatehouse uses it: tenants, users, sessions,
/// throttles, passwords, keys, the store.
///
/// The command line is a client of it, over the control socket or in its own process, so that what a command does is
/// written once.  In this version it exists for the operator alone; everybody else meets a missing page.
///
/// Every change is committed with its audit entry and durable before it is answered; then those who hold copies are
/// told.
public struct OperatorAPI: Sendable {
    /// What every path begins with.
    public static let prefix = "/.gatehouse/api/v1"

    /// Resets a user's second factors: `SecondFactors.reset`, by an operator.
    public typealias FactorResetter =
        @Sendable (_ user: UserID, _ tenant: TenantID, _ printsCode: Bool) async throws -> FactorReset

    /// What the API needs of the rest of Gatehouse.
    public struct Seams: Sendable {
        /// The names of the roles that every tenant has.
        public var catalogue: @Sendable () -> [RoleName]
        /// Hosts that no tenant may own: `public_url`'s and `shared_hosts`.
        public var sharedHosts: @Sendable () -> [String]
        /// The keys of a tenant that its file owns, each with its place: `config/tenants/acme.yaml:3`.
        public var ownership: @Sendable (TenantID) -> [String: String]
        /// What a password must be, and how it is hashed.
        public var passwords: PasswordSetting
        /// Where links lead.
        public var origin: @Sendable () -> PortalOrigin
        /// What each plan includes.
        public var plans: @Sendable () -> PlanBook
        /// Tells the event loops what has happened to sessions.
        public var notify: @Sendable (SessionNotice) -> Void
        /// Tells that tenants have changed; returns when it has been taken note of.
        public var tenantsChanged: @Sendable () async -> Void
        /// The clock.
        public var now: @Sendable () -> WallTime
        /// `mail`, as it is in force; nil where none is configured.
        public var mail: @Sendable () -> MailSettings?
        /// Takes everything away that a user could prove besides the password, with a code for the next enrolment where
        /// it is asked for; nil does it on the store alone, uncounted.
        public var resetFactors: FactorResetter?
        /// The connections of every tenant, those that are not in use included, as tenants' files say them.
        public var connectionSettings: @Sendable (TenantID) -> [ConnectionSettings] = { _ in [] }
        /// Those that are in use; nil where there is none.
        public var connections: SSOConnections?

        public init(
            catalogue: @escaping @Sendable () -> [RoleName], sharedHosts: @escaping @Sendable () -> [String],
            ownership: @escaping @Sendable (TenantID) -> [String: String],
            origin: @escaping @Sendable () -> PortalOrigin, passwords: PasswordSetting,
            plans: @escaping @Sendable () -> PlanBook = { PlanBook() },
            notify: @escaping @Sendable (SessionNotice) -> Void,
            tenantsChanged: @escaping @Sendable () async -> Void, now: @escaping @Sendable () -> WallTime,
            mail: @escaping @Sendable () -> MailSettings? = { nil }, resetFactors: FactorResetter? = nil
        ) {
            self.catalogue = catalogue
            self.sharedHosts = sharedHosts
            self.ownership = ownership
            self.passwords = passwords
            self.origin = origin
            self.plans = plans
            self.notify = notify
            self.tenantsChanged = tenantsChanged
            self.now = now
            self.mail = mail
            self.resetFactors = resetFactors
        }
    }

    let store: DataStore
    let throttle: LoginThrottle
    let seams: Seams
    var passwords: PasswordSetting { seams.passwords }

    /// - Parameters:
    ///   - store: open.
    ///   - throttle: the one that counts, its counters loaded.
    public init(store: DataStore, throttle: LoginThrottle, seams: Seams) {
        self.store = store
        self.throttle = throttle
        self.seams = seams
    }

    /// The lines of the portal's routing table.
    public var routes: [PortalRoute] {
        endpoints.map { endpoint in
            PortalRoute([endpoint.method], Self.prefix + endpoint.pattern, permission: .operator) {
                request, parameters in
                await answer(request, parameters, endpoint)
            }
        }
    }

    var endpoints: [APIEndpoint] {
        tenantEndpoints + userEndpoints + invitationEndpoints + factorEndpoints + importEndpoints + sessionEndpoints
            + connectionEndpoints + throttleEndpoints + passwordEndpoints + storeEndpoints
    }

    /// Asks the endpoint, and turns what it throws into a problem.
    private func answer(
        _ request: PortalRequest, _ parameters: [String: String], _ endpoint: APIEndpoint
    ) async -> PortalResponse? {
        // The router has looked already; a table that forgot its permission would open nothing.
        guard case .operator = request.caller else { return nil }
        let call = APICall(request: request, parameters: parameters)
        do {
            return try await endpoint.handle(call).response
        } catch {
            return APIProblem(APIRefusal(error), requestID: request.requestID).response
        }
    }
}

/// One method at one path.
struct APIEndpoint: Sendable {
    let method: HTTPRequest.Method
    let pattern: String
    let handle: @Sendable (APICall) async throws -> APIAnswer

    init(
        _ method: HTTPRequest.Method, _ pattern: String,
        _ handle: @escaping @Sendable (APICall) async throws -> APIAnswer
    ) {
        self.method = method
        self.pattern = pattern
        self.handle = handle
    }
}
