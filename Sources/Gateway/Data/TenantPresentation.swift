import Core
import HostCrypto
import Login
import Portal

/// What a tenant's file says that the store does not keep: it is the file's alone, and goes with it.
struct TenantPresentation: Sendable {
    /// What is shorter there than in gatehouse.yaml.
    var session: TenantSessionSettings?
    /// How the portal's pages look.
    var brand: PageBrand?
    /// The identity providers by which its members sign in.
    var connections: [ConnectionSettings] = []

    /// By tenant; those whose file says nothing of it are left out.
    static func of(_ files: [TenantFileClaims]) -> [TenantID: TenantPresentation] {
        var found: [TenantID: TenantPresentation] = [:]
        for file in files where file.session != nil || file.branding != nil || !file.connections.isEmpty {
            found[file.id] = TenantPresentation(
                session: file.session, brand: file.branding.map { PageBrand($0, sha256: SHA256Digest.bytes) },
                connections: file.connections)
        }
        return found
    }
}
