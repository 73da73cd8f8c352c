import Core

/// A route's `match.path`.
///
/// `/admin/` matches `/admin`, `/admin/` and everything below; `/` matches every path.  `/admin` without a
/// trailing slash matches `/admin` and `/admin/`, nothing below: servers commonly take the two for one
/// page, and a rule that guards only one spelling guards nothing.  Matching is by whole segments.
struct PathPattern: Hashable {
    /// The path without its trailing slash, lower-case unless `isCaseSensitive`; empty for the root.
    let stem: [UInt8]
    /// Nothing below matches.
    let isExact: Bool
    let isCaseSensitive: Bool

    /// Nil unless `path` starts with a slash and is a decoded path that needs no allowance.
    init?(_ path: String, isCaseSensitive: Bool) {
        var octets = Array(path.utf8)
        guard octets.first == UInt8(ascii: "/") else { return nil }
        let segments = octets.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            guard !segment.isEmpty || index == segments.count - 1 else { return nil }
            guard Array(segment) != Array(".".utf8), Array(segment) != Array("..".utf8) else { return nil }
        }
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\\") })
        else { return nil }
        isExact = octets.last != UInt8(ascii: "/")
        if !isExact { octets.removeLast() }
        self.isCaseSensitive = isCaseSensitive
        stem = isCaseSensitive ? octets : octets.map(ASCII.lowercased)
    }

    /// True where every path that `other` matches is matched by this pattern too.
    func covers(_ other: PathPattern) -> Bool {
        var theirs = other.stem
        if isCaseSensitive {
            // A sensitive pattern covers an insensitive one only where there are no letters to differ in.
            let hasLetters = theirs.contains { (0x61...0x7A).contains($0) }
            guard other.isCaseSensitive || !hasLetters || stem.isEmpty else { return false }
        } else {
            theirs = theirs.map(ASCII.lowercased)
        }
        if isExact { return other.isExact && theirs == stem }
        return theirs == stem || (theirs.starts(with: stem) && theirs[stem.count] == UInt8(ascii: "/"))
    }
}
