import CLinux

/// Names to addresses, by the host's resolver (getaddrinfo(3)).  Blocks: never called on a loop.
public enum Resolver {
    /// Most addresses of one name that are used.
    public static let mostAddresses = 16

    /// The addresses of `name` in the resolver's order, with `port`; empty where there are none.
    public static func addresses(of name: String, port: UInt16) -> [SocketAddress] {
        guard !name.utf8.contains(0) else { return [] }
        var octets = [UInt8](repeating: 0, count: 16 * mostAddresses)
        let count = unsafe octets.withUnsafeMutableBufferPointer { buffer in
            // The buffer has room for `mostAddresses` of 16 octets, and the call is told so; `name` is NUL-ended.
            unsafe name.withCString { text in
                unsafe gh_resolve(text, buffer.baseAddress!, Int32(mostAddresses))
            }
        }
        guard count > 0 else { return [] }
        var found: [SocketAddress] = []
        for index in 0..<Int(count) {
            let address = SocketAddress(
                octets: SocketAddress.Octets { octets[16 * index + $0] }, port: port)
            if !found.contains(address) { found.append(address) }
        }
        return found
    }
}
