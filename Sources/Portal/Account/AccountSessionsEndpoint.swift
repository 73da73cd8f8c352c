import Access
import Core
import HTTPTypes
import Login

/// `/.gatehouse/account/sessions`: where a member is signed in, and how to end it: one, all others, all.
///
/// What is ended is ended everywhere within a second, live streams included; to end what has ended already is no error.
struct AccountSessionsEndpoint: Sendable {
    private let gate: AccountGate
    private let account: MemberAccount

    init(gate: AccountGate, account: MemberAccount) {
        self.gate = gate
        self.account = account
    }

    func show(_ request: PortalRequest) async -> PortalResponse {
        await gate.show(request, .sessions) { visit in
            let limits = gate.services.sessionLimits(of: visit.member.tenant)
            let browsers = try await account.browsers(of: visit.holder, limits: limits)
            let devices = try await account.knownDevices(of: visit.holder)
            let shown = browsers.prefix(AccountPages.mostBrowsers).map(\.session)
            return gate.pages.sessions(
                visit, browsers, knownDevices: devices, csrf: gate.csrf(visit),
                connections: await CompanyAccount.names(of: shown, visit, services: gate.services))
        }
    }

    func submit(_ request: PortalRequest) async -> PortalResponse {
        await gate.submit(request, .sessions) { visit, form in
            if let session = form["session"].flatMap(SessionHandle.init) { return try await end(session, visit) }
            switch form["end"] {
            case "others":
                for session in try await account.endOthers(of: visit.holder) {
                    gate.services.notify(.ended(.handle(session)))
                }
                return gate.done(.others, on: .sessions)
            case "all":
                try await account.endAll(of: visit.holder)
                gate.services.notify(.ended(.user(visit.member.user, of: visit.member.tenant)))
                return signedOut(visit)
            case "devices":
                try await account.forgetDevices(of: visit.holder)
                return gate.done(.devices, on: .sessions)
            default: return gate.pages.redirect(to: AccountPage.sessions.address)
            }
        }
    }

    private func end(_ session: SessionHandle, _ visit: AccountVisit) async throws -> PortalResponse {
        // Nobody else's session is the member's to end, nor to be told of.
        guard try await account.end(session, of: visit.holder) else { return gate.done(.session, on: .sessions) }
        gate.services.notify(.ended(.handle(session)))
        return session == visit.member.handle ? signedOut(visit) : gate.done(.session, on: .sessions)
    }

    /// This browser is signed out, and what applications knew of the member in it ends too.
    private func signedOut(_ visit: AccountVisit) -> PortalResponse {
        let host = (visit.request.head.authority ?? "").lowercased()
        return gate.pages.redirect(
            to: "\(PortalAddress.logout)?done",
            fields: HTTPFields(
                [PortalCookies.clearing(.session)]
                    + PortalCookies.clearing(applications: gate.services.applicationCookies(host))))
    }
}
