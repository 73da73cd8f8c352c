public import Core

/// `HOST:PORT:ADDRESS`: where a host is looked for instead of where its name leads, as curl's `--resolve` says it.
public struct ResolveOverride: Sendable, Hashable, CustomStringConvertible {
    public let host: CanonicalHost
    public let port: UInt16
    public let address: ClientAddress

    public init(host: CanonicalHost, port: UInt16, address: ClientAddress) {
        self.host = host
        self.port = port
        self.address = address
    }

    /// Reads `HOST:PORT:ADDRESS`, an IPv6 address with or without brackets; nil for anything else, lists of addresses and
    /// curl's wildcards included.
    public init?(_ text: String) {
        guard let first = text.firstIndex(of: ":"),
            let second = text[text.index(after: first)...].firstIndex(of: ":"),
            let host = CanonicalHost(String(text[..<first])),
            let port = UInt16(text[text.index(after: first)..<second]), port > 0,
            let address = ClientAddress(String(text[text.index(after: second)...]))
        else { return nil }
        self.init(host: host, port: port, address: address)
    }

    /// As libcurl reads it.
    public var description: String {
        let text = "\(address)"
        return "\(host.text):\(port):\(text.contains(":") ? "[\(text)]" : text)"
    }
}
