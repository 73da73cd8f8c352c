import Core
import Outbound
import Store
import Testing

@testable import Login
@testable import SAML

@Suite("A test of a connection finds what a sign-in would fall over")
struct ConnectionTestTests {
    private func findings(_ world: ConnectionWorld) async -> [TestFinding] {
        await world.connections.test(world.name, of: world.id)
    }

    private func outcome(_ name: String, _ world: ConnectionWorld) async -> TestFinding.Outcome? {
        await findings(world).filter { $0.name == name }.map(\.outcome)
            .max { order($0) < order($1) }
    }

    private func order(_ outcome: TestFinding.Outcome) -> Int {
        switch outcome {
        case .pass: 0
        case .warn: 1
        case .fail: 2
        }
    }

    @Test("a sound connection passes, and nothing is kept of what was asked")
    func sound() async throws {
        let world = try await ConnectionWorld()
        try world.serve()
        world.change { $0.usesSingleLogout = false }
        #expect(await findings(world).filter { $0.outcome != .pass } == [])
        #expect(world.questions.value.map(\.etag) == [nil])
        #expect(try await world.tenant.connections.metadata(of: world.name) == nil)
    }

    @Test("an address that does not answer fails, and so does what may not take the former one's place")
    func metadata() async throws {
        let world = try await ConnectionWorld()
        #expect(await findings(world).contains(TestFinding("metadata", .fail, "it answered 503")))
        try world.serve()
        await world.connections.refresh(at: world.now)
        try world.serve(MetadataText(entityID: "urn:other"))
        #expect(await outcome("metadata", world) == .fail)
        try world.serve(MetadataText(certificates: [try TestProvider.certificate("stranger")]))
        #expect(await outcome("metadata", world) == .pass)
        #expect(await outcome("certificates", world) == .warn)
    }

    @Test("a provider without a place for our requests fails, and the other binding is named")
    func binding() async throws {
        let world = try await ConnectionWorld()
        try world.serve(MetadataText(bindings: [.post]))
        let finding = try #require(await findings(world).first { $0.name == "single sign-on" })
        #expect(finding.outcome == .fail && finding.words.contains("request_binding: post"))
        world.change { $0.requestBinding = .post }
        #expect(await outcome("single sign-on", world) == .pass)
        try world.serve(MetadataText(bindings: []))
        #expect(await outcome("single sign-on", world) == .fail)
    }

    @Test("what nobody can use, what ends and what is half done is worth a look")
    func warnings() async throws {
        let world = try await ConnectionWorld()
        try world.serve(MetadataText(certificates: [try MetadataText.certificate(from: world.now, days: 20)]))
        #expect(await outcome("certificates", world) == .warn)
        #expect(await outcome("single logout", world) == .warn)
        #expect(await outcome("connection", world) == .pass)
        #expect(try await world.connections.rollOver(.begin, world.name, of: world.id, by: .operator) == .done)
        #expect(await outcome("own key", world) == .warn)
        world.mayUse.value = false
        #expect(await outcome("connection", world) == .warn)
        world.change { $0.isEnabled = false }
        #expect(await outcome("connection", world) == .warn)
        world.origin.value = nil
        #expect(await outcome("addresses", world) == .fail)
    }

    @Test("a connection that is not there fails")
    func unknown() async throws {
        let world = try await ConnectionWorld()
        let other = try #require(ConnectionName("entra"))
        #expect(await world.connections.test(other, of: world.id).map(\.outcome) == [.fail])
    }
}
