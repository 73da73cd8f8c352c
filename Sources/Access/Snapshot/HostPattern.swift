import Core

/// A route's `match.host`.
enum HostPattern: Hashable, Sendable {
    /// `*`: every known host.
    case any
    /// `*.example.org`: every known host below it, at any depth, not itself.  Holds `.example.org`.
    case below(suffix: [UInt8])
    case exactly(CanonicalHost)

    /// Nil for anything else.
    init?(_ text: String) {
        if text == "*" {
            self = .any
        } else if text.hasPrefix("*.") {
            guard let parent = CanonicalHost(String(text.dropFirst(2))), !parent.isIPv6 else { return nil }
            self = .below(suffix: [UInt8(ascii: ".")] + parent.bytes)
        } else {
            guard let host = CanonicalHost(text) else { return nil }
            self = .exactly(host)
        }
    }

    func matches(_ host: CanonicalHost) -> Bool {
        switch self {
        case .any: true
        case .below(let suffix):
            host.bytes.count > suffix.count && host.bytes.suffix(suffix.count).elementsEqual(suffix)
        case .exactly(let exact): exact == host
        }
    }

    /// True where every host that `other` matches is matched by this pattern too.
    func covers(_ other: HostPattern) -> Bool {
        switch (self, other) {
        case (.any, _): true
        case (_, .any): false
        case (_, .exactly(let host)): matches(host)
        case (.below(let suffix), .below(let deeper)):
            deeper.count >= suffix.count && deeper.suffix(suffix.count).elementsEqual(suffix)
        case (.exactly, .below): false
        }
    }
}
