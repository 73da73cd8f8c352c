public import Store

/// Where links in mails lead: the tenant's first host, whatever host a request names (security rule 17).
public struct PortalOrigin: Sendable, Hashable {
    /// `public_url`'s host, for tenants without a host of their own.
    public var publicHost: String
    /// `public_url`'s port; 443 is not written.
    public var port: UInt16

    public init(publicHost: String, port: UInt16 = 443) {
        self.publicHost = publicHost
        self.port = port
    }

    /// The page that takes a link up.
    func link(_ token: LinkToken, for purpose: LinkPurpose, of tenant: Tenant) -> String {
        let host = tenant.hosts.first ?? publicHost
        return "https://\(host)\(port == 443 ? "" : ":\(port)")\(Self.path(of: purpose))?token=\(token.text)"
    }

    /// The page's path.
    public static func path(of purpose: LinkPurpose) -> String {
        switch purpose {
        case .invitation: "/.gatehouse/invitation"
        case .passwordReset: "/.gatehouse/password/reset"
        }
    }
}
