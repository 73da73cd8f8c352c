import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/account/proof`: asks a member for the password again, on the way to what needs a proof of at most five
/// minutes (security rule 11).
///
/// It is a login in all but the session: the same throttles, time and audit entries, since whoever found an open browser
/// may guess here.  The session goes on with a new token.
struct RecentProof: Sendable {
    private let gate: AccountGate
    private let account: MemberAccount

    init(gate: AccountGate, account: MemberAccount) {
        self.gate = gate
        self.account = account
    }

    /// Where a member is sent first who wants to do what needs a recent proof; nil where there is one.
    /// - Parameter page: where they come back to.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func demand(_ visit: AccountVisit, returningTo page: AccountPage) async throws -> PortalResponse? {
        guard try await !account.hasRecentProof(visit.holder) else { return nil }
        return gate.pages.redirect(to: "\(AccountPage.proof.address)?return_to=\(page.address)")
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await gate.show(request, .proof) { visit in
            let profile = try await account.profile(of: visit.holder)
            // Whoever comes back here after the proof is led on.
            guard try await !account.hasRecentProof(visit.holder) else { return gate.pages.redirect(to: target(visit)) }
            return gate.pages.proof(visit, email: profile.email, csrf: gate.csrf(visit))
        }
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await gate.submit(request, .proof) { visit, form in
            let profile = try await account.profile(of: visit.holder)
            func page(_ words: String) -> PortalResponse {
                gate.pages.proof(
                    visit, email: profile.email, csrf: gate.csrf(visit), fault: .init(field: "password", words: words))
            }
            guard form.hasFilledPassword else { return page(visit.text.passwordFault) }
            guard let password = form.takePassword() else { return page(visit.text.passwordWrong) }
            let outcome = await gate.services.login.confirm(
                visit.holder, password, visit.request.client, visit.cookies[.device])
            switch outcome {
            case .confirmed(let renewed):
                gate.services.notify(.renewed(renewed.handle, digest: renewed.digest))
                let age =
                    renewed.isRemembered ? PortalCookies.seconds(until: renewed.expiresAt, from: visit.now) : nil
                return gate.pages.redirect(
                    to: target(visit),
                    fields: HTTPFields([PortalCookies.setting(.session, to: renewed.token, maxAge: age)]))
            case .refused: return page(visit.text.passwordWrong)
            case .throttled(let wait): return gate.patience(visit, .loginThrottled, wait: wait)
            case .busy(let wait): return gate.patience(visit, .loginBusy, wait: wait)
            case .ended: return gate.ended(visit)
            case .unavailable: return gate.pages.refusal(visit, .storeUnavailable)
            }
        }
    }

    private func target(_ visit: AccountVisit) -> String { visit.returnTo?.target ?? AccountPage.data.address }
}
