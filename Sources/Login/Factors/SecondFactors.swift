public import Core
import Store
import Synchronization

/// Second factors: asked for at sign-in, set up, proved anew within a session, changed and reset.
///
/// A guess costs its account a token before it is looked at, whoever makes it and wherever; a right one puts its own
/// back and no more.  Guesses are possible only after the right first factor, and whoever is guessed at hears of it
/// (security rule 16).
public final class SecondFactors: Sendable {
    /// What happened since the start, by factor.
    public struct Metrics: Sendable, Hashable {
        /// Right proofs, at sign-in and within sessions.
        public internal(set) var proved: [Factor: UInt64] = [:]
        public internal(set) var wrong: [Factor: UInt64] = [:]
        /// Proofs that were not looked at.
        public internal(set) var throttled: [Factor: UInt64] = [:]
        public internal(set) var added: [Factor: UInt64] = [:]
        public internal(set) var removed: [Factor: UInt64] = [:]
        /// Enrolment codes that were mailed.
        public internal(set) var codesMailed: UInt64 = 0
        /// Enrolment codes that were wrong.
        public internal(set) var codesWrong: UInt64 = 0
        /// Members whose factors were reset.
        public internal(set) var resets: UInt64 = 0
    }

    let login: PasswordLogin
    let services: PasswordServices
    let account: MemberAccount
    let resetting: FactorResetting
    private let counts = Mutex(Metrics())

    /// - Parameter login: by whose `FactorRules` a second factor is asked for and passkeys are made.
    public init(login: PasswordLogin, services: PasswordServices) {
        self.login = login
        self.services = services
        resetting = FactorResetting(store: services.store, mail: services.post.mail, now: services.now)
        account = MemberAccount(store: services.store, settings: services.settings, now: services.now)
    }

    public var metrics: Metrics { counts.withLock { $0 } }

    /// For whom a tenant's passkeys are made; nil where it has none.
    public func realm(of tenant: TenantID) -> PasskeyRealm? { login.rules.realm(tenant) }

    // MARK: Parts

    func count(_ change: (inout Metrics) -> Void) { counts.withLock { change(&$0) } }

    func visit(_ visit: FactorVisit) -> LoginVisit { LoginVisit(visit, forms: services.store.forms) }

    /// The letter that tells a member something, in the language of the devices that the account knows; none where no
    /// mail can be sent.
    /// - Parameter visit: whose page's language counts where the account has none yet.
    func letters(
        _ notice: MailNotice, to standing: MemberStanding, _ visit: LoginVisit? = nil
    ) async throws -> [Letter] {
        guard let mail = services.post.mail() else { return [] }
        return try await notice.letters(
            to: standing.user, in: standing.store, page: visit?.language ?? "", mail, now: services.now())
    }
}

extension MailNotice {
    /// The letter to a member, in the language of the devices that the account knows.
    /// - Parameter page: the language of a page that the member sees; it counts where the account has none yet.
    func letters(
        to user: User, in store: TenantStore, page: String = "", _ mail: MailSettings, now: WallTime
    ) async throws -> [Letter] {
        let known = try await store.outbox.language(of: user.id)
        return [letter(to: user.email, language: known ?? (page.isEmpty ? mail.language : page), now: now)]
    }
}
