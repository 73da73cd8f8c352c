public import Core
import Outbound
import SAML
import Store
import Synchronization

extension SSOConnections {
    /// How every connection is that can be used; nobody is asked for it but the store, where memory does not know.
    /// Connections whose store cannot be read are reported and left out.
    public func status() async -> [ConnectionStatus] {
        var all: [ConnectionStatus] = []
        for tenant in tenants() {
            for settings in settings(of: tenant) {
                do {
                    if let status = try await status(settings, tenant) { all.append(status) }
                } catch {
                    report(.storeFailing(error), ConnectionMemory.ID(tenant: tenant, name: settings.name))
                }
            }
        }
        return all
    }

    private func status(_ settings: ConnectionSettings, _ tenant: TenantID) async throws -> ConnectionStatus? {
        let id = ConnectionMemory.ID(tenant: tenant, name: settings.name)
        let entry = memory.withLock { $0.entries[id] }
        var (stored, keys) = (entry?.metadata ?? nil, entry?.keys)
        if entry?.metadata == nil || keys == nil {
            guard let place = try await place(settings, tenant) else { return nil }
            (stored, keys) = (try await self.stored(at: place), try await self.keys(at: place))
        }
        let provider = provider(settings.metadata, stored, id)
        let entityID = provider.flatMap { $0.hasEnded(at: now()) ? nil : $0.entityID }
        let certificates =
            (provider?.signingKeys ?? []).map {
                ConnectionCertificate(
                    use: .provider, fingerprint: $0.fingerprint, notAfter: WallTime(seconds: $0.notAfter))
            }
            + (keys?.published ?? []).map {
                ConnectionCertificate(use: .own, fingerprint: $0.fingerprint, notAfter: $0.notAfter)
            }
        switch settings.metadata {
        case .file(let document, let path):
            let fault: String? =
                switch reading(document, id).provider {
                case .success: nil
                case .failure(let fault): fault.description
                }
            return ConnectionStatus(
                tenant: tenant, name: settings.name, source: path, isFetched: false, entityID: entityID,
                fetchedAt: nil, validUntil: provider?.validUntil, failures: 0, fault: fault, certificates: certificates)
        case .url(let address, _):
            let relevant = stored?.source == address ? stored : nil
            return ConnectionStatus(
                tenant: tenant, name: settings.name, source: address, isFetched: true, entityID: entityID,
                fetchedAt: provider == nil ? nil : relevant?.fetchedAt, validUntil: provider?.validUntil,
                failures: relevant?.failures ?? 0, fault: relevant?.fault, certificates: certificates)
        }
    }

    // MARK: Testing

    /// Looks at everything that a sign-in by the connection needs, short of signing in; an address is asked, and what it
    /// says is judged and thrown away.
    public func test(_ name: ConnectionName, of tenant: TenantID) async -> [TestFinding] {
        guard let settings = configured(tenant).first(where: { $0.name == name }) else {
            return [TestFinding("connection", .fail, "the tenant has no connection of that name")]
        }
        var test = ConnectionTest(settings, addresses(settings, of: tenant), at: now())
        test.lookAtUse(mayUse: mayUse(tenant))
        do {
            guard let place = try await place(settings, tenant) else {
                test.add("connection", .fail, "there is no such tenant")
                return test.findings
            }
            let stored = try await stored(at: place)
            switch await tested(place, stored) {
            case .success(let provider):
                test.lookAt(provider)
                let known = stored?.keys ?? []
                test.lookAtChange(of: provider, known: known)
            case .failure(let refusal): test.add("metadata", .fail, refusal.words)
            }
            test.lookAt(try await usableKeys(at: place))
        } catch {
            test.add("store", .fail, "\(error)")
        }
        return test.findings
    }

    private func tested(_ place: Place, _ stored: StoredMetadata?) async -> Result<IdentityProvider, MetadataRefusal> {
        switch place.settings.metadata {
        case .file(let document, let path):
            return reading(document, place.id).provider.mapError { MetadataRefusal("\(path): \($0)") }
        case .url(let address, let caFile):
            let relevant = stored?.source == address ? stored : nil
            let question = HTTPSFetch(url: address, caFile: caFile, allowed: allowedNetworks(), etag: nil)
            return await judged(question, against: relevant, place.id).map(\.provider)
        }
    }
}
