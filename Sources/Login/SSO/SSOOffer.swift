public import Core

/// A connection by which somebody may sign in, as pages show it.
public struct SSOOffer: Sendable, Hashable {
    public let tenant: TenantID
    public let name: ConnectionName
    /// On the button.
    public let displayName: String
    /// The provider asks for a second factor, and its word counts.
    public let countsAsMFA: Bool

    public init(tenant: TenantID, name: ConnectionName, displayName: String, countsAsMFA: Bool = false) {
        self.tenant = tenant
        self.name = name
        self.displayName = displayName
        self.countsAsMFA = countsAsMFA
    }

    init(_ settings: ConnectionSettings, of tenant: TenantID) {
        self.init(
            tenant: tenant, name: settings.name, displayName: settings.displayName, countsAsMFA: settings.countsAsMFA)
    }
}

/// Where an address leads before anything is proved.  It is judged by the domain alone, so that it says nothing of an
/// account: an address that the tenant's rule excepts leads where its neighbours' do.
public enum SSORoute: Sendable, Hashable {
    /// No connection is responsible.
    case none
    /// One is, and other ways stay.
    case offered(SSOOffer)
    /// One is, and there is no other way.
    case enforced(SSOOffer)
}
