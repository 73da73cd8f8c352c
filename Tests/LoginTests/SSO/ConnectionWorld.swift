import Core
import HostCrypto
import Outbound
import Store

@testable import Login
@testable import SAML

/// A tenant whose connection `okta` has its provider's metadata at an address, or in a file, and an administrator.
final class ConnectionWorld: Sendable {
    static let address = "https://idp.example/metadata"
    static let administrator = "admin@acme.example"

    let base: LoginWorld
    let tenant: TenantStore
    let id: TenantID
    let name: ConnectionName
    /// The tenant's connections.
    let settings: Shared<[ConnectionSettings]>
    let mayUse = Shared(true)
    let origin = Shared<String?>("https://acme.example.org")
    /// What the address answers; nil is a failure.
    let answer = Shared<FetchedDocument?>(nil)
    /// What the address was asked.
    let questions = Shared<[HTTPSFetch]>([])
    let reports = Shared<[ConnectionReport]>([])
    let connections: SSOConnections

    /// - Parameter source: nil for the usual address.
    init(_ source: MetadataSource? = nil, administrators: [String] = [administrator]) async throws {
        base = try await LoginWorld()
        base.settings.change { $0.mail = MailSettings(language: "de", publicHost: "app.example.org") }
        guard let name = ConnectionName("okta"), let admin = RoleName(AttackAlerts.role) else { throw Missing() }
        self.name = name
        tenant = try await base.makeTenant()
        id = tenant.tenant
        for email in administrators {
            let user = User(roles: [admin], email: email, name: "Ada")
            _ = try await tenant.users.create(
                user, password: nil, audit: entry("user.created", subject: user.id), at: base.clock.wall())
        }
        settings = Shared([
            ConnectionSettings(
                name: name, displayName: "Okta", metadata: source ?? .url(Self.address, caFile: nil))
        ])
        connections = Self.connections(
            base, id, settings: settings, mayUse: mayUse, origin: origin, answer: answer, questions: questions,
            reports: reports)
    }

    /// Another process over the same store.
    func restarted() -> SSOConnections {
        Self.connections(
            base, id, settings: settings, mayUse: mayUse, origin: origin, answer: answer, questions: questions,
            reports: reports)
    }

    private static func connections(
        _ base: LoginWorld, _ id: TenantID, settings: Shared<[ConnectionSettings]>, mayUse: Shared<Bool>,
        origin: Shared<String?>, answer: Shared<FetchedDocument?>, questions: Shared<[HTTPSFetch]>,
        reports: Shared<[ConnectionReport]>
    ) -> SSOConnections {
        SSOConnections(
            store: base.store, tenants: { [id] }, settings: { $0 == id ? settings.value : [] },
            mayUse: { _ in mayUse.value }, origin: { _ in origin.value },
            allowedNetworks: { [AddressRange("10.0.0.0/8")].compactMap { $0 } }, mail: { base.settings.value.mail },
            fetch: { question in
                questions.change { $0.append(question) }
                await Task.yield()
                guard let answer = answer.value else { throw FetchFailure.status(503) }
                return answer
            }, now: { base.clock.wall() }, report: { report in reports.change { $0.append(report) } })
    }

    var now: WallTime { base.clock.wall() }

    /// The moment so long after now.
    func after(_ span: Milliseconds) -> WallTime { now.advanced(by: span) }

    func change(_ body: (inout ConnectionSettings) -> Void) { settings.change { body(&$0[0]) } }

    func look() async throws -> SSOConnection? { try await connections.connection(name, of: id) }

    /// Why the connection cannot be used; nil where it can.
    func fault() async throws -> ConnectionFault? {
        do {
            _ = try await look()
            return nil
        } catch let fault as ConnectionFault {
            return fault
        }
    }

    /// Lets time pass, a turn of the job each minute.
    func pass(_ span: Milliseconds, every step: Milliseconds = .minutes(1)) async {
        var left = span.count
        while left >= step.count {
            base.clock.advance(step)
            await connections.refresh(at: now)
            left -= step.count
        }
    }

    func status() async throws -> ConnectionStatus {
        guard let status = await connections.status().first else { throw Missing() }
        return status
    }

    /// The mails that wait, the oldest first; they are taken.
    func mails() async throws -> [MailNotice] {
        var notices: [MailNotice] = []
        while let taken = try await tenant.outbox.take(at: now, until: after(.hours(1))) {
            if let notice = MailNotice(taken.letter) { notices.append(notice) }
            try await tenant.outbox.remove(taken.id)
        }
        return notices
    }

    /// Actions of the audit log about connections.
    func actions() async throws -> [String] {
        try await tenant.audit.entries().map(\.action).filter { $0.hasPrefix("connection.") }
    }

    /// A document is at the address from now on.
    func serve(_ metadata: MetadataText = MetadataText(), etag: String? = nil) throws {
        answer.value = .document(try metadata.document(), etag: etag)
    }
}

/// Metadata of a provider.
struct MetadataText {
    var entityID = "https://idp.example/metadata"
    /// In DER; nil for the one of Tests/Vectors/saml.
    var certificates: [[UInt8]]?
    var validUntil: WallTime?
    var cacheDuration: String?
    var bindings: [SAMLBinding] = [.redirect]

    func document() throws -> [UInt8] {
        let keys = try (certificates ?? [TestProvider.certificate("provider")]).map { der in
            #"<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="\#(Names.signatureSpace)"><ds:X509Data>"#
                + "<ds:X509Certificate>\(Base64.encode(der, alphabet: .standard))</ds:X509Certificate></ds:X509Data>"
                + "</ds:KeyInfo></md:KeyDescriptor>"
        }.joined()
        let end = validUntil.map { #" validUntil="\#(SAMLTime.write($0))""# } ?? ""
        let duration = cacheDuration.map { #" cacheDuration="\#($0)""# } ?? ""
        let places = bindings.map {
            #"<md:SingleSignOnService Binding="\#($0.rawValue)" Location="https://idp.example/sso"/>"#
        }.joined()
        return Array(
            (#"<md:EntityDescriptor xmlns:md="\#(Names.metadataSpace)" entityID="\#(entityID)"\#(end)\#(duration)>"#
                + #"<md:IDPSSODescriptor protocolSupportEnumeration="\#(Names.protocolSpace)">\#(keys)\#(places)"#
                + "</md:IDPSSODescriptor></md:EntityDescriptor>").utf8)
    }

    /// A certificate that lasts so many days.
    static func certificate(from start: WallTime, days: Int) throws -> [UInt8] {
        try SelfSignedPair.makeRSA(commonName: "idp.example", notBefore: start, days: days).certificate
    }
}

/// How certificates are named.
func fingerprint(_ certificate: [UInt8]) throws -> String { try VerificationKey(certificate: certificate).fingerprint }
