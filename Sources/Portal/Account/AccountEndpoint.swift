import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/account`: what is kept of a member, and its correction.
struct AccountEndpoint: Sendable {
    private let gate: AccountGate
    private let account: MemberAccount

    init(gate: AccountGate, account: MemberAccount) {
        self.gate = gate
        self.account = account
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await gate.show(request, .data) { visit in
            gate.pages.data(
                visit, try await account.profile(of: visit.holder), csrf: gate.csrf(visit),
                company: await CompanyAccount(of: visit, services: gate.services))
        }
    }

    /// Another name, in force at once.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        await gate.submit(request, .data) { visit, form in
            let typed = form["name"] ?? ""
            let name: String
            do {
                name = try FieldRule.displayName(typed, field: "name")
            } catch {
                let profile = try await account.profile(of: visit.holder)
                return gate.pages.data(
                    visit, profile, csrf: gate.csrf(visit),
                    company: await CompanyAccount(of: visit, services: gate.services),
                    name: typed.utf8.count <= Self.longestShown ? typed : "",
                    fault: .init(field: "name", words: visit.text.nameFault))
            }
            try await account.rename(visit.holder, to: name)
            gate.services.notify(.changed(user: visit.member.user, of: visit.member.tenant))
            return gate.done(.name, on: .data)
        }
    }

    /// A name that is too long is shown again up to here, in bytes.
    private static let longestShown = 1024
}

/// `/.gatehouse/account/email`: another address, after a recent proof; the provider's alone where it answers for it.
struct AccountEmailEndpoint: Sendable {
    private let gate: AccountGate
    private let account: MemberAccount
    private let proof: RecentProof

    init(gate: AccountGate, account: MemberAccount, proof: RecentProof) {
        self.gate = gate
        self.account = account
        self.proof = proof
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await gate.show(request, .email) { visit in
            if let elsewhere = await elsewhere(visit) { return elsewhere }
            if let first = try await proof.demand(visit, returningTo: AccountPage.email.address) { return first }
            return try await page(visit)
        }
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await gate.submit(request, .email) { visit, form in
            if let elsewhere = await elsewhere(visit) { return elsewhere }
            let typed = form["email"] ?? ""
            guard let email = try? FieldRule.email(typed, field: "email") else {
                return try await page(visit, email: typed, fault: visit.text.emailFault)
            }
            do {
                try await account.changeEmail(visit.holder, to: email, language: visit.language.rawValue)
            } catch MemberAccount.AddressFault.proofTooOld {
                if let first = try await proof.demand(visit, returningTo: AccountPage.email.address) { return first }
                return try await page(visit, email: typed)
            } catch MemberAccount.AddressFault.unavailable {
                return try await page(visit, email: typed, fault: visit.text.emailUnavailable)
            }
            gate.services.notify(.changed(user: visit.member.user, of: visit.member.tenant))
            return gate.done(.email, on: .data)
        }
    }

    /// Whose address the company account decides is led back: another one would lead past the rule for its domain.
    private func elsewhere(_ visit: AccountVisit) async -> PortalResponse? {
        guard await CompanyAccount.ownsAddress(of: visit, services: gate.services) else { return nil }
        return gate.pages.redirect(to: AccountPage.data.address)
    }

    private func page(_ visit: AccountVisit, email: String = "", fault: String? = nil) async throws -> PortalResponse {
        let present = try await account.profile(of: visit.holder).email
        return gate.pages.email(
            visit, present: present, csrf: gate.csrf(visit), sendsLetters: gate.services.settings().mail != nil,
            email: email, fault: fault.map { .init(field: "email", words: $0) })
    }
}
