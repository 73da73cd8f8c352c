/// A route that can never be chosen, because an earlier one matches every request that it would match.
/// `check` refuses such a file: the writer believes in a rule that does not exist.
public struct ShadowedRoute: Hashable, Sendable {
    /// Position of the route that is never chosen.
    public let hidden: Int
    /// Position of the first route that hides it.
    public let by: Int
}

extension AccessSnapshot {
    /// Every route that an earlier single route hides wholly, in order.  Methods take no part: host and path
    /// choose the route, and its method list then allows or refuses.  Routes with malformed patterns are
    /// passed over; compiling refuses them.
    public static func shadowedRoutes(_ routes: [RouteSettings]) -> [ShadowedRoute] {
        let patterns = routes.map { route in
            (host: HostPattern(route.host), path: PathPattern(route.path, isCaseSensitive: route.isCaseSensitive))
        }
        var shadowed: [ShadowedRoute] = []
        for (index, pattern) in patterns.enumerated() {
            guard let host = pattern.host, let path = pattern.path else { continue }
            let cover = patterns[..<index].firstIndex { earlier in
                (earlier.host?.covers(host) ?? false) && (earlier.path?.covers(path) ?? false)
            }
            if let cover { shadowed.append(ShadowedRoute(hidden: index, by: cover)) }
        }
        return shadowed
    }
}
