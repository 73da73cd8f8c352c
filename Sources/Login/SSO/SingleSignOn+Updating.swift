import Core
import HostCrypto
import Store

/// An account, brought up to what its provider says of it at each sign-in: address, name, roles, and that an invitation
/// was taken up.
extension SingleSignOn {
    /// - Returns: the user as the store has it now.
    /// - Throws: `StoreConflict`, `StoreFault`; what is durable by then is told all the same.
    func brought(
        _ user: User, upTo person: AssertedPerson, at place: SSOPlace, _ run: inout SSORun
    ) async throws -> User {
        var current = user
        var isChanged = false
        let (users, moment) = (place.store.users, now())
        defer { if isChanged { notify(.changed(user: user.id, of: place.tenant.id)) } }
        if current.state == .invited {
            current = try await users.update(
                user.id, audit: SSORecord.activated(user.id, by: place.name), at: moment
            ) { $0.state = .active }
            run.passed("the invitation is taken up")
        }
        if let name = person.name, name != current.name {
            current = try await users.update(
                user.id, audit: SSORecord.renamed(current, to: name, by: place.name), at: moment
            ) { $0.name = name }
            isChanged = true
        }
        if let roles = person.roles, Set(roles) != Set(current.roles) {
            if NormalizedEmail(current.email).map({ place.tenant.signIn.breakGlass.contains($0.text) }) ?? false {
                run.noted("the roles are other ones, and stay: the tenant's rule excepts the account")
            } else {
                current = try await users.update(
                    user.id, audit: SSORecord.rolesSet(user.id, roles, by: place.name), at: moment
                ) { $0.roles = roles }
                run.passed("the roles are \(roles.map(\.text).joined(separator: ", "))")
                isChanged = true
            }
        }
        do {
            if try await readdress(current, as: person, at: place, &run) {
                isChanged = true
                guard let fresh = try await users.find(user.id) else { throw StoreConflict.notFound }
                current = fresh
            }
        } catch {
            // The address may be durable without what comes after it.
            isChanged = true
            throw error
        }
        return current
    }

    /// Gives the account the address that the provider gives, where nobody has it and it is none that the tenant's rule
    /// excepts; nor is an account of such an address given another one.
    /// - Returns: whether it has another one now.
    private func readdress(
        _ user: User, as person: AssertedPerson, at place: SSOPlace, _ run: inout SSORun
    ) async throws -> Bool {
        guard let email = person.email, let old = NormalizedEmail(user.email), email != old else { return false }
        let excepted = place.tenant.signIn.breakGlass
        guard !excepted.contains(email.text), !excepted.contains(old.text) else {
            run.noted("the address is another one, and stays: the tenant's rule excepts one of both")
            return false
        }
        do {
            try await place.store.users.setEmail(
                person.typedEmail, of: user.id,
                audit: SSORecord.addressed(user, as: person.typedEmail, by: place.name), at: now())
        } catch StoreConflict.emailTaken {
            run.noted("the address is another one, which somebody else has: the former one stays")
            return false
        }
        run.passed("the address is another one now")
        return true
    }
}
