import Access
import Core
import Login

/// The first page of a sign-in: who are you, and every way that needs no password.
struct FirstStep: Sendable {
    private let gate: LoginGate
    private let passkeys: PasskeyOffer
    private let connections: ConnectionOffer

    init(gate: LoginGate, pages: PortalPages) {
        self.gate = gate
        passkeys = PasskeyOffer(gate: gate)
        connections = ConnectionOffer(gate: gate, pages: pages)
    }

    /// - Parameters:
    ///   - browser: the value of the login cookie.
    ///   - email: what was typed.
    func page(
        _ visit: LoginVisit, _ attempt: LoginAttempt, _ browser: String, remember: LoginPages.Remember,
        email: String = "", fault: LoginPages.Fault? = nil
    ) -> PortalResponse {
        let hidden = gate.hidden(attempt, visit, browser)
        let buttons = connections.firstStep(visit, remember: remember)
        return gate.pages.emailStep(
            visit, hidden, email: email, fault: fault,
            passkey: passkeys.values(visit, hidden, attempt, remember: buttons["stay"] == nil ? remember : nil),
            connections: buttons)
    }

    /// The page again.
    func page(_ step: LoginStep, email: String, fault: LoginPages.Fault) -> PortalResponse {
        page(step.visit, step.attempt, step.browser, remember: step.remember, email: email, fault: fault)
    }
}
