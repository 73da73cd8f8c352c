import Core
import Outbound
import SAML
import Store
import Synchronization

extension SSOConnections {
    /// The provider as its metadata says, which has not ended; asks its address where there is nothing yet.
    /// - Throws: `ConnectionFault`, `StoreFault`.
    func provider(at place: Place) async throws -> IdentityProvider {
        switch place.settings.metadata {
        case .file(let document, let path):
            switch reading(document, place.id).provider {
            case .success(let provider): return try current(provider)
            case .failure(let fault): throw ConnectionFault.metadataMissing("\(path): \(fault)")
            }
        case .url(let address, _):
            let found = try await fetched(address, at: place)
            if let provider = found.provider, !provider.hasEnded(at: now()) { return provider }
            // Nobody waits for a fetch while there is something to go on with.
            let relevant = found.stored?.source == address ? found.stored : nil
            let schedule = RefreshSchedule(relevant, found.provider, isAskedAnew: isAskedAnew(place.id, place.settings))
            guard schedule.isDue(at: now(), checkedAt: relevant?.checkedAt) else {
                return try current(found.provider, fault: relevant?.fault)
            }
            await renew(place)
            let renewed = try await fetched(address, at: place)
            return try current(renewed.provider, fault: renewed.stored?.fault)
        }
    }

    private func current(_ provider: IdentityProvider?, fault: String? = nil) throws(ConnectionFault)
        -> IdentityProvider
    {
        guard let provider else { throw .metadataMissing(fault ?? "it was not fetched yet") }
        if let end = provider.validUntil, now() >= end { throw .metadataExpired(end) }
        return provider
    }

    /// What the store has, and what of it is this address's.
    func fetched(
        _ address: String, at place: Place
    ) async throws -> (stored: StoredMetadata?, provider: IdentityProvider?) {
        let stored = try await stored(at: place)
        guard let stored, stored.source == address, !stored.document.isEmpty else { return (stored, nil) }
        return (stored, try? reading(stored.document, place.id).provider.get())
    }

    /// What the store has of a connection's metadata.
    func stored(at place: Place) async throws -> StoredMetadata? {
        let (known, version) = memory.withLock { memory in
            let entry = memory.entries[place.id] ?? .init()
            return (entry.metadata, entry.version)
        }
        if let known { return known }
        let found = try await place.store.connections.metadata(of: place.id.name)
        memory.withLock { memory in
            memory.change(place.id) { if $0.version == version { $0.metadata = .some(found) } }
        }
        return found
    }

    /// Keeps metadata in the store and in memory.
    func keep(_ metadata: StoredMetadata, audit entry: AuditEntry? = nil, at place: Place) async throws {
        try await place.store.connections.keep(metadata, of: place.id.name, audit: entry, at: now())
        memory.withLock { memory in
            memory.change(place.id) { entry in
                entry.metadata = .some(metadata)
                entry.version += 1
            }
        }
    }

    /// What a document says; read once as long as it stays the same.
    func reading(_ document: [UInt8], _ id: ConnectionMemory.ID) -> ConnectionMemory.Reading {
        if let known = memory.withLock({ $0.entries[id]?.reading }), known.document == document { return known }
        let reading = ConnectionMemory.Reading(document)
        memory.withLock { memory in memory.change(id) { $0.reading = reading } }
        return reading
    }

    // MARK: Fetching

    /// Has every address whose last answer could not be used asked again without waiting, as after a reload of the
    /// configuration: files of authorities may be others under the same name.
    public func askFailingAnew() {
        memory.withLock { memory in
            for id in memory.entries.keys { memory.change(id) { $0.asked = nil } }
        }
    }

    /// Whether this process has not asked yet by the present settings.
    func isAskedAnew(_ id: ConnectionMemory.ID, _ settings: ConnectionSettings) -> Bool {
        let present = ConnectionMemory.Asked(source: settings.metadata, allowed: allowedNetworks())
        return memory.withLock { $0.entries[id]?.asked } != present
    }

    /// Asks a connection's address, or waits for whoever does; what comes of it stands in the store.
    func renew(_ place: Place) async {
        let task = memory.withLock { memory -> Task<Void, Never>? in
            if let task = memory.fetches[place.id] { return task }
            guard memory.fetches.count < Self.mostFetches else { return nil }
            let task = Task { [self] in
                await fetchAndKeep(place)
                self.memory.withLock { $0.fetches[place.id] = nil }
            }
            memory.fetches[place.id] = task
            return task
        }
        await task?.value
    }

    private func fetchAndKeep(_ place: Place) async {
        guard case .url(let address, let caFile) = place.settings.metadata else { return }
        do {
            let (stored, provider) = try await fetched(address, at: place)
            let relevant = stored?.source == address ? stored : nil
            // Somebody else may have asked since this was found to be due.
            let schedule = RefreshSchedule(relevant, provider, isAskedAnew: isAskedAnew(place.id, place.settings))
            guard schedule.isDue(at: now(), checkedAt: relevant?.checkedAt) else { return }
            let tag = relevant.flatMap { $0.document.isEmpty ? nil : $0.etag }
            let allowed = allowedNetworks()
            memory.withLock { memory in
                memory.change(place.id) { $0.asked = .init(source: place.settings.metadata, allowed: allowed) }
            }
            let question = HTTPSFetch(url: address, caFile: caFile, allowed: allowed, etag: tag)
            switch await judged(question, against: relevant, place.id) {
            case .success(let renewal): try await note(renewal, address: address, stored: stored, at: place)
            case .failure(let refusal): try await note(refusal, address: address, stored: stored, at: place)
            }
        } catch {
            report(.storeFailing(error), place.id)
        }
    }

    /// Asks, and judges what came: a document that cannot be read, is of somebody else or has ended takes nobody's place.
    func judged(
        _ question: HTTPSFetch, against known: StoredMetadata?, _ id: ConnectionMemory.ID
    ) async -> Result<MetadataRenewal, MetadataRefusal> {
        let former: IdentityProvider? = known.flatMap { known in
            known.document.isEmpty ? nil : try? reading(known.document, id).provider.get()
        }
        do {
            return .success(
                try MetadataRenewal(try await fetch(question), known: known, former: former, at: now()))
        } catch let refusal as MetadataRefusal {
            return .failure(refusal)
        } catch {
            return .failure(MetadataRefusal("\(error)"))
        }
    }

    /// A good answer takes the former one's place.
    private func note(
        _ renewal: MetadataRenewal, address: String, stored: StoredMetadata?, at place: Place
    ) async throws {
        let fingerprints = renewal.provider.signingKeys.map(\.fingerprint)
        let wasFailing = stored?.source == address && stored?.failures ?? 0 > 0
        var warned = stored?.warned ?? [:]
        warned[ConnectionConcerns.fetching] = nil
        let kept = StoredMetadata(
            source: address, document: renewal.document, fetchedAt: now(), checkedAt: now(), etag: renewal.etag,
            keys: fingerprints, warned: warned)
        let entry = try await tellOfCertificates(fingerprints, before: stored?.keys ?? [], at: place)
        try await keep(kept, audit: entry, at: place)
        memory.withLock { $0.metrics.fetched += 1 }
        if wasFailing { report(.metadataWorking, place.id) }
    }

    /// The former document goes on, and the next question waits longer.
    private func note(
        _ refusal: MetadataRefusal, address: String, stored: StoredMetadata?, at place: Place
    ) async throws {
        var kept =
            stored?.source == address
            ? stored
            : StoredMetadata(
                source: address, document: [], fetchedAt: now(), checkedAt: now(), keys: stored?.keys ?? [],
                warned: stored?.warned ?? [:])
        let isNews = kept?.fault != refusal.words
        kept?.checkedAt = now()
        kept?.failures += 1
        kept?.fault = refusal.words
        memory.withLock { $0.metrics.failed += 1 }
        if let kept { try await keep(kept, at: place) }
        guard isNews else { return }
        let provider = try await fetched(address, at: place).provider
        report(.metadataFailing(words: refusal.words, until: provider?.validUntil), place.id)
    }
}

extension IdentityProvider {
    /// Whether nothing of it may be used any more.
    func hasEnded(at now: WallTime) -> Bool { validUntil.map { now >= $0 } ?? false }
}

extension ConnectionMemory.Reading {
    /// Reads the document.
    init(_ document: [UInt8]) {
        self.document = document
        do throws(MetadataFault) {
            provider = .success(try MetadataReader.read(document))
        } catch {
            provider = .failure(error)
        }
    }
}
