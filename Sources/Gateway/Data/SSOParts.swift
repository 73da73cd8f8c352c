import Access
import Core
import Login
import Portal
import Store

/// What a gateway has for sign-ins by identity providers.
struct SSOParts: Sendable {
    let connections: SSOConnections
    let signOn: SingleSignOn
    let reports: SSOReports

    /// - Parameter connections: of `connections(_:_:_:)`, with what it tells.
    init(
        _ connections: (parts: SSOConnections, reports: SSOReports), _ login: PasswordLogin, notices: SessionNotices,
        monitor: StoreMonitor
    ) {
        (self.connections, reports) = connections
        signOn = SingleSignOn(
            login: login, connections: connections.parts, notify: { notices.send($0) }, now: Clocks.wall,
            report: { monitor.note($0, at: Clocks.monotonic()) })
    }

    /// The connections of all tenants, as the book has them at the moment of each question.
    static func connections(
        _ store: DataStore, _ book: TenantBook, _ settings: CurrentSettings
    ) -> (parts: SSOConnections, reports: SSOReports) {
        let reports = SSOReports()
        let connections = SSOConnections(
            store: store, tenants: { book.connections.tenants }, settings: { book.connections.settings(of: $0) },
            mayUse: { book.connections.mayUse($0, plans: settings.value.plans) },
            origin: { book.hosts.signInOrigin(of: $0) }, allowedNetworks: { settings.outbound.allowedNetworks },
            mail: { settings.value.mail }, now: Clocks.wall, report: { reports.note(.connection($0)) })
        return (connections, reports)
    }
}

extension GatewayData {
    /// What the pages around signing in need of connections.
    func add(_ sso: SSOParts, to services: inout PortalServices) {
        services.singleSignOn = sso.signOn
        services.connections = sso.connections
        services.noteSSORefusal = { [reports = sso.reports] in reports.note(.refusal($0)) }
        services.signInWays = { [book, settings] tenant in
            book.tenant(tenant).map { SignInWays(of: $0, plans: settings.value.plans) } ?? SignInWays()
        }
        services.allowsPassword = { [book, settings] email, tenant in
            book.tenant(tenant).map { settings.value.plans.allows(.password, for: email, in: $0) } ?? true
        }
    }

    // MARK: Sessions of connections that are gone

    /// The connections whose sessions may go on, by tenant.
    func standingConnections(_ plans: PlanBook) -> [TenantID: Set<ConnectionName>] {
        let connections = book.connections
        return Dictionary(
            connections.tenants.map { ($0, connections.standing(of: $0, plans: plans)) }, uniquingKeysWith: { $1 })
    }

    /// Ends the sessions of connections that were taken out, disabled, or left out of plan or `sign_in`, all together.
    func endSessions(
        ofConnectionsGoneSince before: [TenantID: Set<ConnectionName>], plans: PlanBook
    ) async {
        let now = standingConnections(plans)
        for (tenant, names) in before where !names.isSubset(of: now[tenant] ?? []) {
            await endSessions(ofConnectionsGoneFrom: tenant, plans: plans)
        }
    }

    /// As above, for whatever happened while no process looked.
    func endSessionsOfGoneConnections() async {
        for tenant in (try? await store.allTenants()) ?? [] {
            guard !Task.isCancelled else { return }
            await endSessions(ofConnectionsGoneFrom: tenant.id, plans: settings.value.plans)
        }
    }

    /// Ends the sessions of one tenant whose connections stand no more.
    func endSessions(ofConnectionsGoneFrom tenant: TenantID, plans: PlanBook) async {
        let standing = book.connections.standing(of: tenant, plans: plans)
        await note {
            guard try await self.store.isUsed(tenant) else { return }
            let open = try await self.store.tenant(tenant).connections
            for name in try await open.connectionsWithSessions() where !standing.contains(name) {
                try await self.endSessions(of: name, tenant, open)
            }
        }
    }

    private func endSessions(
        of name: ConnectionName, _ tenant: TenantID, _ connections: ConnectionRepository
    ) async throws {
        while true {
            let ended = try await connections.endAll(
                of: name,
                audit: { session, user in
                    AuditEntry(
                        action: "session.revoked", actor: .system, subject: user,
                        publicDetails: [
                            .init("session", session.description), .init("by", "connection"),
                            .init("connection", name.text),
                        ])
                }, at: Clocks.wall())
            guard !ended.isEmpty else { return }
            for handle in ended.compactMap({ SessionHandle($0.description) }) { notices.send(.ended(.handle(handle))) }
        }
    }
}
