public import Core
import HostCrypto
import SAML
import Store
import Synchronization

/// What we tell providers of us.
extension SSOConnections {
    /// Our metadata at the connection, signed by our current key.
    public func metadataDocument(of connection: SSOConnection) -> String {
        document(
            ConnectionMemory.ID(tenant: connection.tenant, name: connection.settings.name), connection.settings,
            connection.addresses, certificates: connection.publishedCertificates, key: connection.signingKey)
    }

    /// As above, also while there is no metadata of the provider: that one is set up by ours.
    /// - Returns: nil where there is no such connection that can be used.
    /// - Throws: `ConnectionFault.keysUnusable`, `StoreFault`.
    public func ownMetadata(of name: ConnectionName, of tenant: TenantID) async throws -> String? {
        guard let settings = settings(of: tenant).first(where: { $0.name == name }),
            let addresses = addresses(settings, of: tenant), let place = try await place(settings, tenant)
        else { return nil }
        let keys = try await usableKeys(at: place)
        guard let current = keys.current else { throw ConnectionFault.keysUnusable("there is none") }
        return document(
            place.id, settings, addresses, certificates: keys.published.map(\.certificate), key: current.key)
    }

    /// As it was signed last, until something in it is another or `signedMetadataLife` is over: anybody may ask for it,
    /// and a signature costs.
    private func document(
        _ id: ConnectionMemory.ID, _ settings: ConnectionSettings, _ addresses: ConnectionAddresses,
        certificates: [[UInt8]], key: PrivateKey
    ) -> String {
        let moment = now()
        let contents = ConnectionMemory.OwnDocument.Contents(
            addresses: addresses, usesSingleLogout: settings.usesSingleLogout, nameIDFormat: settings.nameIDFormat,
            certificates: certificates)
        if let known = memory.withLock({ $0.entries[id]?.document }), known.contents == contents,
            known.madeAt <= moment, moment < known.madeAt.advanced(by: Self.signedMetadataLife)
        {
            return known.text
        }
        let others = NameIDFormat.allCases.filter { $0 != settings.nameIDFormat }
        let metadata = ServiceMetadata(
            entityID: addresses.entityID, consumerURL: addresses.acs,
            logoutURL: settings.usesSingleLogout ? addresses.slo : nil, signingCertificates: certificates,
            encryptionCertificates: certificates, nameIDFormats: [settings.nameIDFormat] + others,
            validUntil: moment.advanced(by: Self.metadataLife), cacheDuration: Self.metadataCacheDuration)
        let text = metadata.document(id: "_" + SecureRandom.token(byteCount: 16), signedBy: key)
        memory.withLock { memory in
            memory.change(id) { $0.document = .init(contents: contents, madeAt: moment, text: text) }
        }
        return text
    }
}
