public import Core
public import Store

/// Asking for a mail to set a forgotten password anew.
///
/// The answer is given before anybody is looked up, so it is the same, and as quick, for every address (security rules
/// 14 and 17); who may have it is found out behind it.
public final class PasswordReset: Sendable {
    /// What whoever asked learns.
    public enum Answer: Sendable, Hashable {
        /// It is looked after, whatever comes of it.
        case accepted
        /// Too many were asked for from there.
        case throttled(retryAfter: Milliseconds)
        /// Too many wait to be looked after.
        case busy(retryAfter: Milliseconds)
        /// No mail can be sent.
        case withoutMail
    }

    /// Somebody asks.
    public struct Request: Sendable, Hashable {
        /// The tenant of the host, or the one that the address names; nil for any.
        public let tenant: TenantID?
        public let email: NormalizedEmail
        public let client: ClientAddress
        /// The page's language, which the mail has too.
        public let language: String

        public init(tenant: TenantID?, email: NormalizedEmail, client: ClientAddress, language: String) {
            self.tenant = tenant
            self.email = email
            self.client = client
            self.language = language
        }
    }

    /// When to come again where too many wait.
    static let busyWait = Milliseconds.seconds(10)

    let services: PasswordServices
    private let errands: BoundedErrands

    /// - Parameter bound: requests that wait to be looked after, at most.
    public init(services: PasswordServices, bound: Int = BoundedErrands.standardBound) {
        self.services = services
        errands = BoundedErrands(bound: bound)
    }

    /// Whether mails can be sent.
    public var hasMail: Bool { services.hasMail }

    /// Takes a request in.
    public func ask(_ request: Request) -> Answer {
        guard services.hasMail else { return .withoutMail }
        let attempt = ResetAttempt(address: request.client, tenant: request.tenant, email: request.email)
        if case .refused(let retryAfter) = services.throttle.reserve(attempt) {
            return .throttled(retryAfter: retryAfter)
        }
        let isTaken = errands.add { [self] in
            do {
                try await lookAfter(request)
            } catch {
                services.report(error)
            }
        }
        return isTaken ? .accepted : .busy(retryAfter: Self.busyWait)
    }

    /// Returns when everything that was taken in has been looked after; before the store is closed.
    public func settle() async { await errands.settle() }

    /// Sends links to everybody who is meant, at most three, and one entry to an audit log where there is nobody.
    private func lookAfter(_ request: Request) async throws {
        let found = try await LoginCandidates.find(
            request.email, tenant: request.tenant, in: services.store, plans: services.settings().plans)
        let meant = found.able + found.barred.filter(\.isWithoutPassword)
        for candidate in meant.prefix(LoginCandidates.longest) { try await send(to: candidate, request) }
        guard meant.isEmpty else { return }
        if let barred = found.barred.first {
            let entry = LinkRecord.refused(
                barred.user.id, reason: barred.bar ?? "user-barred", client: request.client)
            try await barred.store.audit.append(entry, at: services.now())
        } else {
            let log = found.home?.audit ?? services.store.audit
            try await log.append(LinkRecord.refusedUnknown(client: request.client), at: services.now())
        }
    }

    private func send(to candidate: LoginCandidate, _ request: Request) async throws {
        let (user, tenant) = (candidate.user, candidate.tenant)
        guard services.throttle.admits(mailTo: user.id, of: tenant.id) else {
            let entry = LinkRecord.refused(user.id, reason: "mails-exhausted", client: request.client)
            return try await candidate.store.audit.append(entry, at: services.now())
        }
        do {
            _ = try await services.post.issue(
                .passwordReset, to: user, of: tenant, in: candidate.store, language: request.language,
                audit: LinkRecord.asked(user.id, client: request.client))
        } catch is StoreConflict {
            // The user has changed since.
        }
    }
}

extension LoginCandidate {
    /// They could sign in by password if they had one.
    fileprivate var isWithoutPassword: Bool { bar == LoginCandidate.withoutPassword }
}
