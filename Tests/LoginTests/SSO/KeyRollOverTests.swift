import Core
import Store
import Testing

@testable import Login
@testable import SAML

@Suite("Our own key changes without anybody being locked out")
struct KeyRollOverTests {
    private func world() async throws -> ConnectionWorld {
        try await ConnectionWorld(.file(document: try MetadataText().document(), path: "okta.xml"))
    }

    private func step(_ step: KeyRollOver, _ world: ConnectionWorld) async throws -> KeyRollOver.Outcome {
        try await world.connections.rollOver(step, world.name, of: world.id, by: .operator)
    }

    private func names(_ certificate: [UInt8], in metadata: String?) -> Bool {
        metadata?.contains(Base64.encode(certificate, alphabet: .standard)) == true
    }

    @Test("while it lasts both are published, both decrypt, and the old one signs")
    func begun() async throws {
        let world = try await world()
        let before = try #require(try await world.look())
        #expect(try await step(.begin, world) == .done)
        #expect(try await step(.begin, world) == .alreadyBegun)
        let during = try #require(try await world.look())
        #expect(during.signingCertificate == before.signingCertificate)
        #expect(during.publishedCertificates.count == 2)
        #expect(during.publishedCertificates.first == before.signingCertificate)
        let next = during.publishedCertificates[1]
        for certificate in during.publishedCertificates {
            #expect(during.decryptionKeys.contains { $0.fits(certificate: certificate) })
            #expect(names(certificate, in: world.connections.metadataDocument(of: during)))
        }
        #expect(try await step(.finish, world) == .done)
        let after = try #require(try await world.look())
        #expect(after.signingCertificate == next && after.signingKey.fits(certificate: next))
        #expect(after.publishedCertificates == [next])
        #expect(!names(before.signingCertificate, in: world.connections.metadataDocument(of: after)))
        #expect(
            try await world.actions() == [
                "connection.key-made", "connection.roll-over-begun", "connection.roll-over-finished",
            ])
    }

    @Test("the former key decrypts for thirty days, and is thrown away then")
    func former() async throws {
        let world = try await world()
        let former = try #require(try await world.look()).signingCertificate
        #expect(try await step(.begin, world) == .done)
        world.base.clock.advance(.hours(24 * 40))
        #expect(try await step(.finish, world) == .done)
        func decrypts() async throws -> Bool {
            try #require(try await world.look()).decryptionKeys.contains { $0.fits(certificate: former) }
        }
        #expect(try await decrypts())
        world.base.clock.advance(.hours(24 * 30 - 1))
        await world.connections.refresh(at: world.now)
        #expect(try await decrypts())
        #expect(try await world.tenant.connections.keys(of: world.name).count == 2)
        world.base.clock.advance(.hours(1))
        #expect(try await !decrypts())
        await world.connections.refresh(at: world.now)
        #expect(try await world.tenant.connections.keys(of: world.name).map(\.state) == [.current])
    }

    @Test("of many former keys the two latest decrypt")
    func manyFormer() async throws {
        let world = try await world()
        var certificates = [try #require(try await world.look()).signingCertificate]
        for _ in 0..<3 {
            world.base.clock.advance(.hours(1))
            #expect(try await step(.begin, world) == .done)
            #expect(try await step(.finish, world) == .done)
            certificates.append(try #require(try await world.look()).signingCertificate)
        }
        let keys = try #require(try await world.look()).decryptionKeys
        #expect(certificates.map { one in keys.contains { $0.fits(certificate: one) } } == [false, true, true, true])
        #expect(try await world.tenant.connections.keys(of: world.name).count == 4)
    }

    @Test("our metadata is signed once an hour, and anew as soon as a key is another")
    func signedOnce() async throws {
        let world = try await world()
        func metadata() async throws -> String {
            try #require(try await world.connections.ownMetadata(of: world.name, of: world.id))
        }
        let first = try await metadata()
        #expect(try await metadata() == first)
        #expect(world.connections.metadataDocument(of: try #require(try await world.look())) == first)
        #expect(try await step(.begin, world) == .done)
        let second = try await metadata()
        #expect(second != first)
        #expect(try await step(.finish, world) == .done)
        let third = try await metadata()
        #expect(third != second && third != first)
        world.change { $0.entityID = "https://acme.example.org/ours" }
        let fourth = try await metadata()
        #expect(fourth.contains("entityID=\"https://acme.example.org/ours\""))
        world.base.clock.advance(.minutes(59))
        #expect(try await metadata() == fourth)
        world.base.clock.advance(.minutes(1))
        #expect(try await metadata() != fourth)
    }

    @Test("a cancelled one leaves everything as it was")
    func cancelled() async throws {
        let world = try await world()
        let before = try #require(try await world.look())
        #expect(try await step(.begin, world) == .done)
        #expect(try await step(.cancel, world) == .done)
        let after = try #require(try await world.look())
        #expect(after.publishedCertificates == before.publishedCertificates && after.decryptionKeys.count == 1)
    }

    @Test("nothing is finished or cancelled that was not begun, and nobody's key changes")
    func nothing() async throws {
        let world = try await world()
        #expect(try await step(.finish, world) == .nothingBegun)
        #expect(try await step(.cancel, world) == .nothingBegun)
        let other = try #require(ConnectionName("entra"))
        #expect(try await world.connections.rollOver(.begin, other, of: world.id, by: .operator) == .unknown)
        #expect(try await world.actions().isEmpty)
    }

    @Test("keys last: another process has the same one")
    func durable() async throws {
        let world = try await world()
        let certificate = try #require(try await world.look()).signingCertificate
        let other = try #require(try await world.restarted().connection(world.name, of: world.id))
        #expect(other.signingCertificate == certificate)
        let details = try VerificationKey(certificate: certificate)
        #expect(details.notBefore * 1000 <= world.now.milliseconds)
        #expect(details.notAfter - details.notBefore == Int64(SSOConnections.certificateDays) * 86_400)
    }

    @Test("two processes that make the first key at once have one")
    func twoProcesses() async throws {
        let world = try await world()
        let other = world.restarted()
        async let one = world.look()?.signingCertificate
        async let two = other.connection(world.name, of: world.id)?.signingCertificate
        let both = try await (one, two)
        #expect(both.0 != nil && both.0 == both.1)
    }
}
