import Access
import Core
import HTTPTypes
import Login
import Store

/// `/.gatehouse/account/factors/app` and `…/passkey`: another second factor, or the first one.
///
/// What is being added travels sealed in the form, for a quarter of an hour: nothing is kept here before it is proved, and
/// it is kept once, however often the form is sent.
struct FactorAddEndpoint: Sendable {
    private let desk: FactorDesk
    /// `.factorApp` or `.factorPasskey`.
    private let page: AccountPage

    init(_ desk: FactorDesk, page: AccountPage) {
        self.desk = desk
        self.page = page
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, page) { visit in
            switch try await desk.steps.demand(visit.holder, visit.factorVisit) {
            case .none: try await begin(visit, isSure: false)
            case .proof: try await desk.prove(visit)
            case .code: desk.askForCode(visit)
            }
        }
    }

    /// A new ceremony.
    /// - Parameter isSure: an enrolment code was right.
    func begin(_ visit: AccountVisit, isSure: Bool) async throws -> PortalResponse {
        let additions = FactorAdditions(try await desk.steps.list(visit.holder))
        guard additions.pages.contains(page) else { return desk.gate.pages.redirect(to: visit.listAddress()) }
        let secret = page == .factorApp ? TimeBasedCode.newSecret() : nil
        return try await form(visit, .begun(at: visit.now, secret: secret, isSure: isSure))
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, page) { visit, form in
            let form = form
            return try await desk.act(visit, form) { ceremony in
                let name = name(form, visit)
                switch enrolment(form, ceremony, name: name) {
                case .failure(.expired): return .expired
                case .failure(let fault):
                    return .answer(try await self.form(visit, ceremony, name: name, fault: fault), isDone: false)
                case .success(let enrolment): return try await add(enrolment, ceremony, visit, name: name)
                }
            }
        }
    }

    /// What the factor is to be called: as it was typed, else the usual name in the page's language.
    private func name(_ form: FormFields, _ visit: AccountVisit) -> String {
        let typed = form["name"] ?? ""
        guard typed.allSatisfy(\.isWhitespace) else { return typed }
        return FactorAccountText.text(in: visit.language).kind(page == .factorApp ? .totp : .passkey)
    }

    /// What the form asks for; `expired` where its ceremony is of the other page.
    private func enrolment(
        _ form: FormFields, _ ceremony: FactorCeremony, name: String
    ) -> Result<FactorEnrolment, FactorFault> {
        switch page {
        case .factorApp:
            guard let secret = ceremony.secret else { return .failure(.expired) }
            return .success(
                .totp(secret: FactorSecret(SecretBytes(copying: secret)), code: form["code"] ?? "", name: name))
        default:
            guard ceremony.secret == nil else { return .failure(.expired) }
            guard let (answer, transports) = PortalPasskey.registration(form["passkey"] ?? "") else {
                return .failure(.notACode)
            }
            return .success(.passkey(answer, challenge: ceremony.challenge, transports: transports, name: name))
        }
    }

    private func add(
        _ enrolment: FactorEnrolment, _ ceremony: FactorCeremony, _ visit: AccountVisit, name: String
    ) async throws -> FactorDesk.Turn {
        switch try await desk.steps.add(enrolment, visit.holder, ceremony.isSure, visit.factorVisit) {
        case .added(let codes, let renewed): return .answer(try await added(codes, renewed, visit), isDone: true)
        case .fault(.expired): return .expired
        case .fault(let fault):
            return .answer(try await form(visit, ceremony, name: name, fault: fault), isDone: false)
        case .proofTooOld: return .answer(try await desk.prove(visit), isDone: false)
        case .codeNeeded: return .answer(desk.askForCode(visit), isDone: false)
        case .throttled(let wait):
            return .answer(desk.gate.patience(visit, .loginThrottled, wait: wait), isDone: false)
        }
    }

    /// The session goes on under a new token; with a first factor every other one of the member has ended.
    private func added(
        _ codes: [String]?, _ renewed: RenewedSession, _ visit: AccountVisit
    ) async throws -> PortalResponse {
        let notify = desk.gate.services.notify
        notify(.renewed(renewed.handle, digest: renewed.digest))
        guard let codes else {
            return desk.gate.pages.redirect(
                to: visit.returnTo?.target ?? visit.listAddress(.factorAdded),
                fields: HTTPFields([desk.gate.cookie(renewed, visit)]))
        }
        notify(.ended(.user(visit.member.user, of: visit.member.tenant)))
        var response = try await desk.show(
            codes, visit, visit.holder(with: renewed), notice: .factorAdded)
        response.head.headerFields.append(desk.gate.cookie(renewed, visit))
        return response
    }

    // MARK: Forms

    private func form(
        _ visit: AccountVisit, _ ceremony: FactorCeremony, name: String? = nil, fault: FactorFault? = nil
    ) async throws -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        let shown = fault.map {
            FactorAccountPages.Fault(field: page == .factorApp ? "code" : "create", words: words($0, text))
        }
        let csrf = desk.gate.csrf(visit)
        let sealed = desk.sealed(ceremony, visit)
        guard page == .factorApp else {
            guard let creation = try await desk.steps.creation(visit.holder) else {
                return desk.gate.pages.redirect(to: visit.listAddress())
            }
            let options = PasskeyOptions.creation(creation, challenge: ceremony.challenge)
            return desk.pages.passkey(
                visit, .init(csrf: csrf, ceremony: sealed, options: options, name: name, fault: shown))
        }
        let profile = try await desk.account.profile(of: visit.holder)
        let secret = ceremony.secret ?? []
        let address = OTPAuthURI.text(
            secret: SecretBytes(copying: secret), issuer: profile.tenantName, account: profile.email)
        return desk.pages.app(
            visit,
            .init(
                csrf: csrf, ceremony: sealed, key: Base32.encode(secret), address: address, account: profile.email,
                name: name, fault: shown))
    }

    private func words(_ fault: FactorFault, _ text: FactorAccountText) -> String {
        switch fault {
        case .wrong: page == .factorApp ? text.wrongCode : text.refused
        case .notACode: page == .factorApp ? text.noCode : text.refused
        case .used: text.usedCode
        case .notThisPasskey: text.notThisPasskey
        case .userVerification: text.userVerification
        case .tooMany: text.tooMany
        case .taken: text.taken
        case .refused, .expired: text.refused
        }
    }
}
