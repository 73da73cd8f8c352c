/// A place on the same host that a login may lead back to (`return_to`): a path with an optional query,
/// judged so that no browser reads another host in it and no loop through login or logout arises.
public struct SafeRedirect: Hashable, Sendable {
    /// Path and query as they go into a `Location` field: visible ASCII that starts with one slash.
    public let target: String

    /// The longest accepted target in bytes.
    public static let longestTarget = 2048

    /// Judges a `return_to` value after form decoding.  Nil for anything but a path on this host: an empty
    /// value, a scheme or host (`//evil`, `/\evil`, and any other backslash), blanks, controls, non-ASCII
    /// bytes, a fragment, a path that `CanonicalPath` refuses or that needs an allowance, and the portal's
    /// login and logout in any spelling.
    public init?(_ target: String) {
        let octets = Array(target.utf8)
        guard (1...Self.longestTarget).contains(octets.count) else { return nil }
        guard octets.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        var path = CanonicalPath()
        let pathOnly = octets.prefix { $0 != UInt8(ascii: "?") }
        guard path.read(Array(pathOnly).span) == nil, path.needs.isEmpty else { return nil }
        for page in ["login", "logout"] {
            let stem = Array("/.gatehouse/\(page)".utf8)
            guard !path.lies(at: stem.span, isExact: false, isCaseSensitive: false) else { return nil }
        }
        self.target = target
    }

    /// Appends a request target's path and query, percent-encoded as the value of `return_to`: everything
    /// but unreserved characters (RFC 3986 §2.3) and `/`.
    ///
    /// - Parameter target: path and query as they were received, at most `longestTarget` bytes; of a longer
    ///   one only `/` is kept, because a cut target would name another page.
    public static func append(target: RawSpan, to bytes: inout [UInt8]) {
        let octets = Span<UInt8>(_bytes: target)
        guard octets.count <= longestTarget else { return bytes.append(UInt8(ascii: "/")) }
        for index in octets.indices {
            switch octets[index] {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: bytes.append(octets[index])
            default: ASCII.appendPercentEncoded(octets[index], to: &bytes)
            }
        }
    }
}
