import Access
import Core
import Login

/// `/.gatehouse/account/factors/code`: the code that a first factor needs on a browser that is not trusted (security
/// rule 16).
///
/// It is sent on request alone, never because a page was loaded.  Who enters it goes on to what they wanted to add, within
/// the same answer: that it was right is sealed into that page's form.
struct FactorCodeEndpoint: Sendable {
    private let desk: FactorDesk

    init(_ desk: FactorDesk) { self.desk = desk }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, .factorCode) { visit in
            try await ask(visit) { state, email in
                desk.pages.code(visit, state, email: email, csrf: desk.gate.csrf(visit))
            }
        }
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, .factorCode) { visit, form in
            let (send, code) = (form["send"], form["code"] ?? "")
            return try await ask(visit) { state, email in
                guard send == nil else { return try await self.send(visit, state, email) }
                let text = FactorAccountText.text(in: visit.language)
                switch try await desk.steps.acceptCode(code, visit.holder, visit.factorVisit) {
                case .right: return try await next(visit)
                case .wrong: return page(visit, state, email, fault: text.wrongEnrolmentCode)
                case .notACode: return page(visit, state, email, fault: text.noEnrolmentCode)
                case .throttled(let wait): return throttled(visit, wait)
                }
            }
        }
    }

    private func send(
        _ visit: AccountVisit, _ state: EnrolmentStep.CodeState, _ email: String
    ) async throws -> PortalResponse {
        switch try await desk.steps.sendCode(visit.holder, visit.factorVisit) {
        case .sent:
            return desk.gate.pages.redirect(
                to: visit.address(of: .factorCode, ["done=\(AccountChange.codeSent.rawValue)"]))
        case .throttled(let wait): return throttled(visit, wait)
        case .withoutMail: return page(visit, .asked, email)
        }
    }

    /// What is asked for where no code is: nothing, or a recent proof.
    private func ask(
        _ visit: AccountVisit,
        _ body: (_ state: EnrolmentStep.CodeState, _ email: String) async throws -> PortalResponse
    ) async throws -> PortalResponse {
        switch try await desk.steps.demand(visit.holder, visit.factorVisit) {
        case .none: return desk.gate.pages.redirect(to: visit.address(of: visit.next ?? .factors))
        case .proof: return try await desk.prove(visit)
        case .code(let state): return try await body(state, try await desk.account.profile(of: visit.holder).email)
        }
    }

    /// The page that the code was asked for.
    private func next(_ visit: AccountVisit) async throws -> PortalResponse {
        let page = visit.next ?? .factorApp
        return try await FactorAddEndpoint(desk, page: page).begin(visit.on(page), isSure: true)
    }

    private func page(
        _ visit: AccountVisit, _ state: EnrolmentStep.CodeState, _ email: String, fault: String? = nil
    ) -> PortalResponse {
        desk.pages.code(
            visit, state, email: email, csrf: desk.gate.csrf(visit),
            fault: fault.map { .init(field: "code", words: $0) })
    }

    private func throttled(_ visit: AccountVisit, _ wait: Milliseconds) -> PortalResponse {
        desk.gate.patience(
            visit, .loginThrottled, wait: wait, text: FactorAccountText.text(in: visit.language).throttled)
    }
}
