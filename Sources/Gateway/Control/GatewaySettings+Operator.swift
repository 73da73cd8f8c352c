import Access
import Core
import Login

/// What the operator's API asks of the configuration.
extension GatewaySettings {
    /// The names of the roles that every tenant has.
    var catalogueRoles: [RoleName] { access.roles.map(\.name) }

    /// Hosts that no tenant may own.
    var hostsOfNoTenant: [String] { access.hostsOfNoTenant }

    /// Where links lead for tenants without a host of their own, and by which port for all.
    var portalOrigin: PortalOrigin { PortalOrigin(publicHost: access.publicHost, port: access.publicPort) }

    /// The keys of a tenant that its file owns, each with file and line.
    func ownership(of tenant: TenantID) -> [String: String] {
        tenantFiles.first { $0.id == tenant }?.shownPlaces ?? [:]
    }
}

extension TenantFileClaims {
    /// The keys that the file owns, each with file and line.
    var shownPlaces: [String: String] { places.mapValues { "\($0.file):\($0.line)" } }
}
