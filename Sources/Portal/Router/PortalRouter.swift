public import Access
import Core
import HTTPTypes

/// The portal's routing table: method and path to handler.  The first route wins whose path and method
/// fit; a path that nobody serves is 404 (`page-missing`), a method that nobody takes there is 405
/// (`method-not-allowed`) with `Allow`.  A route that the caller may not use is not there at all: neither its
/// paths nor its methods show.
///
/// A `HEAD` request is answered as `GET` would be, body included: the data plane takes the length from it
/// and leaves it out.
public struct PortalRouter: Sendable {
    private let routes: [PortalRoute]
    private let refusals: RefusalResponder
    private let hosts: @Sendable () -> SignInHosts

    /// - Parameters:
    ///   - routes: in the order in which they are tried.
    ///   - refusals: answers what no route answers.
    ///   - hosts: say where the portal is.
    public init(
        routes: [PortalRoute], refusals: RefusalResponder,
        hosts: @escaping @Sendable () -> SignInHosts = { SignInHosts() }
    ) {
        self.routes = routes
        self.refusals = refusals
        self.hosts = hosts
    }

    /// The routes of this version: the stylesheet; `/.well-known/security.txt`, which is there only where a contact is
    /// configured; and, where there are services, the pages around signing in and the identity.
    ///
    /// - Parameters:
    ///   - services: nil where nobody signs in.
    ///   - further: tried after these.
    public static func standard(
        pages: PortalPages, securityText: SecurityTextEndpoint?, services: PortalServices? = nil,
        further: [PortalRoute] = []
    ) -> PortalRouter {
        let logo: @Sendable (String) -> PageBrand.Logo? = { name in services?.logo(name) }
        let assets = AssetEndpoint(pages: pages, logo: logo)
        var routes = [
            PortalRoute([.get], AssetEndpoint.prefix + "{name}") { request, parameters in
                assets.response(for: request, name: parameters["name"] ?? "")
            }
        ]
        if let securityText {
            routes.append(
                PortalRoute([.get], SecurityTextEndpoint.path) { _, _ in securityText.response() })
        }
        if let services {
            routes += loginRoutes(pages: pages, services: services)
            routes += ssoRoutes(pages: pages, services: services)
            routes += accountRoutes(pages: pages, services: services)
            routes += factorRoutes(pages: pages, services: services)
            routes += factorAccountRoutes(pages: pages, services: services)
            routes += passwordRoutes(pages: pages, services: services)
        }
        let none: @Sendable () -> SignInHosts = { SignInHosts() }
        return PortalRouter(
            routes: routes + further, refusals: RefusalResponder(pages: pages), hosts: services?.hosts ?? none)
    }

    /// Answers any request.
    public func response(to request: PortalRequest) async -> PortalResponse {
        let target = request.head.path ?? ""
        let path = target.prefix { $0 != "?" }
        guard !request.belongsToPortalHost else {
            // A message of a provider is for one host, and what another one says of it would be lost on the way.
            let answer = path.hasPrefix(SSOPlace.prefix) ? nil : Self.elsewhere(request, hosts())
            return answer ?? refusals.response(refusing: request, for: .pageMissing)
        }
        var allowed: [HTTPRequest.Method] = []
        for route in routes {
            guard route.permission.allows(request.caller), let parameters = route.pattern.match(path) else { continue }
            guard route.methods.contains(request.head.method) else {
                allowed += route.methods.filter { !allowed.contains($0) }
                continue
            }
            return await route.handler(request, parameters)
                ?? refusals.response(refusing: request, for: .pageMissing)
        }
        guard !allowed.isEmpty else { return refusals.response(refusing: request, for: .pageMissing) }
        let allow = allowed.map(\.rawValue).joined(separator: ", ")
        return refusals.response(refusing: request, for: .methodNotAllowed, fields: [.allow: allow])
    }

    /// The router as the function that the data plane calls.
    public var handler: PortalHandler {
        { request in await response(to: request) }
    }
}
