import Core
import Proxy

/// Two listeners cannot bind one address; the file says so before the kernel does.
struct ListenerChecks {
    let reader: ConfigurationReader

    /// Compares every address with those before it.
    func judge(_ addresses: [Located<ListenAddress>]) {
        for (index, address) in addresses.enumerated() {
            guard let earlier = addresses[..<index].first(where: { overlap($0.value, address.value) }) else { continue }
            reader.report(
                address, "\"\(address.value)\" is taken by \(earlier.path) already (\(earlier.position))",
                allowed: "each address and port once", remedy: "choose another port")
        }
    }

    /// The operations listener answers without asking who: a warning where others than this machine reach it.
    func judgeOperations(_ address: Located<ListenAddress>) {
        guard !address.value.address.isLoopback else { return }
        reader.warn(
            address,
            "\"\(address.value)\" is not this machine alone: probes and metrics are answered in clear to "
                + "whoever reaches it"
        )
    }

    /// Somebody must serve those who are sent to https, and somebody must be allowed to send PROXY headers.
    func judgePurposes(_ listeners: [ListenerEntry], hasTrustedProxies: Bool) {
        if let first = listeners.first, !listeners.contains(where: { $0.tls != nil || $0.servesInClear }) {
            reader.report(
                first.address, "no listener has tls, so that nobody is served",
                allowed: "allowed: redirect_to beside a listener with tls", remedy: "add one with tls")
        }
        guard !hasTrustedProxies else { return }
        for listener in listeners where listener.servesInClear {
            reader.report(
                listener.address,
                "cleartext is from trusted proxies, and trusted_proxies is empty, so that nobody is served",
                allowed: "allowed: cleartext with trusted_proxies",
                remedy: "list the balancers' addresses in trusted_proxies")
        }
        for listener in listeners where listener.takesProxyHeader && !listener.servesInClear {
            reader.report(
                listener.address, "proxy_protocol is on, and trusted_proxies is empty, so that nobody may come",
                allowed: "allowed: proxy_protocol with trusted_proxies",
                remedy: "list the balancers' addresses in trusted_proxies")
        }
    }

    private func overlap(_ one: ListenAddress, _ other: ListenAddress) -> Bool {
        guard one.port == other.port, one.port != 0 else { return false }
        if one.address == other.address || one.isDualStack || other.isDualStack { return true }
        let anyIPv4 = ClientAddress(ipv4: 0)
        return (one.address == anyIPv4 && other.address.isIPv4) || (other.address == anyIPv4 && one.address.isIPv4)
    }
}
