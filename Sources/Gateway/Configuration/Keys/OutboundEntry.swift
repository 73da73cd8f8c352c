import Core

extension OutboundSettings {
    static let allowedNetworksKey = DefaultedKey(
        "allowed_networks", ValueType<[AddressRange]>.set(of: .addressRange, count: 0...1000), default: "[]",
        "Networks inside, such as 10.1.0.0/16, that URLs of tenants' files may lead to all the same.")

    static let type = ValueType<OutboundSettings>.mapping([allowedNetworksKey]) { section, _ in
        OutboundSettings(allowedNetworks: section[allowedNetworksKey])
    }
}
