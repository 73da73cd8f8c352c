import Core
import Proxy

extension ValueType where Value == ListenAddress {
    /// Where to listen: `[::]:8443` and `:8443` for both families, `127.0.0.1:8443`, port 0 for a free one.
    static var listenAddress: ValueType {
        let shape = ScalarShape(
            noun: "an address to listen on",
            allowed: "ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and IPv4; "
                + "port 0 takes a free one",
            json: .object([
                ("type", .string("string")), ("pattern", .string("^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]*):[0-9]{1,5}$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard let colon = text.lastIndex(of: ":") else {
                let isPort = HostText.port(text[...]) != nil
                let remedy: String? =
                    isPort
                    ? "did you mean \":\(text)\"?"
                    : ClientAddress(text).map { "did you mean \"\(ListenAddress(address: $0, port: 8443))\"?" }
                throw ScalarProblem("\(shown) has no port", remedy: remedy)
            }
            let host = String(text[..<colon])
            guard let port = HostText.port(text[colon...].dropFirst()) else {
                throw ScalarProblem("\(shown) has no valid port", allowed: "allowed: ports 0 to 65535")
            }
            let unspecified = ClientAddress(high: 0, low: 0)
            if host.isEmpty { return ListenAddress(address: unspecified, port: port, isDualStack: true) }
            if host.contains(":"), !host.hasPrefix("[") {
                throw ScalarProblem(
                    "\(shown) has an IPv6 address without brackets",
                    remedy: ClientAddress(host).map { "did you mean \"[\($0)]:\(port)\"?" })
            }
            guard let address = ClientAddress(host) else {
                let remedy: String? =
                    switch host {
                    case "*": "did you mean \":\(port)\"?"
                    case "localhost": "did you mean \"127.0.0.1:\(port)\"?"
                    default: nil
                    }
                throw ScalarProblem("\(shown) begins with no IP address", remedy: remedy)
            }
            return ListenAddress(address: address, port: port, isDualStack: address == unspecified)
        }
    }
}

extension ValueType where Value == AddressRange {
    /// A CIDR, or one address.
    static var addressRange: ValueType {
        let shape = ScalarShape(
            noun: "a network", allowed: "an address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32",
            json: .object([("type", .string("string")), ("pattern", .string("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            if let range = AddressRange(text) { return range }
            let shown = ShownText.quoted(text)
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let address = ClientAddress(String(first)) else {
                throw ScalarProblem("\(shown) is not an address or a network")
            }
            let longest = address.isIPv4 ? 32 : 128
            guard parts.count == 2, let prefix = DecimalText.number(parts[1]), prefix <= longest,
                String(prefix) == parts[1]
            else {
                throw ScalarProblem(
                    "\(shown) has no valid prefix length", allowed: "allowed: 0 to \(longest) behind the /")
            }
            throw ScalarProblem(
                "\(shown) has bits set behind its prefix",
                remedy:
                    "did you mean \"\(address.network(prefix: prefix))/\(prefix)\", or the one address \"\(address)\"?")
        }
    }
}
