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
}
