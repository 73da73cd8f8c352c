import Core
import Outbound
import Store
import Testing

@testable import Login
@testable import SAML

@Suite("A connection is there for whoever may use it, whole or with the reason why not")
struct ConnectionLookUpTests {
    @Test("a connection of a file has its provider, its addresses and a key of our own")
    func file() async throws {
        let world = try await ConnectionWorld(.file(document: try MetadataText().document(), path: "okta.xml"))
        let connection = try #require(try await world.look())
        let base = "https://acme.example.org/.gatehouse/saml/acme/okta"
        #expect(connection.tenant == world.id && connection.settings == world.settings.value[0])
        #expect(
            connection.addresses.entityID == base + "/metadata" && connection.addresses.metadata == base + "/metadata")
        #expect(connection.addresses.login == base + "/login" && connection.addresses.acs == base + "/acs")
        #expect(connection.addresses.slo == base + "/slo")
        #expect(connection.provider.entityID == "https://idp.example/metadata")
        #expect(connection.signingKey.fits(certificate: connection.signingCertificate))
        #expect(connection.publishedCertificates == [connection.signingCertificate])
        #expect(connection.decryptionKeys.map { $0.fits(certificate: connection.signingCertificate) } == [true])
        #expect(world.questions.value.isEmpty)
        world.change { $0.entityID = "urn:acme" }
        #expect(try await world.look()?.addresses.entityID == "urn:acme")
    }

    @Test("an unknown, a disabled, an excluded one and one without a host is nobody's")
    func nobody() async throws {
        let world = try await ConnectionWorld(.file(document: try MetadataText().document(), path: "okta.xml"))
        let other = try #require(ConnectionName("entra"))
        #expect(try await world.connections.connection(other, of: world.id) == nil)
        #expect(try await world.connections.connection(world.name, of: tenantID("other")) == nil)
        world.origin.value = nil
        #expect(try await world.look() == nil)
        #expect(world.connections.addresses(of: world.name, of: world.id) == nil)
        world.origin.value = "https://acme.example.org"
        world.mayUse.value = false
        #expect(try await world.look() == nil)
        #expect(world.connections.settings(of: world.id).isEmpty)
        world.mayUse.value = true
        world.change { $0.isEnabled = false }
        #expect(try await world.look() == nil)
        #expect(try await world.connections.ownMetadata(of: world.name, of: world.id) == nil)
        world.change { $0.isEnabled = true }
        #expect(try await world.look() != nil)
    }

    @Test("a file that is no metadata, or has ended, is said")
    func badFile() async throws {
        let world = try await ConnectionWorld(.file(document: Array("<a/>".utf8), path: "okta.xml"))
        guard case .metadataMissing(let words) = try await world.fault() else {
            Issue.record("it was taken")
            return
        }
        #expect(words.hasPrefix("okta.xml: "))
        let end = world.after(.hours(1))
        let document = try MetadataText(validUntil: end).document()
        world.change { $0.metadata = .file(document: document, path: "okta.xml") }
        #expect(try await world.fault() == nil)
        world.base.clock.advance(.hours(1))
        #expect(try await world.fault() == .metadataExpired(end))
    }

    // MARK: Addresses

    @Test("the first use asks the address, with what the configuration says, and the next ones do not")
    func firstUse() async throws {
        let world = try await ConnectionWorld(.url(ConnectionWorld.address, caFile: "/etc/ca.pem"))
        try world.serve(etag: "\"one\"")
        #expect(try await world.look() != nil)
        #expect(try await world.look() != nil)
        let question = HTTPSFetch(
            url: ConnectionWorld.address, caFile: "/etc/ca.pem",
            allowed: [try #require(AddressRange("10.0.0.0/8"))], etag: nil)
        #expect(world.questions.value == [question])
        #expect(try await world.restarted().connection(world.name, of: world.id) != nil)
        #expect(world.questions.value.count == 1)
    }

    @Test("many first uses at once are one question and one key")
    func atOnce() async throws {
        let world = try await ConnectionWorld()
        try world.serve()
        let certificates = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            for _ in 0..<8 { group.addTask { try await world.look()?.signingCertificate } }
            return try await group.reduce(into: Set<[UInt8]?>()) { $0.insert($1) }
        }
        #expect(certificates.count == 1 && certificates.first != .some(nil))
        #expect(world.questions.value.count == 1)
        #expect(try await world.tenant.connections.keys(of: world.name).count == 1)
        #expect(try await world.actions() == ["connection.key-made"])
    }

    @Test("an address that does not answer is said, and not asked again by every visitor")
    func failing() async throws {
        let world = try await ConnectionWorld()
        #expect(try await world.fault() == .metadataMissing("it answered 503"))
        #expect(try await world.fault() == .metadataMissing("it answered 503"))
        #expect(world.questions.value.count == 1)
        world.base.clock.advance(.minutes(1))
        try world.serve()
        #expect(try await world.fault() == nil)
        #expect(world.questions.value.count == 2)
    }

    @Test("another address never goes on with the former one's document")
    func anotherAddress() async throws {
        let world = try await ConnectionWorld()
        try world.serve(etag: "\"one\"")
        #expect(try await world.look() != nil)
        world.answer.value = nil
        world.change { $0.metadata = .url("https://other.example/metadata", caFile: nil) }
        #expect(try await world.fault() == .metadataMissing("it answered 503"))
        #expect(world.questions.value.last?.etag == nil)
        try world.serve(MetadataText(entityID: "https://other.example/metadata"))
        world.base.clock.advance(.minutes(1))
        #expect(try await world.look()?.provider.entityID == "https://other.example/metadata")
    }

    // MARK: Our metadata

    @Test("our metadata is there before the provider's is, and says where we are and by which key")
    func ownMetadata() async throws {
        let world = try await ConnectionWorld()
        let text = try #require(try await world.connections.ownMetadata(of: world.name, of: world.id))
        let root = try XMLDocument(parsing: Array(text.utf8), .metadata).root
        #expect(root.attribute("entityID") == "https://acme.example.org/.gatehouse/saml/acme/okta/metadata")
        #expect(root.attribute("validUntil") == SAMLTime.write(world.after(.hours(7 * 24))))
        let role = try #require(root.children("SPSSODescriptor", in: Names.metadataSpace).first)
        #expect(
            role.children("KeyDescriptor", in: Names.metadataSpace).map { $0.attribute("use") } == [
                "signing", "encryption",
            ])
        #expect(!role.children("SingleLogoutService", in: Names.metadataSpace).isEmpty)
        #expect(role.children("AssertionConsumerService", in: Names.metadataSpace).count == 1)
        let stored = try #require(try await world.tenant.connections.keys(of: world.name).first)
        #expect(text.contains(Base64.encode(stored.certificate, alphabet: .standard)))
        try world.serve()
        world.base.clock.advance(.minutes(1))
        let connection = try #require(try await world.look())
        let signature = try #require(root.children("Signature", in: Names.signatureSpace).first)
        var trace = Trace()
        let octets = try SignatureCheck(
            keys: [try VerificationKey(certificate: connection.signingCertificate)], algorithms: .current
        ).octets(
            in: try XMLDocument(parsing: Array(text.utf8), .metadata), root, by: signature, what: "document", &trace)
        #expect(!octets.isEmpty)
        world.change { $0.usesSingleLogout = false }
        let without = world.connections.metadataDocument(of: try #require(try await world.look()))
        #expect(!without.contains("SingleLogoutService"))
    }
}
