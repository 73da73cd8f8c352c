import Access
import HTTPTypes

extension PortalRouter {
    /// The pages around signing in, and what tells an identity.
    static func loginRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        let login = LoginEndpoint(pages: pages, services: services)
        let logout = LogoutEndpoint(pages: pages, services: services)
        let handoff = HandoffEndpoint(pages: pages, services: services)
        let home = PortalHome(pages: pages, services: services)
        let identity = WhoAmIEndpoint(pages: pages)
        let keys = KeySetEndpoint(pages: pages, keys: services.signingKeys)
        return [
            PortalRoute([.get], PortalAddress.login) { request, _ in login.show(request) },
            PortalRoute([.post], PortalAddress.login) { request, _ in await login.submit(request) },
            PortalRoute([.get], PortalAddress.logout) { request, _ in logout.show(request) },
            PortalRoute([.post], PortalAddress.logout) { request, _ in await logout.submit(request) },
            PortalRoute([.get], PortalAddress.handoff) { request, _ in await handoff.show(request) },
            PortalRoute([.get], PortalAddress.home) { request, _ in home.show(request) },
            PortalRoute([.get], PortalAddress.whoAmI) { request, _ in identity.response(to: request) },
            PortalRoute([.get], PortalAddress.keySet) { request, _ in await keys.response(to: request) },
            PortalRoute([.get], PortalAddress.changePassword) { _, _ in
                // Where there is no page for it, whoever follows this comes as far as being signed in.
                found(services.passwords == nil ? PortalAddress.login : PortalAddress.accountPassword)
            },
            PortalRoute([.get], PortalAddress.root) { _, _ in found(PortalAddress.home) },
        ]
    }

    /// Elsewhere for now (RFC 9110 §15.4.3).
    private static func found(_ address: String) -> PortalResponse {
        PortalResponse(
            head: HTTPResponse(
                status: .found, headerFields: [.location: address, .cacheControl: "no-store"]))
    }
}
