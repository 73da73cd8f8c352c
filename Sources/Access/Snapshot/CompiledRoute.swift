import Core

/// A route as decisions read it: plain values; what varies in length lies in arrays of the snapshot.
struct CompiledRoute: Sendable {
    /// The forms of `access` that a decision tells apart.
    enum Rule: UInt8, Sendable { case `public`, optional, member }

    /// The stem's bytes in `AccessSnapshot.stems`.
    var stem: Range<Int>
    var isExact: Bool
    var isCaseSensitive: Bool
    var methods: MethodSet
    var rule: Rule
    /// One of these roles is asked for; 0 asks for none.
    var roleMask: UInt64
    var secondFactorWithin: Milliseconds?
    /// Ranges in `AccessSnapshot.networks`; empty allows every address.
    var networks: Range<Int>
    var upstream: Int
    var allowances: PathForms
    var cachePolicy: CachePolicy
    var upgrades: UpgradeProtocols
    /// Ranges in `AccessSnapshot.reserved`: paths that its `prefix_rewrite` would turn into ours; empty without one.
    var reserved: Range<Int>
    /// Ranges in `AccessSnapshot.origins`; empty without `cross_origin`.
    var origins: Range<Int>
    /// What these origins may ask with under a session; none without `credentials`.
    var originMethods: MethodSet
}

/// The first question to a route: do the first sixteen bytes of the path fit?  Laid out in a row, so
/// that most routes are passed over without being looked at.
struct RouteProbe: Sendable, Hashable {
    /// The stem's first sixteen bytes as `CanonicalPath.head` makes them, and ones where it has bytes.
    var head: UInt128
    var mask: UInt128
    var route: UInt16

    init(stem: [UInt8], route: Int) {
        head = CanonicalPath.head(of: stem.span, count: stem.count)
        let length = min(stem.count, 16)
        mask = length == 0 ? 0 : UInt128.max << UInt128(128 - 8 * length)
        self.route = UInt16(route)
    }

    func fits(_ path: UInt128) -> Bool { path & mask == head }
}

/// Sorts the routes of a host by the first segment of their path, so that a request asks only those that
/// can match: each bucket holds, in order, the routes of its segments and the ones that match everywhere.
enum RouteBucket {
    static let count = 64

    /// The bucket of a path or stem with this head; segments beyond the head's sixteen bytes are cut alike.
    static func of(head: UInt128) -> Int {
        var segment = UInt64(0)
        var rest = head << 8
        while case let octet = UInt8(truncatingIfNeeded: rest >> 120), octet != 0, octet != UInt8(ascii: "/") {
            segment = (segment &* 31) &+ UInt64(octet)
            rest <<= 8
        }
        return Int(truncatingIfNeeded: (segment &* 0x9E37_79B9_7F4A_7C15) >> 58)
    }
}

/// What is known of a host that is ours.
struct HostEntry: Sendable {
    /// The tenant's position, or -1 for a shared host.
    var tenant: Int32
    /// Position of its first bucket in `AccessSnapshot.buckets`.
    var buckets: Int
    /// Its own number.
    var index: Int32
    /// `portal_host`, where no route leads.
    var isPortal = false
}

/// A tenant as decisions read it.
struct CompiledTenant: Sendable {
    var isSuspended: Bool
    /// Ranges in `AccessSnapshot.networks`; empty allows every address.
    var networks: Range<Int>
}
