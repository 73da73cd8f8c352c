import Core
import HostCrypto
import SAML
import Store

/// Where a provider's word arrived: the connection, and the tenant as the store has it now.
struct SSOPlace: Sendable {
    let connection: SSOConnection
    let tenant: Tenant
    let store: TenantStore

    var name: ConnectionName { connection.settings.name }
    var entityID: String { connection.provider.entityID }
}

/// Whose account a provider's word is about (security rule 23): by the link alone, and never by an equal address where
/// anybody else could sign in to it.
extension SingleSignOn {
    enum AccountDecision: Sendable {
        case member(User)
        case pending(PendingLink, email: String)
    }

    /// - Throws: `SSORefusal`, `StoreConflict`, `StoreFault`.
    func account(
        of person: AssertedPerson, at place: SSOPlace, _ run: inout SSORun
    ) async throws -> AccountDecision {
        // 1. Whom the subject is linked with.
        if let user = try await linked(person, at: place) {
            run.user = user.id
            run.passed("it is linked with an account")
            try checkDomain(person.email ?? NormalizedEmail(user.email), at: place, &run)
            try check(user)
            let current = try await brought(user, upTo: person, at: place, &run)
            // Who unlinks before this is seen here, who does after it ends the epoch that was read.
            try await place.store.connections.noteUse(
                connection: place.name, entityID: place.entityID, subject: person.subject, at: now())
            return .member(current)
        }
        // 2. Who has the address.
        try checkDomain(person.email, at: place, &run)
        guard let email = person.email else { throw Self.emailMissing }
        guard let user = try await place.store.users.find(email: email) else {
            return .member(try await provisioned(person, email, at: place, &run))
        }
        run.user = user.id
        run.noted("an account has the address and is not linked with this subject")
        try check(user)
        let links = try await place.store.connections.links(of: user.id)
        guard !links.contains(where: { $0.connection == place.name }) else {
            throw SSORefusal(.accountLinked, "the account is linked with another subject of this provider")
        }
        // 3. Whether anybody but the provider could sign in to it.
        guard try await isOursToLink(user, email, links, at: place) else {
            run.noted("its member is asked to sign in once in another way")
            return .pending(
                PendingLink(
                    tenant: place.tenant.id, connection: place.name, entityID: place.entityID,
                    subject: person.subject, format: person.format, email: email.text, at: now()),
                email: user.email)
        }
        let current = try await link(user, person, at: place)
        run.passed("nobody else can sign in to it: it is linked, and what it had begun before is over")
        return .member(try await brought(current, upTo: person, at: place, &run))
    }

    private static let emailMissing = SSORefusal(.emailMissing, "the provider gives no address")

    /// The account that the subject is linked with; nil where there is none.
    func linked(_ person: AssertedPerson, at place: SSOPlace) async throws -> User? {
        let link = try await place.store.connections.link(
            connection: place.name, entityID: place.entityID, subject: person.subject)
        guard let link else { return nil }
        guard let user = try await place.store.users.find(link.user) else { throw StoreConflict.notFound }
        return user
    }

    /// An address is one of the connection's domains, whoever has it.
    /// - Throws: `SSORefusal`.
    func checkDomain(_ email: NormalizedEmail?, at place: SSOPlace, _ run: inout SSORun) throws(SSORefusal) {
        guard let email else { throw Self.emailMissing }
        guard place.connection.settings.domains(in: place.tenant).contains(email.domain) else {
            throw SSORefusal(.emailDomain, "the domain \(email.domain) is none of this connection's")
        }
        run.passed("the domain \(email.domain) is one of this connection's")
    }

    private func check(_ user: User) throws(SSORefusal) {
        guard user.state != .disabled else { throw SSORefusal(.accountDisabled, "the account is disabled") }
    }

    /// Whether the account may be linked without a word of its member: nothing that is there signs in to it, or may.
    /// Accounts that the tenant's rule excepts are apart, and so are those of another connection, and those whose member
    /// chose the address: it may be somebody else's at the provider.
    private func isOursToLink(
        _ user: User, _ email: NormalizedEmail, _ links: [AccountLink], at place: SSOPlace
    ) async throws -> Bool {
        let others = Set(connections.settings(of: place.tenant.id).map(\.name))
        guard !place.tenant.signIn.breakGlass.contains(email.text),
            !links.contains(where: { others.contains($0.connection) }),
            try await place.store.factors.all(of: user.id).addressChangedAt == nil
        else { return false }
        guard try await place.store.users.hasCredentials(of: user.id) else { return true }
        let plans = login.settings().plans
        return ![SignInMethod.password, .passkey].contains { plans.allows($0, for: email, in: place.tenant) }
    }

    /// Links an account that nobody proved to be the subject's: whoever was in it before is out of it.
    /// - Returns: the user as the store has it now.
    private func link(_ user: User, _ person: AssertedPerson, at place: SSOPlace) async throws -> User {
        do {
            try await place.store.connections.addLink(
                user.id, connection: place.name, entityID: place.entityID, subject: person.subject,
                format: person.format, endingSessions: true,
                audit: SSORecord.linked(
                    user.id, to: place.name, subject: person.subject, way: .domain, actor: .system),
                at: now())
        } catch StoreConflict.linkTaken {
            throw SSORefusal(.accountLinked, "the account, or the subject, was linked meanwhile")
        }
        notify(.ended(.user(user.id, of: place.tenant.id)))
        count { $0.linked += 1 }
        guard let current = try await place.store.users.find(user.id) else { throw StoreConflict.notFound }
        return current
    }

    /// A new account, where the connection makes them.
    private func provisioned(
        _ person: AssertedPerson, _ email: NormalizedEmail, at place: SSOPlace, _ run: inout SSORun
    ) async throws -> User {
        guard place.connection.settings.provisioning == .justInTime else {
            throw SSORefusal(.accountMissing, "nobody has the address, and no accounts are made (provisioning)")
        }
        guard !place.tenant.signIn.breakGlass.contains(email.text) else {
            throw SSORefusal(.accountMissing, "the address is one that the tenant's rule excepts: no account is made")
        }
        let user = User(
            roles: person.roles ?? [], email: person.typedEmail, name: person.name ?? person.typedEmail)
        let made: User
        do {
            made = try await place.store.connections.provision(
                user, email: email, connection: place.name, entityID: place.entityID, subject: person.subject,
                format: person.format,
                audit: [
                    SSORecord.provisioned(user.id, by: place.name),
                    SSORecord.linked(
                        user.id, to: place.name, subject: person.subject, way: .provisioned, actor: .system),
                ], at: now())
        } catch StoreConflict.emailTaken {
            throw SSORefusal(.emailTaken, "somebody else took the address meanwhile")
        } catch StoreConflict.linkTaken {
            throw SSORefusal(.accountChanged, "the subject was linked meanwhile")
        }
        run.user = made.id
        run.passed("an account was made")
        count { $0.provisioned += 1 }
        return made
    }
}

extension SSOProof {
    /// Bytes of the provider's name of its session, and of each qualifier.
    private static let longestText = 1024

    /// What of an assertion a session keeps.  Texts that no logout could carry back are left out.
    init(_ assertion: VerifiedAssertion, at place: SSOPlace, provedAt: WallTime) {
        let name = assertion.subject
        let format =
            name.format.utf8.count <= AssertedPerson.longestFormat ? name.format : NameIDFormat.unspecified.rawValue
        let least = [place.name.text, place.entityID, name.value, format].map(\.utf8.count).reduce(0, +)
        var room = Self.longest - least
        func kept(_ text: String?) -> String? {
            guard let text, !text.isEmpty, text.utf8.count <= min(Self.longestText, room) else { return nil }
            room -= text.utf8.count
            return text
        }
        let index = kept(assertion.sessionIndex)
        let (qualifier, own) = (kept(name.nameQualifier), kept(name.ownQualifier))
        self.init(
            connection: place.name, entityID: place.entityID, subject: name.value, format: format,
            nameQualifier: qualifier, ownQualifier: own, sessionIndex: index, provedAt: provedAt,
            endsAt: assertion.sessionEndsAt)
    }
}
