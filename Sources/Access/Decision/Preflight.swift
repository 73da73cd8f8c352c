/// A browser asks whether a script of another origin may call a route (Fetch §4.8); Gatehouse answers, without a session
/// and without the application.
public struct Preflight: Sendable, Hashable {
    public let routeIndex: Int
    /// The origin's position in the route's `cross_origin.origins`.
    public let originIndex: Int
    /// The host's tenant; nil on a shared host.
    public let tenantIndex: Int?
}
