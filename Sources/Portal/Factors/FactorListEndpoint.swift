import Access
import Core
import Login
import Store

/// `/.gatehouse/account/factors`: a member's second factors, other names for them, and their removal.
struct FactorListEndpoint: Sendable {
    private let desk: FactorDesk

    init(_ desk: FactorDesk) { self.desk = desk }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, .factors) { visit in
            desk.pages.list(visit, try await desk.steps.list(visit.holder))
        }
    }

    // MARK: Names

    func showName(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, .factorName) { visit in
            guard let (factor, _) = try await find(visit) else { return list(visit) }
            if let first = try await desk.first(visit) { return first }
            return desk.pages.rename(visit, csrf: desk.gate.csrf(visit), name: factor.name)
        }
    }

    func submitName(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, .factorName) { visit, form in
            guard let (factor, _) = try await find(visit) else { return list(visit) }
            let name = form["name"] ?? ""
            do {
                try await desk.steps.rename(factor.id, name, visit.holder)
            } catch FactorAccountFault.proofTooOld {
                return try await desk.prove(visit)
            } catch FactorAccountFault.nameRefused {
                let words = FactorAccountText.text(in: visit.language).nameFault
                return desk.pages.rename(
                    visit, csrf: desk.gate.csrf(visit), name: name, fault: .init(field: "name", words: words))
            }
            return desk.done(.factorRenamed, visit)
        }
    }

    // MARK: Removal

    func showRemoval(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.show(request, .factorRemoval) { visit in
            guard let (factor, all) = try await find(visit) else { return list(visit) }
            if let first = try await desk.first(visit) { return first }
            return question(visit, factor, all)
        }
    }

    /// Every other session of the member ends with the factor.
    func submitRemoval(_ request: PortalRequest) async -> PortalResponse {
        await desk.gate.submit(request, .factorRemoval) { visit, _ in
            // The form was sent twice, or another tab was faster: it is as the member wants it.
            guard let (factor, all) = try await find(visit) else { return desk.done(.factorRemoved, visit) }
            do {
                try await desk.steps.remove(factor.id, visit.holder, visit.factorVisit)
            } catch FactorAccountFault.proofTooOld {
                return try await desk.prove(visit)
            } catch FactorAccountFault.lastRequired {
                return question(visit, factor, all, isRefused: true)
            }
            desk.gate.services.notify(.ended(.user(visit.member.user, of: visit.member.tenant)))
            return desk.done(.factorRemoved, visit)
        }
    }

    private func question(
        _ visit: AccountVisit, _ factor: MemberFactor, _ all: MemberFactorList, isRefused: Bool = false
    ) -> PortalResponse {
        desk.pages.removal(
            visit, factor, csrf: desk.gate.csrf(visit), isLast: all.apps.count + all.passkeys.count == 1,
            mayRemoveLast: all.mayRemoveLast && !isRefused, isRefused: isRefused)
    }

    // MARK: Parts

    /// The factor that the page is about; nil where the member has none of that id.
    private func find(_ visit: AccountVisit) async throws -> (factor: MemberFactor, all: MemberFactorList)? {
        guard let id = visit.factor else { return nil }
        let all = try await desk.steps.list(visit.holder)
        return (all.passkeys + all.apps).first { $0.id == id }.map { ($0, all) }
    }

    private func list(_ visit: AccountVisit) -> PortalResponse { desk.gate.pages.redirect(to: visit.listAddress()) }
}
