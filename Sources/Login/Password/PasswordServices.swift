public import Core
import HostCrypto
public import Store

/// What every way to set a password needs: the store, the throttle, the policy, hashes, mails.
public struct PasswordServices: Sendable {
    public let store: DataStore
    public let throttle: LoginThrottle
    public let hashes: PasswordHashQueue
    /// `login`, as it is in force.
    public let settings: @Sendable () -> LoginSettings
    /// What passwords must be, as it is in force.
    public let policy: @Sendable () -> PasswordPolicy
    /// Makes links and posts mails.
    public let post: LinkPost
    public let now: @Sendable () -> WallTime
    /// Never jumps.
    public let clock: @Sendable () -> MonotonicInstant
    /// Told why something could not be done, for the log.
    public let report: @Sendable (any Error) -> Void

    public init(
        store: DataStore, throttle: LoginThrottle, hashes: PasswordHashQueue,
        settings: @escaping @Sendable () -> LoginSettings, policy: @escaping @Sendable () -> PasswordPolicy,
        post: LinkPost, now: @escaping @Sendable () -> WallTime,
        clock: @escaping @Sendable () -> MonotonicInstant, report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.throttle = throttle
        self.hashes = hashes
        self.settings = settings
        self.policy = policy
        self.post = post
        self.now = now
        self.clock = clock
        self.report = report
    }

    /// Whether a member may have a password at all, by the tenant's rule and plan (security rule 19).
    func admitsPassword(_ tenant: Tenant, _ user: User) -> Bool {
        guard let email = NormalizedEmail(user.email) else { return false }
        return settings().plans.allows(.password, for: email, in: tenant)
    }

    /// Whether mails can be sent.
    public var hasMail: Bool { post.mail() != nil }
}

// MARK: A new password

/// What became of a password that somebody wants to set.
enum JudgedPassword: Sendable {
    case hashed(Argon2id.EncodedHash)
    /// It breaks a rule.
    case refused(PasswordVerdict)
    /// No hash could be computed in time.
    case busy(retryAfter: Milliseconds)
}

extension PasswordServices {
    /// When to come again where hashes are wanted by too many.
    static let busyWait = Milliseconds.seconds(5)

    /// Holds a password against the policy and hashes it where no rule is broken.
    /// - Parameter mustDiffer: it may not be the current one, whatever the policy says of former ones.
    func judge(
        _ typed: consuming SecretBytes, of user: User, in tenant: Tenant, for client: ClientAddress,
        mustDiffer: Bool = false
    ) async -> JudgedPassword {
        let owner = PasswordOwner(
            name: user.name, email: user.email, tenantName: tenant.name, hosts: tenant.hosts)
        var policy = policy()
        if mustDiffer { policy = policy.remembering(atLeast: 1) }
        let verdict: PasswordVerdict
        do {
            verdict = try await policy.judge(typed, of: owner, former: user.passwordHashes, clock: clock) {
                [hashes] password, hash in
                switch await hashes.verify(password, against: [hash], for: client, isKnownDevice: true) {
                case .done(let fits): return fits == [true]
                case .busy: throw PasswordPolicy.Busy()
                }
            }
        } catch {
            return .busy(retryAfter: Self.busyWait)
        }
        guard let password = verdict.accepted else { return .refused(verdict) }
        switch await hashes.hash(password, for: client) {
        case .done(let hash): return .hashed(hash)
        case .busy(let retryAfter): return .busy(retryAfter: retryAfter)
        }
    }
}

extension PasswordPolicy {
    /// The same policy, by which at least so many former passwords do not come back.
    func remembering(atLeast count: Int) -> PasswordPolicy {
        guard settings.history < count else { return self }
        var settings = settings
        settings.history = count
        return PasswordPolicy(settings: settings, common: common, breaches: breaches)
    }
}
