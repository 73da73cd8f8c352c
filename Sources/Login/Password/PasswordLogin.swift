public import Core
import HostCrypto
public import Store
import Synchronization

/// The first factor by password, and the beginning and end of sessions.
///
/// A visitor learns from a refusal neither whether an account is there nor what is wrong with it: each try computes a
/// hash, writes one entry to an audit log and is answered on a fixed step (security rule 14).  Where the store cannot be
/// used nobody signs in.
public final class PasswordLogin: Sendable {
    /// How logins ended since the start.
    public struct Metrics: Sendable, Hashable {
        public internal(set) var signedIn: UInt64 = 0
        public internal(set) var choices: UInt64 = 0
        /// Passwords that were right and had to be changed first.
        public internal(set) var mustChange: UInt64 = 0
        /// Passwords that were right, after which a second factor was asked for.
        public internal(set) var secondFactor: UInt64 = 0
        /// Passwords that were right, after which a second factor had to be set up.
        public internal(set) var enrol: UInt64 = 0
        public internal(set) var refused: UInt64 = 0
        public internal(set) var throttled: UInt64 = 0
        public internal(set) var busy: UInt64 = 0
        public internal(set) var unavailable: UInt64 = 0
    }

    /// Without a tenant up to three hashes are computed, so answers leave on steps that are so many times as long.
    static let stepsWithoutTenant: UInt64 = 2

    /// How many steps lie between two moments at which answers leave: twice as many as the dearest hash costs of ours,
    /// where members have brought dearer ones along, so that a wrong password for one of them shows by no later answer,
    /// on a busy machine either.
    static func steps(dearest: HashWork?, ours: HashWork, hasTenant: Bool) -> UInt64 {
        let base = hasTenant ? 1 : stepsWithoutTenant
        guard let dearest, ours.microseconds > 0, dearest > ours else { return base }
        return base * UInt64((2 * dearest.microseconds + ours.microseconds - 1) / ours.microseconds)
    }

    let store: DataStore
    let throttle: LoginThrottle
    let hashes: PasswordHashQueue
    let settings: @Sendable () -> LoginSettings
    /// What a sign-in at a tenant is worth.
    let limits: @Sendable (TenantID) -> SessionSettings
    let now: @Sendable () -> WallTime
    let pacing: AnswerPacing
    /// Told of what administrators are to hear of; nil where nobody is.
    let alerts: AttackAlerts?
    /// Whom a second factor is asked of.
    let rules: FactorRules
    /// Whether a tenant's connection is in use.
    let mayUse: @Sendable (ConnectionName, TenantID) -> Bool
    let report: @Sendable (any Error) -> Void
    private let counts = Mutex(Metrics())

    /// - Parameters:
    ///   - limits: `settings`' own where nil.
    ///   - rules: whom a second factor is asked of, and for whom passkeys are made.
    ///   - mayUse: whether a tenant's connection is in use; where it is not, what its provider says is worth nothing.
    ///   - report: told why nobody could sign in, for the log; the visitor learns that it is so.
    public init(
        store: DataStore, throttle: LoginThrottle, hashes: PasswordHashQueue,
        settings: @escaping @Sendable () -> LoginSettings, now: @escaping @Sendable () -> WallTime,
        pacing: AnswerPacing, limits: (@Sendable (TenantID) -> SessionSettings)? = nil,
        alerts: AttackAlerts? = nil, rules: FactorRules = FactorRules(),
        mayUse: @escaping @Sendable (ConnectionName, TenantID) -> Bool = { _, _ in false },
        report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.throttle = throttle
        self.hashes = hashes
        self.settings = settings
        self.limits = limits ?? { _ in settings().session }
        self.now = now
        self.pacing = pacing
        self.alerts = alerts
        self.rules = rules
        self.mayUse = mayUse
        self.report = report
    }

    public var metrics: Metrics { counts.withLock { $0 } }

    /// First factor.  The same work, answer and time whether the account is there or not.
    public func signIn(_ request: consuming PasswordLoginRequest) async -> PasswordLoginOutcome {
        let begin = pacing.begin()
        // Where the store fails here it fails below, for everybody alike.
        let dearest = try? await store.dearHashes.dearest(of: request.tenant)
        let steps = Self.steps(dearest: dearest ?? nil, ours: hashes.cost.work, hasTenant: request.tenant != nil)
        let visit = LoginVisit(
            client: request.client, deviceToken: request.deviceToken, userAgent: request.userAgent, forms: store.forms,
            language: request.language, isRemembered: request.isRemembered)
        let (tenant, email) = (request.tenant, NormalizedEmail(request.email))
        let password = NormalizedPassword(request.password)
        return await answer(since: begin, steps: steps) {
            switch try await prove(email, password, tenant: tenant, visit) {
            case .ended(let outcome): return outcome
            case .proved(let members):
                guard let first = members.first, members.count == 1 else {
                    return .choose(members.map { TenantChoice(member: $0.member, name: $0.candidate.tenant.name) })
                }
                return try await proceed(first.member, MemberStanding(first.candidate), visit)
            }
        }
    }

    /// After `.choose`: goes on with one of the proved members, unless something changed since.
    public func begin(
        _ member: ProvedMember, client: ClientAddress, deviceToken: String?, userAgent: String,
        isRemembered: Bool = false
    ) async -> PasswordLoginOutcome {
        let visit = LoginVisit(
            client: client, deviceToken: deviceToken, userAgent: userAgent, forms: store.forms,
            isRemembered: isRemembered)
        return await answer(since: pacing.begin(), steps: 1) {
            guard let standing = try await standing(of: member) else { return .refused }
            return try await proceed(member, standing, visit)
        }
    }

    /// Ends one session (logout).  Audited; notifies nobody itself (the caller does).  A session that has ended before
    /// is no error.
    /// - Throws: `StoreFault`; `StoreConflict.notFound` where there is no such tenant.
    public func signOut(_ session: SessionHandle, of tenant: TenantID, user: UserID) async throws {
        guard let id = RowID(session.description) else { return }
        let tenantStore = try await store.tenant(tenant)
        do {
            try await tenantStore.sessions.revoke(id, audit: LoginRecord.loggedOut(user, session: session), at: now())
        } catch StoreConflict.notFound {
            return
        }
    }

    /// Success leaves at once, everything else on its step.
    func answer(
        since begin: MonotonicInstant, steps: UInt64, _ body: () async throws -> PasswordLoginOutcome
    ) async -> PasswordLoginOutcome {
        let outcome = await settled(body) { $0 }
        await finish(outcome, since: begin, steps: steps)
        return outcome
    }

    /// What came of a step.  A store that fails lets nobody in; a conflict is a race with a change that the member has
    /// lost.
    /// - Parameter ended: what an end of the login is there.
    func settled<Outcome>(
        _ body: () async throws -> Outcome, ended: (PasswordLoginOutcome) -> Outcome
    ) async -> Outcome {
        do {
            return try await body()
        } catch is StoreConflict {
            return ended(.refused)
        } catch {
            report(error)
            return ended(.unavailable)
        }
    }

    /// Counts an outcome, and holds it back where it is no success.
    func finish(_ outcome: PasswordLoginOutcome, since begin: MonotonicInstant, steps: UInt64 = 1) async {
        counts.withLock { $0.note(outcome) }
        switch outcome {
        case .signedIn, .choose, .mustChange, .secondFactor, .enrol: break
        case .refused, .throttled, .busy, .unavailable: await pacing.hold(since: begin, steps: steps)
        }
    }
}

extension PasswordLogin.Metrics {
    fileprivate mutating func note(_ outcome: PasswordLoginOutcome) {
        switch outcome {
        case .signedIn: signedIn += 1
        case .choose: choices += 1
        case .mustChange: mustChange += 1
        case .secondFactor: secondFactor += 1
        case .enrol: enrol += 1
        case .refused: refused += 1
        case .throttled: throttled += 1
        case .busy: busy += 1
        case .unavailable: unavailable += 1
        }
    }
}

/// Where a login comes from.
struct LoginVisit: Sendable {
    let client: ClientAddress
    let deviceToken: String?
    let userAgent: String
    /// Nil without a device token that was made here.
    let device: TokenDigest?
    /// Of the page; empty where it is not known.
    let language: String
    /// Asks to stay signed in.
    let isRemembered: Bool

    init(_ visit: FactorVisit, forms: FormSeal) {
        self.init(
            client: visit.client, deviceToken: visit.deviceToken, userAgent: visit.userAgent, forms: forms,
            language: visit.language, isRemembered: visit.isRemembered)
    }

    init(
        client: ClientAddress, deviceToken: String?, userAgent: String, forms: FormSeal, language: String = "",
        isRemembered: Bool = false
    ) {
        self.language = language
        self.isRemembered = isRemembered
        self.client = client
        self.deviceToken = deviceToken
        self.userAgent = userAgent
        device = deviceToken.flatMap { SessionTokens.deviceDigest($0, forms: forms) }
    }
}
