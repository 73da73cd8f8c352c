import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/account/factors/recovery-codes`: a new set in place of the old one, shown once, and the file of it.
struct RecoveryCodesEndpoint: Sendable {
    private let desk: FactorDesk

    init(_ desk: FactorDesk) { self.desk = desk }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, .recoveryCodes) { visit in
            let list = try await desk.steps.list(visit.holder)
            guard list.hasSecondFactor else { return desk.gate.pages.redirect(to: visit.listAddress()) }
            if let first = try await desk.first(visit) { return first }
            return desk.pages.recoveryCodes(
                visit, left: list.recoveryCodesLeft, csrf: desk.gate.csrf(visit),
                ceremony: desk.sealed(.begun(at: visit.now), visit))
        }
    }

    /// Makes the new set; the form makes one, however often it is sent.
    func submit(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, .recoveryCodes) { visit, form in
            try await desk.act(visit, form) { _ in
                do {
                    let codes = try await desk.steps.newRecoveryCodes(visit.holder, visit.factorVisit)
                    return .answer(try await desk.show(codes, visit, visit.holder, notice: nil), isDone: true)
                } catch FactorAccountFault.proofTooOld {
                    return .answer(try await desk.prove(visit), isDone: false)
                }
            }
        }
    }

    /// The codes of the page as a file; nothing of them is kept here.
    func file(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, .recoveryCodes) { visit, form in
            let content = desk.sheet.open(
                form["sheet"] ?? "", session: visit.member.handle, host: visit.host, now: visit.now)
            guard let content else { return desk.done(.expired, visit) }
            let name = "\(RecoveryCodeText.text(in: visit.language).fileName)-\(visit.member.tenant.text).txt"
            let fields: HTTPFields = [
                .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                .crossOriginResourcePolicy: "same-origin", .contentDisposition: "attachment; filename=\"\(name)\"",
            ]
            return PortalResponse(
                head: HTTPResponse(status: .ok, headerFields: fields),
                body: Array(RecoveryCodeSheet.file(content, in: visit.language).utf8))
        }
    }
}
