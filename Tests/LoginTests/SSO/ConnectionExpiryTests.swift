import Core
import Store
import Testing

@testable import Login
@testable import SAML

@Suite("What ends is told in time, and each distance once")
struct ConnectionExpiryTests {
    private static let day = Milliseconds.hours(24)

    /// The days that mails say while so many days pass, four turns a day.
    private func told(_ world: ConnectionWorld, days: Int) async throws -> [Int] {
        var told: [Int] = []
        for _ in 0..<days {
            await world.pass(Self.day, every: .hours(6))
            for mail in try await world.mails() {
                guard case .connectionExpiring(_, _, _, _, let days) = mail else { continue }
                told.append(days)
            }
        }
        return told
    }

    @Test(
        "the nearest threshold counts, at its very moment",
        arguments: [(61, nil), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-400, 0)])
    func thresholds(days: Int64, reached: Int?) {
        let now = WallTime(milliseconds: 1_700_000_000_000)
        let end = WallTime(milliseconds: now.milliseconds + days * 86_400_000)
        #expect(ExpiryThresholds.reached(by: now, end: end) == reached)
        if days > 0, let reached, reached != 60, days == Int64(reached) {
            let before = WallTime(milliseconds: now.milliseconds - 1)
            #expect(ExpiryThresholds.reached(by: before, end: end) != reached)
        }
        #expect(ExpiryThresholds.daysLeft(at: now, end: end) == max(0, Int(days)))
        #expect(ExpiryThresholds.reached(by: now, end: WallTime(milliseconds: .max)) == nil)
        #expect(ExpiryThresholds.reached(by: now, end: WallTime(milliseconds: .min)) == 0)
    }

    @Test("a provider's certificate is told at 60, 30 and 7 days and at its end")
    func provider() async throws {
        let start = TestClock().wall()
        let certificate = try MetadataText.certificate(from: start, days: 62)
        let world = try await ConnectionWorld(
            .file(document: try MetadataText(certificates: [certificate]).document(), path: "okta.xml"))
        await world.connections.refresh(at: world.now)
        #expect(try await world.mails().isEmpty)
        #expect(try await told(world, days: 70) == [60, 30, 7, 0])
        let entries = try await world.tenant.audit.entries()
            .filter { $0.action == "connection.expiring" }
        #expect(entries.count == 4 && world.connections.metrics.warnings == 4)
        let name = try fingerprint(certificate)
        #expect(entries.allSatisfy { $0.publicDetails.contains(.init("fingerprint", name)) })
        #expect(try await world.status().certificates.map(\.fingerprint) == [name])
    }

    @Test("what was told is not told again by another process, and one that comes late tells the nearest alone")
    func late() async throws {
        let world = try await ConnectionWorld()
        try world.serve(
            MetadataText(certificates: [try MetadataText.certificate(from: world.now, days: 20)]))
        await world.connections.refresh(at: world.now)
        guard case .connectionExpiring("Okta (okta)", .providerCertificate, _, _, 20) = try await world.mails().first
        else {
            Issue.record("it was not told")
            return
        }
        let restarted = world.restarted()
        await restarted.refresh(at: world.now)
        #expect(try await world.mails().isEmpty)
    }

    @Test("our own certificate is told of too, and the one that takes its place is not")
    func own() async throws {
        let world = try await ConnectionWorld(.file(document: try MetadataText().document(), path: "okta.xml"))
        let first = try #require(try await world.look()).signingCertificate
        world.base.clock.advance(Milliseconds(Self.day.count * UInt64(SSOConnections.certificateDays - 60)))
        await world.connections.refresh(at: world.now)
        let mails = try await world.mails()
        guard case .connectionExpiring(_, .ownCertificate, let name, _, 59) = mails.first else {
            Issue.record("\(mails)")
            return
        }
        #expect(try mails.count == 1 && name == fingerprint(first))
        for step in [KeyRollOver.begin, .finish] {
            #expect(try await world.connections.rollOver(step, world.name, of: world.id, by: .operator) == .done)
        }
        #expect(try await told(world, days: 65).isEmpty)
    }

    @Test("a file that has an end is told of, and a new one begins anew")
    func metadata() async throws {
        let start = TestClock().wall()
        let first = try MetadataText(validUntil: start.advanced(by: .hours(24 * 9))).document()
        let world = try await ConnectionWorld(.file(document: first, path: "okta.xml"))
        await world.connections.refresh(at: world.now)
        let told = try await world.mails()
        guard case .connectionExpiring(_, .metadata, "", _, 9) = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
        #expect(try await self.told(world, days: 3) == [7])
        let second = try MetadataText(validUntil: world.after(.hours(24 * 9))).document()
        world.change { $0.metadata = .file(document: second, path: "okta.xml") }
        #expect(try await self.told(world, days: 10) == [7, 0])
    }

    @Test("metadata at an address is always near its end: only the end is told")
    func fetched() async throws {
        let world = try await ConnectionWorld()
        try world.serve(MetadataText(validUntil: world.after(.hours(48))))
        await world.connections.refresh(at: world.now)
        #expect(try await world.mails().isEmpty)
        world.answer.value = nil
        await world.pass(.hours(49), every: .hours(1))
        #expect(try await world.mails().map(\.kind) == ["connection-failing", "connection-expiring"])
    }
}
