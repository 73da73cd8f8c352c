import Core

/// What a route's `prefix_rewrite` must never reach: a path that is ours on every listener.
///
/// `/old/` with `prefix_rewrite: /` turns `/old/.gatehouse/login` into `/.gatehouse/login`.  An application that is a
/// Gatehouse itself would answer that as its own, with cookies of this host; so such paths exist on no route that could
/// make one.  They are found here on the path as it was judged, before anything is rewritten.
enum PrefixRewrite {
    /// A path that a route could turn into one of ours.
    struct Reserved: Sendable {
        /// Its bytes in `AccessSnapshot.stems`, lower-case.
        var stem: Range<Int>
        /// Nothing below it is meant.
        var isExact: Bool
    }

    /// Bytes that a replacement may have besides slashes: those that need no encoding anywhere (RFC 3986 §2.3), so that
    /// it is written as it is judged.
    static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    /// True for `/` or `/` and plain segments with a slash behind each, none of them `.` or `..`, outside our own paths.
    static func isAllowed(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        guard octets.first == UInt8(ascii: "/"), octets.last == UInt8(ascii: "/") else { return false }
        let segments = octets.dropFirst().dropLast().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard octets.count == 1 || segments.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isPlain) }) else { return false }
        guard !segments.contains(where: { Array($0) == [0x2E] || Array($0) == [0x2E, 0x2E] }) else { return false }
        var path = CanonicalPath()
        return path.read(octets.span) == nil && ReservedPath.owner(of: path) == .application
    }

    /// The decoded paths on a route with this stem that `replacement` would turn into ours.
    static func reserved(stem: [UInt8], replacement: String) -> [(stem: [UInt8], isExact: Bool)] {
        let folded = replacement.utf8.map(ASCII.lowercased)
        return ReservedPath.stems.compactMap { reserved in
            guard reserved.stem.starts(with: folded) else { return nil }
            return (stem.map(ASCII.lowercased) + [0x2F] + reserved.stem.dropFirst(folded.count), reserved.isExact)
        }
    }
}
