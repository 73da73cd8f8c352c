import Core

/// What is kept with a session of the browser that began it: where it was, and what it says of itself.
public struct SessionClient: Hashable, Sendable {
    /// Empty where none was kept.
    public let address: String
    /// Empty where the browser said nothing.
    public let userAgent: String

    /// Reads what `text` wrote.
    public init(_ text: String) {
        guard let blank = text.firstIndex(of: " ") else {
            (address, userAgent) = ClientAddress(text) == nil ? ("", text) : (text, "")
            return
        }
        let first = String(text[..<blank])
        guard ClientAddress(first) != nil else {
            (address, userAgent) = ("", text)
            return
        }
        (address, userAgent) = (first, String(text[text.index(after: blank)...]))
    }

    /// As it is kept.
    static func text(_ address: ClientAddress, _ userAgent: String) -> String {
        userAgent.isEmpty ? "\(address)" : "\(address) \(userAgent)"
    }

    /// The network alone, for everybody but the member: IPv4 as /24, IPv6 as /48.
    public var maskedAddress: String {
        guard let read = ClientAddress(address) else { return "" }
        let prefix = read.isIPv4 ? 24 : 48
        return "\(read.network(prefix: prefix))/\(prefix)"
    }
}
