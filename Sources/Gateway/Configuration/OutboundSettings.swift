public import Core

/// `outbound`: what tenants' files may have fetched.
public struct OutboundSettings: Sendable, Hashable {
    /// `allowed_networks`: networks inside that URLs of tenants' files may lead to; all others that are loopback,
    /// link-local, private or otherwise not public are refused (security rule 29).
    public var allowedNetworks: [AddressRange]

    /// None unless given.
    public init(allowedNetworks: [AddressRange] = []) { self.allowedNetworks = allowedNetworks }
}
