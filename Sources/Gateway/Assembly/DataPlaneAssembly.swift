import Access
import Core
import EventLoop
import Foundation
import HostCrypto
import Portal
import Proxy

/// Makes the data plane's configuration of checked settings: reads certificates, compiles routes, resolves
/// servers, renders pages.  Pure but for the files and names that it reads.
struct DataPlaneAssembly {
    let settings: GatewaySettings
    /// With the tenants of the store.
    let access: AccessSettings
    let pages: PortalPages
    let tickets: TicketKeys
    /// Signs assertions; nil where there is none to sign for.
    var signingKey: ES256PrivateKey?
    /// Says where servers are.
    var resolver: GatewayServer.ServerResolver = DataPlaneAssembly.addresses

    /// What cannot be assembled, in words for the operator.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A certificate in use.
    struct LoadedCertificate: Sendable, Hashable {
        let file: String
        let names: [String]
        /// Seconds since 1970.
        let notAfter: Int64
    }

    func configuration(generation: UInt64) throws -> (DataPlaneConfiguration, certificates: [LoadedCertificate]) {
        var loaded: [LoadedCertificate] = []
        var contexts: [TLSServerContext?] = []
        for listener in settings.proxy.listeners {
            guard let tls = listener.tls else {
                contexts.append(nil)
                continue
            }
            let pairs = try tls.certificates.map { certificate in
                let pair = try Self.pair(certificate)
                loaded.append(
                    LoadedCertificate(file: certificate.chainFile, names: pair.names, notAfter: pair.notAfter))
                return pair
            }
            do {
                contexts.append(
                    try TLSServerContext(
                        certificates: pairs, isTLS13Only: tls.minimumVersion == .tls13,
                        offersHTTP2: listener.offersHTTP2, tickets: tickets))
            } catch {
                throw Failure(
                    description: "listener \(listener.address): OpenSSL refuses its certificates: \(error.words)")
            }
        }
        let access: AccessSnapshot
        do {
            access = try AccessSnapshot(self.access, generation: generation)
        } catch {
            throw Failure(description: "\(error)")
        }
        let port = settings.access.publicPort == 443 ? "" : ":\(settings.access.publicPort)"
        let publicURL = "https://\(settings.access.publicHost)\(port)"
        let configuration = DataPlaneConfiguration(
            generation: generation, settings: settings.proxy, access: access,
            routeNames: settings.access.routes.map(\.name), tls: contexts,
            upstreamAddresses: settings.proxy.upstreams.map { $0.servers.map(resolver) },
            upstreamTLS: try settings.proxy.upstreams.map(Self.clientContext),
            pages: pages.refusalPages(), pagePolicy: pages.contentSecurityPolicy,
            publicURL: publicURL,
            requestLog: RequestLogSettings(
                isEnabled: settings.telemetry.log.level == .info || settings.telemetry.log.level == .debug,
                isText: settings.telemetry.log.format == .text),
            assertions: settings.proxy.signsAssertions
                ? signingKey.map { key in
                    AssertionSigner(
                        key: key, issuer: publicURL, audiences: settings.proxy.upstreams.map(\.audience))
                } : nil)
        return (configuration, loaded)
    }

    /// Where a server is; nowhere while its name has no address.
    @Sendable static func addresses(of server: UpstreamServer) -> [ServerAddress] {
        guard server.scheme != .unix else { return [.local(path: server.host)] }
        return Resolver.addresses(of: server.host, port: server.port).map { .network($0) }
    }

    /// How an upstream's https servers are spoken to; nil where it has none.
    private static func clientContext(_ upstream: UpstreamSettings) throws -> TLSClientContext? {
        guard upstream.servers.contains(where: { $0.scheme == .https }) else { return nil }
        let ingredients = TLSClientContext.Ingredients(
            authorities: try upstream.tls.authorityFile.map(read),
            certificate: try upstream.tls.clientCertificate.map(pair), servers: upstream.servers.count)
        do {
            return try TLSClientContext(ingredients)
        } catch {
            let file = upstream.tls.authorityFile ?? "the system's certificates"
            throw Failure(description: "upstreams.\(upstream.name): OpenSSL refuses \(file): \(error.words)")
        }
    }

    /// Reads a chain and its key.
    static func pair(_ certificate: CertificateSettings) throws -> CertificatePair {
        let chain = try read(certificate.chainFile)
        let key = try read(certificate.keyFile)
        do {
            return try CertificatePair(chain: chain, key: key)
        } catch {
            let words =
                switch error {
                case .noCertificate:
                    "\(certificate.chainFile): holds no certificate in PEM form; put the server's certificate first, then its issuers"
                case .noKey:
                    "\(certificate.keyFile): holds no unencrypted private key in PEM form; convert it with `openssl pkey -in … -out …`"
                case .mismatch:
                    "\(certificate.keyFile): is not the key of the first certificate in \(certificate.chainFile); give both files of one issue"
                case .refused(let reason):
                    "\(certificate.chainFile): OpenSSL refuses it: \(reason)"
                }
            throw Failure(description: words)
        }
    }

    /// Largest certificate or key file that is read.
    static let longestFile = 1 << 20

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(description: "\(path): cannot be read; check that it exists and that this user may read it")
        }
        defer { try? file.close() }
        guard let data = try file.read(upToCount: longestFile + 1), data.count <= longestFile else {
            throw Failure(description: "\(path): is empty or larger than 1 MiB; it should be a PEM file")
        }
        return [UInt8](data)
    }
}
