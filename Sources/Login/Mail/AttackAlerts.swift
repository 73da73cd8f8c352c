public import Core
public import Store
import Synchronization

/// Tells the administrators of a tenant by mail that its members' passwords are being guessed.
///
/// Logins only note what they see; the mails are written by `flush`, so that nobody's sign-in waits for them.
public final class AttackAlerts: Sendable {
    /// The role of those who are told.
    public static let role = "admin"
    /// Administrators of one tenant that are told, at most.
    public static let mostRecipients = 20
    /// Accounts of one address, and addresses of one account, that are counted; further ones are not told apart.
    public static let mostNames = AttackWatch.mostNames
    /// The word that the store remembers the last alert by.
    static let subject = "logins"

    private let store: DataStore
    private let settings: @Sendable () -> LoginSettings
    private let now: @Sendable () -> WallTime
    private let watch = Mutex(AttackWatch())

    public init(
        store: DataStore, settings: @escaping @Sendable () -> LoginSettings, now: @escaping @Sendable () -> WallTime
    ) {
        self.store = store
        self.settings = settings
        self.now = now
    }

    /// A password was wrong.
    func failed(_ user: UserID, of tenant: TenantID, from address: ClientAddress) {
        let (text, moment) = (text(address), now())
        watch.withLock { $0.failed(.init(tenant: tenant, user: user), from: text, at: moment) }
    }

    /// An address was refused because of all its failures.
    func drained(_ address: ClientAddress) {
        let (text, moment) = (text(address), now())
        watch.withLock { $0.drained(text, at: moment) }
    }

    /// An account's strangers have to wait.
    func slowed(_ user: UserID, of tenant: TenantID) {
        let moment = now()
        watch.withLock { $0.slowed(.init(tenant: tenant, user: user), at: moment) }
    }

    /// Writes the mails whose time has come.
    /// - Throws: `StoreFault`; those of other tenants are written all the same.
    public func flush() async throws {
        let moment = now()
        let due = watch.withLock { $0.due(at: moment) }
        guard let mail = settings().mail else { return }
        var fault: (any Error)?
        for (tenant, alert) in due {
            do {
                try await post(alert, to: tenant, mail, at: moment)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
    }

    private func post(
        _ alert: AttackWatch.Alert, to id: TenantID, _ mail: MailSettings, at moment: WallTime
    ) async throws {
        guard let role = RoleName(Self.role), let (_, tenant) = try await store.openTenant(id),
            let notice = try await notice(alert, tenant)
        else { return }
        var letters: [(letter: Letter, user: UserID)] = []
        for user in try await tenant.users.active(with: role, limit: Self.mostRecipients) {
            let language = try await tenant.outbox.language(of: user.id) ?? mail.language
            letters.append((notice.letter(to: user.email, language: language, now: moment), user.id))
        }
        guard !letters.isEmpty else { return }
        let outcome = try await tenant.outbox.postAlert(
            letters, about: Self.subject, every: AttackWatch.interval, at: moment)
        if case .tooEarly(let last) = outcome { watch.withLock { $0.wasTold(id, at: last) } }
    }

    private func notice(_ alert: AttackWatch.Alert, _ tenant: TenantStore) async throws -> MailNotice? {
        switch alert.subject {
        case .address(let address):
            return .loginsThrottled(
                address: address, failures: alert.failures, accounts: alert.names, since: alert.since,
                others: alert.others)
        case .account(let user):
            guard let email = try await tenant.users.find(user)?.email else { return nil }
            return .accountAttacked(
                account: email, failures: alert.failures, addresses: alert.names, since: alert.since,
                others: alert.others)
        }
    }

    private func text(_ address: ClientAddress) -> String {
        ThrottleKey.text(address, ipv6Prefix: settings().throttle.ipv6Prefix)
    }
}
