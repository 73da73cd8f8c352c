import Access
import Core
import HTTPTypes
import Login

/// What the endpoints of second factors share: who may come in, what is asked for first, and what follows a change.
struct FactorDesk: Sendable {
    let gate: AccountGate
    let account: MemberAccount
    let proof: RecentProof
    let steps: FactorAccountSteps
    let pages: FactorAccountPages
    let sheet: RecoveryCodeSheet
    private let seal: FactorCeremonySeal

    init(gate: AccountGate, account: MemberAccount, proof: RecentProof, steps: FactorAccountSteps) {
        self.gate = gate
        self.account = account
        self.proof = proof
        self.steps = steps
        pages = FactorAccountPages(gate.pages)
        sheet = RecoveryCodeSheet(forms: gate.services.forms)
        seal = FactorCeremonySeal(forms: gate.services.forms)
    }

    // MARK: Ceremonies

    /// The ceremony as its form carries it.
    func sealed(_ ceremony: FactorCeremony, _ visit: AccountVisit) -> String {
        seal.seal(ceremony, session: visit.member.handle, host: visit.host)
    }

    /// What became of the form of a ceremony.
    enum Turn {
        /// Another page, and whether the ceremony is used up.
        case answer(PortalResponse, isDone: Bool)
        /// The ceremony was too old after all.
        case expired
    }

    /// Acts on the ceremony of a form, once: one that is too old begins anew, and one that was used, or is being used by
    /// the same form sent twice, leads to the list.
    func act(
        _ visit: AccountVisit, _ form: FormFields, _ body: (FactorCeremony) async throws -> Turn
    ) async throws -> PortalResponse {
        let opened = seal.open(
            form["ceremony"] ?? "", session: visit.member.handle, host: visit.host, now: visit.now)
        guard let ceremony = opened else { return expired(visit) }
        let book = gate.services.ceremonies
        guard book.begin(ceremony) else { return gate.pages.redirect(to: visit.listAddress(.repeated)) }
        // Where an error leaves open what has become of it, it is not tried again.
        var isUsed = true
        defer { book.end(ceremony, isDone: isUsed, now: visit.now) }
        switch try await body(ceremony) {
        case .expired:
            isUsed = false
            return expired(visit)
        case .answer(let response, let isDone):
            isUsed = isDone
            return response
        }
    }

    /// To the same page, by a GET, where it begins anew.
    private func expired(_ visit: AccountVisit) -> PortalResponse {
        gate.pages.redirect(to: visit.address(of: visit.page, ["done=\(AccountChange.expired.rawValue)"]))
    }

    // MARK: Answers

    /// To the list, which says what was done.
    func done(_ change: AccountChange, _ visit: AccountVisit) -> PortalResponse {
        gate.pages.redirect(to: visit.listAddress(change))
    }

    /// What has to come before a change; nil where nothing has.
    func first(_ visit: AccountVisit) async throws -> PortalResponse? {
        try await proof.demand(visit, returningTo: visit.address(of: visit.page))
    }

    /// Asks for a recent proof, and comes back to this page.
    func prove(_ visit: AccountVisit) async throws -> PortalResponse {
        try await proof.ask(visit, returningTo: visit.address(of: visit.page))
    }

    /// The code page, which leads on to this one.
    func askForCode(_ visit: AccountVisit) -> PortalResponse {
        let name = visit.page == .factorPasskey ? "passkey" : "app"
        return gate.pages.redirect(to: visit.address(of: .factorCode, ["next=\(name)"]))
    }

    /// Fresh recovery codes, this once.
    /// - Parameter holder: by the token that the session has now.
    func show(
        _ codes: [String], _ visit: AccountVisit, _ holder: AccountHolder, notice: AccountChange?
    ) async throws -> PortalResponse {
        let profile = try await account.profile(of: holder)
        let values = sheet.values(
            codes: codes, site: profile.tenantName, email: profile.email, session: visit.member.handle,
            host: visit.host, csrf: gate.csrf(visit), language: visit.language,
            continueTo: visit.returnTo?.target ?? visit.listAddress(), now: visit.now)
        return pages.freshCodes(visit, values, notice: notice.map { visit.text.done($0) })
    }
}
