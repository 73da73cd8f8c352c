import Access
import HTTPTypes

extension PortalRouter {
    /// The account pages of second factors; none where there are no accounts or no factors.
    static func factorAccountRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        let origins = RelatedOriginsEndpoint(services: services)
        let related = PortalRoute([.get], PortalAddress.webAuthn) { request, _ in origins.response(to: request) }
        guard let account = services.account, let steps = services.accountSteps else { return [related] }
        let gate = AccountGate(pages: AccountPages(pages: pages, hasFactors: true), services: services)
        let proof = RecentProof(gate: gate, account: account, steps: steps)
        let desk = FactorDesk(gate: gate, account: account, proof: proof, steps: steps)
        let list = FactorListEndpoint(desk)
        let app = FactorAddEndpoint(desk, page: .factorApp)
        let passkey = FactorAddEndpoint(desk, page: .factorPasskey)
        let code = FactorCodeEndpoint(desk)
        let codes = RecoveryCodesEndpoint(desk)
        return [
            related,
            PortalRoute([.get], AccountPage.factors.address) { request, _ in await list.show(request) },
            PortalRoute([.get], AccountPage.factorName.address) { request, _ in await list.showName(request) },
            PortalRoute([.post], AccountPage.factorName.address) { request, _ in await list.submitName(request) },
            PortalRoute([.get], AccountPage.factorRemoval.address) { request, _ in await list.showRemoval(request) },
            PortalRoute([.post], AccountPage.factorRemoval.address) { request, _ in await list.submitRemoval(request) },
            PortalRoute([.get], AccountPage.factorApp.address) { request, _ in await app.show(request) },
            PortalRoute([.post], AccountPage.factorApp.address) { request, _ in await app.submit(request) },
            PortalRoute([.get], AccountPage.factorPasskey.address) { request, _ in await passkey.show(request) },
            PortalRoute([.post], AccountPage.factorPasskey.address) { request, _ in await passkey.submit(request) },
            PortalRoute([.get], AccountPage.factorCode.address) { request, _ in await code.show(request) },
            PortalRoute([.post], AccountPage.factorCode.address) { request, _ in await code.submit(request) },
            PortalRoute([.get], AccountPage.recoveryCodes.address) { request, _ in await codes.show(request) },
            PortalRoute([.post], AccountPage.recoveryCodes.address) { request, _ in await codes.submit(request) },
            PortalRoute([.post], PortalAddress.recoveryCodeFile) { request, _ in await codes.file(request) },
        ]
    }
}
