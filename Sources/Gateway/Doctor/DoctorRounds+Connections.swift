import Core
import Login
import Outbound
import SAML

extension DoctorRounds {
    /// Connections that are looked at; a test of each is a command of its own.
    static let mostConnections = 20

    /// Reads the metadata of connections that are in use: from its file, or from its address.
    var connections: [DoctorObservations.ConnectionSighting]? {
        settings.map { settings in
            let all = settings.tenantFiles.flatMap { file in
                file.connections.filter(\.isEnabled).map { (file.id, $0) }
            }
            return all.prefix(Self.mostConnections).map { tenant, connection in
                sighting(tenant, connection, allowed: settings.outbound.allowedNetworks)
            }
        }
    }

    private func sighting(
        _ tenant: TenantID, _ connection: ConnectionSettings, allowed: [AddressRange]
    ) -> DoctorObservations.ConnectionSighting {
        let (source, outcome): (String, Result<[UInt8], DoctorObservations.ConnectionSighting.Fault>)
        switch connection.metadata {
        case .file(let document, let path): (source, outcome) = (path, .success(document))
        case .url(let address, let caFile):
            let fetch = HTTPSFetch(url: address, caFile: caFile, allowed: allowed, etag: nil)
            let answer = Result { () throws(FetchFailure) in try fetch.fetch() }
            (source, outcome) = (
                address,
                answer.mapError { .init(words: "\($0)") }.flatMap { document in
                    guard case .document(let bytes, _) = document else {
                        return .failure(.init(words: "there is no document"))
                    }
                    return .success(bytes)
                }
            )
        }
        return DoctorObservations.ConnectionSighting(
            tenant: tenant, connection: connection.name, source: source, outcome: outcome.flatMap(Self.provider))
    }

    private static func provider(
        _ document: [UInt8]
    ) -> Result<DoctorObservations.ConnectionSighting.Provider, DoctorObservations.ConnectionSighting.Fault> {
        do throws(MetadataFault) {
            let provider = try MetadataReader.read(document)
            return .success(
                .init(
                    entityID: provider.entityID, validUntil: provider.validUntil,
                    certificateEnds: provider.signingKeys.map(\.notAfter)))
        } catch {
            return .failure(.init(words: "\(error)"))
        }
    }
}
