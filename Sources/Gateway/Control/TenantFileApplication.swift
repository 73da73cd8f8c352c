import Core
import Store

/// Brings the store's tenants to what their files say: at start, at reload, and before a command works without a
/// server.
enum TenantFileApplication {
    /// Sets the keys that files name, makes tenants that only a file knows, and frees the keys of files that have
    /// gone; all of it or nothing.
    /// - Returns: the tenants that were made or changed.
    /// - Throws: `StoreConflict.hostTaken`, `.domainTaken`; `StoreFault`.
    static func apply(
        _ claims: [TenantFileClaims], to store: DataStore, at now: WallTime
    ) async throws -> [TenantID] {
        let named = Set(claims.map(\.id))
        var wanted: [(id: TenantID, change: @Sendable (inout Tenant) -> Void)] = claims.map { claim in
            (claim.id, { claim.apply(to: &$0) })
        }
        for tenant in try await store.allTenants() where !tenant.keysOwnedByFile.isEmpty && !named.contains(tenant.id) {
            wanted.append((tenant.id, { TenantFileClaims.free(&$0) }))
        }
        return try await store.apply(wanted, at: now)
    }

    /// What `apply` would make of these tenants.
    static func preview(_ claims: [TenantFileClaims], on tenants: [Tenant]) -> [Tenant] {
        var byID = Dictionary(tenants.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let named = Set(claims.map(\.id))
        for tenant in tenants where !tenant.keysOwnedByFile.isEmpty && !named.contains(tenant.id) {
            var freed = tenant
            TenantFileClaims.free(&freed)
            byID[tenant.id] = freed
        }
        for claim in claims {
            var tenant = byID[claim.id] ?? claim.newTenant
            claim.apply(to: &tenant)
            byID[claim.id] = tenant
        }
        return byID.values.sorted { $0.id.text < $1.id.text }
    }

    /// The first host or e-mail domain that two of them claim; nil where there is none.
    static func conflict(among tenants: [Tenant]) -> StoreConflict? {
        var (hosts, domains): (Set<String>, Set<String>) = ([], [])
        for tenant in tenants {
            for host in tenant.hosts where !hosts.insert(host).inserted { return .hostTaken(host) }
            for domain in tenant.emailDomains where !domains.insert(domain).inserted { return .domainTaken(domain) }
        }
        return nil
    }
}
