import Core
import Login
import Store

/// What the store needs done over time: counters written behind, what has ended deleted, a sick store looked at again.
final class StoreJobs: Sendable {
    /// How often counters are written, and how often a failing store is tried.
    static let period = Duration.seconds(1)
    /// Turns between two sweeps for sessions, devices and links that have ended.
    static let sweepTurns = 3600
    /// Turns between two entries about refused requests.
    static let refusalTurns = 60

    private let data: GatewayData
    private let errands: StoreErrands
    private let refusals: @Sendable (ReasonCode) -> UInt64
    private let outage: @Sendable () -> Void

    /// - Parameters:
    ///   - refusals: how often a reason was given since the start.
    ///   - outage: called each turn while the store has been out for longer than `outage_grace`.
    init(
        _ data: GatewayData, errands: StoreErrands, refusals: @escaping @Sendable (ReasonCode) -> UInt64,
        outage: @escaping @Sendable () -> Void
    ) {
        self.data = data
        self.errands = errands
        self.refusals = refusals
        self.outage = outage
    }

    /// Runs until its task is cancelled.
    func run() async {
        var turn = 0
        var audit = RefusalAudit()
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.period)
            guard !Task.isCancelled else { return }
            await flush()
            if data.monitor.fault != nil {
                await data.note { try await self.data.store.probe() }
                let grace = data.loginSettings().session.outageGrace
                if data.monitor.isOut(longerThan: grace, at: Clocks.monotonic()) { outage() }
            }
            turn += 1
            if turn % Self.refusalTurns == 0, let entry = audit.entry(refusals) {
                await data.note { try await self.data.store.audit.append(entry, at: Clocks.wall()) }
            }
            if turn % Self.sweepTurns == 0 { await sweep() }
        }
    }

    /// Writes what is only in memory; at the end, too.
    func flush() async {
        await errands.retryEnds()
        await errands.writeUses()
        do {
            try await data.throttle.flush()
            try await data.alerts.flush()
        } catch {
            data.monitor.note(error, at: Clocks.monotonic())
        }
    }

    /// Deletes sessions, devices, links, used ids and traces whose time is over, tenant by tenant.
    private func sweep() async {
        let now = Clocks.wall()
        await data.note { _ = try await self.data.throttle.deleteForgotten() }
        for tenant in (try? await data.store.allTenants()) ?? [] {
            guard !Task.isCancelled, (try? await data.store.isUsed(tenant.id)) == true,
                let open = try? await data.store.tenant(tenant.id)
            else { continue }
            await data.endSessions(ofConnectionsGoneFrom: tenant.id, plans: data.loginSettings().plans)
            while let deleted = try? await open.sessions.deleteExpired(at: now), deleted == 1000 {}
            while let deleted = try? await open.links.deleteExpired(at: now), deleted == 1000 {}
            while let deleted = try? await open.outbox.deleteExpired(at: now), deleted == 1000 {}
            try? await open.outbox.renote(at: now)
            while let deleted = try? await open.connections.deleteExpiredIDs(at: now), deleted == 1000 {}
            while let deleted = try? await open.ssoTraces.deleteExpired(at: now), deleted == 1000 {}
            while let deleted = try? await open.devices.deleteExpired(at: now), deleted == 1000 {}
        }
    }
}
