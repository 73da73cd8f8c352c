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
}

/// The first question to a route: do the first eight bytes of the path fit?  Laid out in a row, so that
/// most routes are passed over within one cache line of four.
struct RouteProbe: Sendable, Hashable {
    /// The stem's first eight bytes as `CanonicalPath.head` makes them, and ones where it has bytes.
    var head: UInt64
    var mask: UInt64
    var route: UInt16

    init(stem: [UInt8], route: Int) {
        head = CanonicalPath.head(of: stem.span, count: stem.count)
        let length = min(stem.count, 8)
        mask = length == 0 ? 0 : UInt64.max << UInt64(64 - 8 * length)
        self.route = UInt16(route)
    }

    func fits(_ path: UInt64) -> Bool { path & mask == head }
}

/// What is known of a host that is ours.
struct HostEntry: Sendable {
    /// The tenant's position, or -1 for a shared host.
    var tenant: Int32
    /// The routes that can match, in order: a range in `AccessSnapshot.probes`.
    var probes: Range<Int>
}

/// A tenant as decisions read it.
struct CompiledTenant: Sendable {
    var isSuspended: Bool
    /// Ranges in `AccessSnapshot.networks`; empty allows every address.
    var networks: Range<Int>
}
