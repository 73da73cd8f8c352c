import Core
import HostCrypto
import Store

/// Somebody whom an address may mean: a user of one tenant.
struct LoginCandidate: Sendable {
    let tenant: Tenant
    let store: TenantStore
    let user: User
    /// Nil where the user cannot sign in by password, whatever was typed.
    let hash: PasswordHash?
    /// Why there is none, for the audit log.
    let bar: String?

    /// They could sign in if they had one.
    static let withoutPassword = "password-missing"
}

/// Who may be meant, before any proof; nothing of it is ever told.
///
/// Where an address is known in more tenants than are tried at once, each try begins at one of them by chance, so that
/// members reach all of theirs by trying again, on a shared host too.  Such a try costs the throttle as much as any
/// other though some were not tried: guesses were made against those who were, and a try that is free because an
/// address is known in many tenants would be a guess that is free.
struct LoginCandidates: Sendable {
    /// Passwords that are verified for one login, at most.
    static let longest = 3
    /// Tenants that are asked for the address, at most.
    static let tenantsAsked = 8

    /// Those whose password may be verified.
    var able: [LoginCandidate] = []
    /// Those who are there and cannot sign in.
    var barred: [LoginCandidate] = []
    /// The tenant that is meant though nobody of that address is there.
    var home: TenantStore?

    /// Asks the tenant that is named; else the one that the address's domain belongs to; else those that the directory's
    /// index knows for the address.
    /// - Parameter start: any number; which of many tenants is asked first.
    /// - Throws: `StoreFault`.
    static func find(
        _ email: NormalizedEmail?, tenant named: TenantID?, in store: DataStore, plans: PlanBook,
        start: UInt64 = SecureRandom.number()
    ) async throws -> Self {
        var found = LoginCandidates()
        guard let email else {
            if let named { found.home = try await store.openTenant(named)?.store }
            return found
        }
        let asked: [TenantID]
        if let named {
            asked = [named]
        } else if let tenant = try await store.tenants.find(emailDomain: email.domain) {
            asked = [tenant.id]
        } else {
            asked = rotated(try await store.members.tenants(of: email), by: start)
        }
        for id in asked.prefix(tenantsAsked) where found.able.count < longest {
            guard let (tenant, tenantStore) = try await store.openTenant(id) else { continue }
            if asked.count == 1 { found.home = tenantStore }
            guard let user = try await tenantStore.users.find(email: email) else { continue }
            let candidate = candidate(user, email, tenant, tenantStore, plans)
            if candidate.hash == nil { found.barred.append(candidate) } else { found.able.append(candidate) }
        }
        // Whoever chooses among them finds them in the same order each time.
        found.able.sort { $0.tenant.id.text < $1.tenant.id.text }
        return found
    }

    /// The tenants from one of them on, round to the one before it.
    private static func rotated(_ tenants: [TenantID], by start: UInt64) -> [TenantID] {
        guard tenants.count > longest else { return tenants }
        let first = Int(start % UInt64(tenants.count))
        return Array(tenants[first...] + tenants[..<first])
    }

    private static func candidate(
        _ user: User, _ email: NormalizedEmail, _ tenant: Tenant, _ store: TenantStore, _ plans: PlanBook
    ) -> LoginCandidate {
        let hash = user.passwordHash
        let bar: String? =
            switch (tenant.state, user.state) {
            case (.suspended, _): "tenant-suspended"
            case (.ended, _): "tenant-ended"
            case (.active, .invited): "user-invited"
            case (.active, .disabled): "user-disabled"
            case (.active, .active):
                if !plans.allows(.password, for: email, in: tenant) {
                    "method-not-allowed"
                } else {
                    hash == nil ? LoginCandidate.withoutPassword : nil
                }
            }
        return LoginCandidate(tenant: tenant, store: store, user: user, hash: bar == nil ? hash : nil, bar: bar)
    }
}
