public import Access
public import HTTPTypes

/// One line of the portal's routing table.
public struct PortalRoute: Sendable {
    /// Answers a request of this route; nil where the path, though it fits the pattern, names nothing.
    public typealias Handler =
        @Sendable (_ request: PortalRequest, _ parameters: [String: String]) async -> PortalResponse?

    /// The methods that the route takes.
    public let methods: [HTTPRequest.Method]
    public let pattern: PathPattern
    public let permission: PortalPermission
    public let handler: Handler

    /// - Parameters:
    ///   - methods: `GET` brings `HEAD` with it (RFC 9110 §9.3.2).
    ///   - pattern: as `PathPattern.init` reads it.
    ///   - permission: for whom the route exists.
    ///   - handler: asked when method, path and caller fit.
    public init(
        _ methods: [HTTPRequest.Method], _ pattern: String, permission: PortalPermission = .everybody,
        handler: @escaping Handler
    ) {
        self.methods = methods.contains(.get) && !methods.contains(.head) ? methods + [.head] : methods
        self.pattern = PathPattern(pattern)
        self.permission = permission
        self.handler = handler
    }
}
