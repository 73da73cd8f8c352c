import Access
import Core
import HTTPTypes

extension PortalRouter {
    /// The pages that ask for a second factor, at sign-in and within a session; none where nobody has any.
    static func factorRoutes(pages: PortalPages, services: PortalServices) -> [PortalRoute] {
        guard let steps = services.factorSteps else { return [] }
        let proof = SecondFactorEndpoint(pages: pages, services: services, steps: steps)
        let enrolment = EnrolmentEndpoint(pages: pages, services: services, steps: steps)
        let stepUp = StepUpEndpoint(pages: pages, services: services, steps: steps)
        let offer = PasskeyOfferEndpoint(pages: pages, services: services, steps: steps)
        let proofs = [Factor.totp, .recoveryCode, .passkey].map { PortalAddress.login(by: $0) }
        return (proofs + [PortalAddress.enrolment, PortalAddress.passkeyOffer]).map { address in
            PortalRoute([.get], address) { request, _ in proof.show(request) }
        } + [
            PortalRoute([.post], PortalAddress.login(by: .totp)) { request, _ in await proof.submit(request, .totp) },
            PortalRoute([.post], PortalAddress.login(by: .recoveryCode)) { request, _ in
                await proof.submit(request, .recoveryCode)
            },
            PortalRoute([.post], PortalAddress.login(by: .passkey)) { request, _ in await proof.submitPasskey(request)
            },
            PortalRoute([.post], PortalAddress.enrolment) { request, _ in await enrolment.submit(request) },
            PortalRoute([.get], LoginRedirect.stepUpPath) { request, _ in await stepUp.show(request) },
            PortalRoute([.post], LoginRedirect.stepUpPath) { request, _ in await stepUp.submit(request) },
            PortalRoute([.post], PortalAddress.passkeyOffer) { request, _ in await offer.submit(request) },
        ]
    }
}
