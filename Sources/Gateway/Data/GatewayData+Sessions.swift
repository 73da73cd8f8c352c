import Access
import Core
import Proxy
import Store

/// What the event loops tell of sessions.
extension GatewayData {
    /// Writes last uses, which loops tell once a minute.
    func write(_ uses: [SessionUse]) async {
        let (wall, monotonic) = (Clocks.wall(), Clocks.monotonic())
        for (tenant, uses) in Dictionary(grouping: uses, by: \.tenant) {
            let rows = uses.compactMap { use in
                RowID(use.handle.description).map { id in
                    (id, WallTime(milliseconds: wall.milliseconds - Int64(monotonic.since(use.at).count)))
                }
            }
            await note { try await self.store.tenant(tenant).sessions.touch(rows) }
        }
    }

    /// Ends a session because its application said so.
    /// - Returns: true where it has ended, false where that could not be written now.
    func endByApplication(_ session: SessionHandle, of tenant: TenantID) async -> Bool {
        guard let id = RowID(session.description) else { return true }
        let entry = AuditEntry(
            action: "logout", actor: .system,
            publicDetails: [.init("session", session.description), .init("by", "application")])
        do {
            try await store.tenant(tenant).sessions.revoke(id, audit: entry, at: Clocks.wall())
            monitor.noteWritten()
        } catch is StoreConflict {
            // It has ended before, or its tenant has gone.
        } catch {
            monitor.note(error, at: Clocks.monotonic())
            return false
        }
        notices.send(.ended(.handle(session)))
        return true
    }

    /// Does something with the store and tells the monitor how it went.
    func note(_ body: @Sendable () async throws -> Void) async {
        do {
            try await body()
            monitor.noteWritten()
        } catch {
            monitor.note(error, at: Clocks.monotonic())
        }
    }
}
