import Access
import Core
import HTTPTypes
import Login
import Store

/// The button, and the list behind the field for the address, that sign in with a passkey alone.
///
/// They depend on the host and the address that the visitor came by, never on an account; and they tell of no tenant
/// that the page itself would not tell of.
struct PasskeyOffer: Sendable {
    private let gate: LoginGate

    init(gate: LoginGate) { self.gate = gate }

    private var services: PortalServices { gate.services }

    /// What the templates ask for; nil where no passkey can be used.
    /// - Parameters:
    ///   - attempt: its challenge is what the passkey answers.
    ///   - remember: for a box of its own; nil where another form of the page has one, which the script looks at.
    func values(
        _ visit: LoginVisit, _ hidden: LoginPages.Hidden, _ attempt: LoginAttempt, remember: LoginPages.Remember?
    ) -> [String: Any]? {
        guard let request = request(visit, email: attempt.email) else { return nil }
        let text = FactorText.text(in: visit.language)
        var values = PasskeyWords.values(in: visit.language)
        values["action"] = visit.stepAddress(PortalAddress.login(by: .passkey))
        values["hidden"] = LoginPages.fields(hidden, visit)
        values["options"] = PasskeyOptions.request(request, challenge: attempt.challenge)
        values["proceed"] = text.signInWithPasskey
        if let remember, let span = remember.span {
            values["remember"] = ["label": visit.text.remember(RememberedSpan(span)), "isChosen": remember.isChosen]
        }
        return values
    }

    /// Whose passkeys are taken here; nil where nobody's.
    func tenant(_ visit: LoginVisit, email: String?) -> TenantID? {
        if let tenant = visit.tenant { return tenant }
        let domain = email.flatMap { NormalizedEmail($0) }?.domain
        return domain.flatMap(services.tenantOfDomain).flatMap { services.shownName($0) == nil ? nil : $0 }
    }

    private func request(_ visit: LoginVisit, email: String?) -> PasskeyRequest? {
        guard let steps = services.factorSteps, let tenant = tenant(visit, email: email) else { return nil }
        if visit.hostTenant != nil || services.shownName(tenant) != nil { return steps.passkeyRequest(tenant) }
        // A tenant that an address names, which may be none: every name is shown what a tenant without hosts of its own
        // would show, so that nobody learns who is a customer.
        let hosts = visit.hosts
        guard visit.hostName == hosts.publicHost || visit.hostName.hasSuffix(".\(hosts.publicHost)") else { return nil }
        return PasskeyRequest(rpID: hosts.publicHost, credentials: [], requiresUserVerification: true)
    }
}
