import Access
import HTTPTypes

extension PortalRouter {
    /// The pages of a member's account; none where there is nothing to read them from.
    static func accountRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        guard let account = services.account else { return [] }
        let steps = services.accountSteps
        let gate = AccountGate(pages: AccountPages(pages: pages, hasFactors: steps != nil), services: services)
        let proof = RecentProof(gate: gate, account: account, steps: steps)
        let data = AccountEndpoint(gate: gate, account: account)
        let email = AccountEmailEndpoint(gate: gate, account: account, proof: proof)
        let sessions = AccountSessionsEndpoint(gate: gate, account: account)
        return [
            PortalRoute([.get], AccountPage.data.address) { request, _ in await data.show(request) },
            PortalRoute([.post], AccountPage.data.address) { request, _ in await data.submit(request) },
            PortalRoute([.get], AccountPage.email.address) { request, _ in await email.show(request) },
            PortalRoute([.post], AccountPage.email.address) { request, _ in await email.submit(request) },
            PortalRoute([.get], AccountPage.sessions.address) { request, _ in await sessions.show(request) },
            PortalRoute([.post], AccountPage.sessions.address) { request, _ in await sessions.submit(request) },
            PortalRoute([.get], AccountPage.proof.address) { request, _ in await proof.show(request) },
            PortalRoute([.post], AccountPage.proof.address) { request, _ in await proof.submit(request) },
        ]
    }
}
