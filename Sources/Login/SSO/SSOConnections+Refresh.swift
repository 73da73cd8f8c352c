public import Core
import SAML
import Store
import Synchronization

extension SSOConnections {
    /// One turn of the job: asks the addresses whose time has come, notices other certificates, warns of what ends, and
    /// throws former keys away.  Meant to run once a minute; it returns when all of that is done.
    public func refresh(at moment: WallTime) async {
        var wanted: [(id: ConnectionMemory.ID, settings: ConnectionSettings)] = []
        for tenant in tenants() {
            wanted += settings(of: tenant).map { (ConnectionMemory.ID(tenant: tenant, name: $0.name), $0) }
        }
        memory.withLock { [ids = Set(wanted.map(\.id))] in $0.keep(only: ids) }
        var due: [Place] = []
        for (id, settings) in wanted where !isQuiet(id, settings, at: moment) {
            do {
                guard let place = try await place(settings, id.tenant) else { continue }
                if try await concerns(at: place, moment).isDue { due.append(place) }
            } catch {
                report(.storeFailing(error), id)
            }
        }
        await renew(due)
        for (id, settings) in wanted where !isQuiet(id, settings, at: moment) {
            do {
                guard let place = try await place(settings, id.tenant) else { continue }
                try await act(on: try await concerns(at: place, moment), at: place, moment)
            } catch {
                report(.storeFailing(error), id)
            }
        }
    }

    /// Asks them all, some at once; those that have waited longest come first where there are too many for one turn.
    private func renew(_ due: [Place]) async {
        let asked = { (place: Place) -> Int64 in
            let known = self.memory.withLock { $0.entries[place.id]?.metadata }
            return (known ?? nil)?.checkedAt.milliseconds ?? .min
        }
        let first = due.map { (asked($0), $0) }.sorted { $0.0 < $1.0 }.prefix(Self.mostFetchesOfTurn).map(\.1)
        await withTaskGroup(of: Void.self) { group in
            for (index, place) in first.enumerated() {
                // Half are left for those who wait at a first use.
                if index >= Self.mostFetches / 2 { await group.next() }
                group.addTask { await self.renew(place) }
            }
        }
    }

    /// Whether there is nothing to be done, as far as memory knows everything: then no store is opened.
    private func isQuiet(
        _ id: ConnectionMemory.ID, _ settings: ConnectionSettings, at moment: WallTime
    ) -> Bool {
        guard let entry = memory.withLock({ $0.entries[id] }), let stored = entry.metadata, let keys = entry.keys else {
            return false
        }
        let concerns = ConnectionConcerns(
            settings.metadata, stored: stored, provider: provider(settings.metadata, stored, id), keys: keys,
            isAskedAnew: isAskedAnew(id, settings), at: moment)
        return !concerns.isDue && !concerns.hasSpentKeys && !concerns.isNews(after: stored)
    }

    private func concerns(at place: Place, _ moment: WallTime) async throws -> ConnectionConcerns {
        let (stored, keys) = (try await stored(at: place), try await keys(at: place))
        let provider = provider(place.settings.metadata, stored, place.id)
        return ConnectionConcerns(
            place.settings.metadata, stored: stored, provider: provider, keys: keys,
            isAskedAnew: isAskedAnew(place.id, place.settings), at: moment)
    }

    /// What the present source says, ended or not.
    func provider(
        _ source: MetadataSource, _ stored: StoredMetadata?, _ id: ConnectionMemory.ID
    ) -> IdentityProvider? {
        switch source {
        case .file(let document, _): return try? reading(document, id).provider.get()
        case .url(let address, _):
            guard let stored, stored.source == address, !stored.document.isEmpty else { return nil }
            return try? reading(stored.document, id).provider.get()
        }
    }

    private func act(on concerns: ConnectionConcerns, at place: Place, _ moment: WallTime) async throws {
        if concerns.hasSpentKeys { try await dropSpentKeys(at: place, now: moment) }
        let stored = try await stored(at: place)
        guard concerns.isNews(after: stored) else { return }
        var kept =
            stored ?? StoredMetadata(source: "", document: [], fetchedAt: moment, checkedAt: moment)
        var entries: [AuditEntry] = []
        if concerns.hasOtherCertificates, let fingerprints = concerns.fingerprints {
            let before = kept.keys
            // A file's certificates alone are noted: of a former address nothing is left.
            kept = StoredMetadata(
                source: "", document: [], fetchedAt: moment, checkedAt: moment, keys: fingerprints, warned: kept.warned)
            if let entry = try await tellOfCertificates(fingerprints, before: before, at: place) {
                entries.append(entry)
            }
        }
        for warning in concerns.warnings { entries.append(try await tell(of: warning, at: place, moment)) }
        if concerns.isAlarming { entries.append(try await tellOfFailing(kept, at: place, moment)) }
        kept.warned = concerns.warned
        // Each entry is written with the note that keeps it from being written again; the last with all of it.
        for entry in entries.dropLast() { try await place.store.audit.append(entry, at: moment) }
        try await keep(kept, audit: entries.last, at: place)
    }
}
