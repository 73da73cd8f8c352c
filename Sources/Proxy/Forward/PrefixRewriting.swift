import Core
import HTTPWire

/// A route's path in the client's view, and what stands in its place in the application's: `/shop/` and `/`.
///
/// The decision has judged the path as it came, by whole segments; here so many segments of the raw target are replaced,
/// and the rest stays byte by byte.  The application learns the difference by `X-Forwarded-Prefix`, and its `Location`
/// is translated back.
struct PrefixRewriting {
    /// How many segments of the target are replaced.
    private let segments: Int
    /// What stands in their place; ends with a slash.
    private let replacement: [UInt8]
    /// The client's path, percent-encoded (RFC 3986 §2.1); ends with a slash.
    private let original: [UInt8]
    /// `X-Forwarded-Prefix: /shop` with its line end; nothing for the root.
    let forwardedLine: [UInt8]

    /// - Parameters:
    ///   - path: the route's `match.path`, decoded, with its slash at the end.
    ///   - replacement: its `prefix_rewrite`.
    init(path: String, replacement: String) {
        segments = path.utf8.dropFirst().dropLast().isEmpty ? 0 : path.utf8.count { $0 == UInt8(ascii: "/") } - 1
        self.replacement = Array(replacement.utf8)
        original = Self.encoded(path)
        forwardedLine =
            segments == 0 ? [] : Array("X-Forwarded-Prefix: ".utf8) + original.dropLast() + Array("\r\n".utf8)
    }

    /// Writes the target for the application: path and query.
    func writeTarget(_ head: borrowing RequestHead, _ bytes: RawSpan, into out: inout WireBuffer) {
        let path = bytes.extracting(head.path.range)
        var index = 0
        for _ in 0..<segments {
            index += 1
            while index < path.byteCount, path.octet(index) != UInt8(ascii: "/") { index += 1 }
        }
        if index < path.byteCount {
            // The slash that the rest begins with is the replacement's last.
            out.append(replacement)
            out.append(path.extracting(index + 1..<path.byteCount))
        } else {
            // `/shop` itself has no slash at its end, and keeps none where there is something to name.  A target without
            // any path means the root.
            out.append(replacement.count > 1 && path.byteCount > 0 ? replacement.dropLast() : replacement[...])
        }
        let target = head.target.range
        out.append(bytes.extracting(max(target.lowerBound, head.path.range.upperBound)..<target.upperBound))
    }

    /// Writes the value of an answer's `Location` as the client must see it (RFC 9110 §10.2.2): a path, or an https URL
    /// of the request's own host, that lies below the replacement is moved below the route's path.  One that lies there
    /// already stays, as applications that heed `X-Forwarded-Prefix` write it; so does every other.
    ///
    /// - Parameter host: the request's host, canonical, with the port that the client wrote.
    func writeLocation(_ value: RawSpan, host: borrowing WireBuffer, into out: inout WireBuffer) {
        let start = host.withBytes { Self.pathStart(value, host: $0) }
        guard let start else { return out.append(value) }
        let path = value.extracting(start..<value.byteCount)
        guard !lies(path, below: original), lies(path, below: replacement) else { return out.append(value) }
        out.append(value.extracting(0..<start))
        let isWhole = path.byteCount >= replacement.count && path.octet(replacement.count - 1) == UInt8(ascii: "/")
        out.append(isWhole ? original[...] : original.dropLast())
        out.append(path.extracting((isWhole ? replacement.count : replacement.count - 1)..<path.byteCount))
    }

    /// Where the path of a `Location` begins; nil where it is another origin's, or relative to the page.
    private static func pathStart(_ value: RawSpan, host: RawSpan) -> Int? {
        guard value.byteCount > 0 else { return nil }
        if value.octet(0) == UInt8(ascii: "/") {
            // `//other.example/` and `/\other.example/` name a host.
            guard value.byteCount > 1 else { return 0 }
            return value.octet(1) == UInt8(ascii: "/") || value.octet(1) == UInt8(ascii: "\\") ? nil : 0
        }
        let scheme: StaticString = "https://"
        let start = scheme.utf8CodeUnitCount
        guard value.byteCount > start + host.byteCount, value.extracting(0..<start).equalsIgnoringCase(scheme),
            value.extracting(start..<start + host.byteCount).equalsIgnoringCase(host),
            value.octet(start + host.byteCount) == UInt8(ascii: "/")
        else { return nil }
        return start + host.byteCount
    }

    /// True for `folder` without its last slash, ended or followed by `/`, `?` or `#`.
    private func lies(_ path: RawSpan, below folder: [UInt8]) -> Bool {
        let stem = folder.count - 1
        guard path.byteCount >= stem else { return false }
        for index in 0..<stem where path.octet(index) != folder[index] { return false }
        guard path.byteCount > stem else { return true }
        switch path.octet(stem) {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return true
        default: return false
        }
    }

    private static func encoded(_ path: String) -> [UInt8] {
        var octets: [UInt8] = []
        for octet in path.utf8 {
            switch octet {
            case 0x2F, 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: octets.append(octet)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return octets
    }
}
