import Core

/// Addresses that are nobody's on the public Internet, so that an address in a tenant's word must not lead there
/// (security rule 29): this machine, its networks, and what stands in front of them (RFC 6890 and IANA's registries of
/// special-purpose addresses).
enum ReservedAddresses {
    private static let ranges: [AddressRange] = [
        // IPv4: this network, private use, shared by carriers, loopback, link-local, protocol assignments,
        // documentation, 6to4 relays, benchmarks, multicast, and what is reserved or broadcast.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        // IPv6: unspecified, loopback and IPv4-compatible, local translation, discard, protocol assignments with Teredo,
        // documentation, segment routing, unique local, link-local, site-local and multicast.
        "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { AddressRange($0) }

    /// 64:ff9b::/96 (RFC 6052): the last four bytes are an IPv4 address.
    private static let translated = AddressRange("64:ff9b::/96")
    /// 2002::/16 (RFC 3056): bytes three to six are one.
    private static let sixToFour = AddressRange("2002::/16")

    /// Whether the address, or the IPv4 address within it, is reserved.
    static func contains(_ address: ClientAddress) -> Bool {
        guard !ranges.contains(where: { $0.contains(address) }) else { return true }
        if let translated, translated.contains(address) {
            return contains(ClientAddress(ipv4: UInt32(truncatingIfNeeded: address.low)))
        }
        if let sixToFour, sixToFour.contains(address) {
            return contains(ClientAddress(ipv4: UInt32(truncatingIfNeeded: address.high >> 16)))
        }
        return false
    }
}
