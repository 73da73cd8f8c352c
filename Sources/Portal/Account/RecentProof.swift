import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/account/proof`: asks a member for the password again, or for a passkey, on the way to what needs a proof
/// of at most five minutes (security rule 11).  A session that came by a connection is confirmed at its provider.
///
/// It is a login in all but the session: the same throttles, time and audit entries, since whoever found an open browser
/// may guess here.  The session goes on with a new token.
struct RecentProof: Sendable {
    private let gate: AccountGate
    private let account: MemberAccount
    private let steps: FactorAccountSteps?
    private let ceremonies: FactorCeremonySeal
    private let confirmation: ConnectionConfirmation
    private let onward: SSOPages

    /// - Parameter steps: nil where nobody has a second factor.
    init(gate: AccountGate, account: MemberAccount, steps: FactorAccountSteps? = nil) {
        self.gate = gate
        self.account = account
        self.steps = steps
        ceremonies = FactorCeremonySeal(forms: gate.services.forms)
        confirmation = ConnectionConfirmation(services: gate.services)
        onward = SSOPages(pages: gate.pages.pages)
    }

    /// Where a member is sent first who wants to do what needs a recent proof; nil where there is one.
    /// - Parameter address: where they come back to.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func demand(_ visit: AccountVisit, returningTo address: String) async throws -> PortalResponse? {
        guard try await !account.hasRecentProof(visit.holder) else { return nil }
        return try await ask(visit, returningTo: address)
    }

    /// As above, whatever there is.
    func ask(_ visit: AccountVisit, returningTo address: String) async throws -> PortalResponse {
        // A password is no proof where the session never gave the second factor: nobody would come back with more.
        if try await account.needsSecondFactor(visit.holder) {
            return gate.pages.redirect(to: PortalAddress.stepUp(returningTo: SafeRedirect(address)))
        }
        return gate.pages.redirect(to: "\(AccountPage.proof.address)?return_to=\(PortalAddress.encoded(address))")
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await gate.show(request, .proof) { visit in
            // Whoever comes back here after the proof is led on.
            guard try await !account.hasRecentProof(visit.holder) else { return gate.pages.redirect(to: target(visit)) }
            guard try await !account.needsSecondFactor(visit.holder) else {
                return try await ask(visit, returningTo: target(visit))
            }
            return try await page(visit)
        }
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await gate.submit(request, .proof) { visit, form in
            if let answer = form["passkey"], !answer.isEmpty {
                return try await prove(answer, form["ceremony"] ?? "", visit)
            }
            if let name = form[ConnectionOffer.field] { return try await leave(name, visit) }
            guard form.hasFilledPassword else { return try await page(visit, visit.text.passwordFault) }
            guard let password = form.takePassword() else { return try await page(visit, visit.text.passwordWrong) }
            let outcome = await gate.services.login.confirm(
                visit.holder, password, visit.request.client, visit.cookies[.device])
            switch outcome {
            case .confirmed(let renewed): return gate.renewed(renewed, visit, leadingTo: target(visit))
            case .refused: return try await page(visit, visit.text.passwordWrong)
            case .throttled(let wait): return gate.patience(visit, .loginThrottled, wait: wait)
            case .busy(let wait): return gate.patience(visit, .loginBusy, wait: wait)
            case .ended: return gate.ended(visit)
            case .unavailable: return gate.pages.refusal(visit, .storeUnavailable)
            }
        }
    }

    /// To the provider that a button names; what is not the session's own is no way.
    private func leave(_ name: String, _ visit: AccountVisit) async throws -> PortalResponse {
        let asked = LoginVisit(visit.request, services: gate.services)
        guard let offer = await confirmation.offer(of: visit.member, asked, asSecondFactor: false),
            offer.name.text == name,
            let departure = confirmation.departure(to: offer, asked, returnTo: SafeRedirect(target(visit)))
        else { return try await page(visit) }
        return onward.onward(asked, to: departure.address, name: offer.displayName, fields: departure.fields)
    }

    /// A passkey in place of the password.
    private func prove(_ answer: String, _ sealed: String, _ visit: AccountVisit) async throws -> PortalResponse {
        func page(_ words: String) async throws -> PortalResponse {
            try await self.page(visit, words, field: "use-passkey")
        }
        let book = gate.services.ceremonies
        guard let steps,
            let ceremony = ceremonies.open(
                sealed, session: visit.member.handle, host: visit.host, now: visit.now),
            book.begin(ceremony)
        else { return gate.pages.redirect(to: visit.address(of: .proof, ["done=\(AccountChange.expired.rawValue)"])) }
        var isDone = false
        defer { book.end(ceremony, isDone: isDone, now: visit.now) }
        guard let assertion = PortalPasskey.assertion(answer) else { return try await page(visit.text.passkeyWrong) }
        let outcome = await steps.stepUp(
            .passkey(assertion, challenge: ceremony.challenge), visit.holder, visit.factorVisit)
        switch outcome {
        case .confirmed(let renewed, _):
            isDone = true
            return gate.renewed(renewed, visit, leadingTo: target(visit))
        case .wrong: return try await page(visit.text.passkeyWrong)
        case .throttled(let wait): return gate.patience(visit, .loginThrottled, wait: wait)
        case .ended: return gate.ended(visit)
        case .unavailable: return gate.pages.refusal(visit, .storeUnavailable)
        }
    }

    private func page(
        _ visit: AccountVisit, _ words: String? = nil, field: String = "password"
    ) async throws -> PortalResponse {
        let profile = try await account.profile(of: visit.holder)
        var passkey: AccountPages.PasskeyForm?
        if let request = try await steps?.stepUpRequest(visit.holder).passkey {
            let ceremony = FactorCeremony.begun(at: visit.now)
            passkey = AccountPages.PasskeyForm(
                options: PasskeyOptions.request(request, challenge: ceremony.challenge),
                ceremony: ceremonies.seal(ceremony, session: visit.member.handle, host: visit.host))
        }
        let asked = LoginVisit(visit.request, services: gate.services)
        return gate.pages.proof(
            visit, email: profile.email, csrf: gate.csrf(visit), passkey: passkey,
            connection: await confirmation.offer(of: visit.member, asked, asSecondFactor: false),
            fault: words.map { .init(field: field, words: $0) })
    }

    private func target(_ visit: AccountVisit) -> String { visit.returnTo?.target ?? AccountPage.data.address }
}
