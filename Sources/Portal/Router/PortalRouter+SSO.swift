import Access
import HTTPTypes

extension PortalRouter {
    /// The addresses of connections; none where there is no single sign-on.
    static func ssoRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        guard let steps = services.sso else { return [] }
        let desk = SSODesk(pages: pages, services: services, steps: steps)
        let metadata = SSOMetadataEndpoint(desk)
        let login = SSOLoginEndpoint(desk)
        let answer = SSOAnswerEndpoint(desk, pages: pages)
        let logout = SSOLogoutEndpoint(desk)
        return [
            PortalRoute([.get], SSOPlace.pattern("metadata")) { await metadata.show($0, $1) },
            PortalRoute([.get], SSOPlace.pattern("login")) { await login.show($0, $1) },
            PortalRoute([.post], SSOPlace.pattern("acs")) { await answer.submit($0, $1) },
            PortalRoute([.get], SSOPlace.pattern("slo")) { await logout.show($0, $1) },
            PortalRoute([.post], SSOPlace.pattern("slo")) { await logout.submit($0, $1) },
        ]
    }
}
