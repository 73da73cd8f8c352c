import Access
import HTTPTypes

extension PortalRouter {
    /// The pages that set a password: forgotten, by a link, by a member who is signed in.
    static func passwordRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        guard let flows = services.passwords else { return [] }
        let forgotten = ForgottenPasswordEndpoint(pages: pages, services: services, reset: flows.reset)
        let reset = PasswordLinkEndpoint(pages: pages, services: services, flows: flows, links: flows.resetLinks)
        let invitation = PasswordLinkEndpoint(pages: pages, services: services, flows: flows, links: flows.invitations)
        let change = PasswordChangeEndpoint(pages: pages, services: services, flow: flows.change)
        return [
            PortalRoute([.get], PortalAddress.forgottenPassword) { request, _ in forgotten.show(request) },
            PortalRoute([.post], PortalAddress.forgottenPassword) { request, _ in forgotten.submit(request) },
            PortalRoute([.get], PortalAddress.passwordReset) { request, _ in await reset.show(request) },
            PortalRoute([.post], PortalAddress.passwordReset) { request, _ in await reset.submit(request) },
            PortalRoute([.get], PortalAddress.invitation) { request, _ in await invitation.show(request) },
            PortalRoute([.post], PortalAddress.invitation) { request, _ in await invitation.submit(request) },
            PortalRoute([.get], PortalAddress.accountPassword) { request, _ in change.show(request) },
            PortalRoute([.post], PortalAddress.accountPassword) { request, _ in await change.submit(request) },
        ]
    }
}
