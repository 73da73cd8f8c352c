import Core
import Outbound
import Store
import Testing

@testable import Login
@testable import SAML

@Suite("Metadata at an address is renewed in time, and only by what may take its place")
struct MetadataRefreshTests {
    /// Minutes between questions while time passes.
    private func asked(_ world: ConnectionWorld, _ span: Milliseconds) async -> [Int] {
        var minutes: [Int] = []
        var count = world.questions.value.count
        for minute in 1...Int(span.count / 60_000) {
            await world.pass(.minutes(1))
            if world.questions.value.count > count { minutes.append(minute) }
            count = world.questions.value.count
        }
        return minutes
    }

    // MARK: When

    @Test(
        "it is asked again after its cacheDuration, after a quarter of its life, within a day, and not at once",
        arguments: [
            ("PT6H", nil, 360), (nil, 4, 60), ("PT6H", 4, 60), ("PT1S", nil, 5), (nil, nil, 1440), ("P7D", nil, 1440),
        ])
    func interval(duration: String?, hours: UInt64?, expected: UInt64) async throws {
        let world = try await ConnectionWorld(administrators: [])
        try world.serve(
            MetadataText(validUntil: hours.map { world.after(.hours($0)) }, cacheDuration: duration))
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.count == 1)
        world.base.clock.advance(.minutes(expected - 1))
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.count == 1)
        world.base.clock.advance(.minutes(1))
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.count == 2)
    }

    @Test("failures wait one minute, then twice as long each time, an hour at most")
    func backoff() async throws {
        let world = try await ConnectionWorld(administrators: [])
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.count == 1)
        #expect(await asked(world, .hours(4)) == [1, 3, 7, 15, 31, 63, 123, 183])
        try world.serve()
        await world.pass(.hours(1))
        #expect(try await world.status().failures == 0)
        #expect(world.connections.metrics.fetched == 1 && world.connections.metrics.failed == 9)
    }

    @Test("what failed is asked again at once by other settings, after a reload, and by a process that has just begun")
    func mended() async throws {
        let world = try await ConnectionWorld(administrators: [])
        func asked(_ connections: SSOConnections) async -> Int {
            await connections.refresh(at: world.now)
            return world.questions.value.count
        }
        #expect(await asked(world.connections) == 1)
        #expect(await asked(world.connections) == 1)
        world.change { $0.metadata = .url(ConnectionWorld.address, caFile: "/etc/ca.pem") }
        #expect(await asked(world.connections) == 2)
        #expect(await asked(world.connections) == 2)
        world.connections.askFailingAnew()
        #expect(await asked(world.connections) == 3)
        #expect(try await world.fault() == .metadataMissing("it answered 503"))
        #expect(world.questions.value.count == 3)
        let restarted = world.restarted()
        try world.serve()
        #expect(await asked(restarted) == 4)
        restarted.askFailingAnew()
        #expect(await asked(restarted) == 4)
    }

    @Test("a clock that was wrong makes nothing wait")
    func clock() async throws {
        let world = try await ConnectionWorld(administrators: [])
        try world.serve()
        await world.connections.refresh(at: world.now)
        world.base.clock.goBack(.hours(48))
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.count == 2)
    }

    @Test("a document that is the same is not sent again, and counts as renewed")
    func unchanged() async throws {
        let world = try await ConnectionWorld()
        try world.serve(etag: "\"one\"")
        await world.connections.refresh(at: world.now)
        world.answer.value = .notModified
        await world.pass(.hours(25), every: .hours(1))
        #expect(world.questions.value.map(\.etag) == [nil, "\"one\""])
        #expect(try await world.look() != nil)
        #expect(try await world.status().fetchedAt == world.now.earlier(by: .hours(1)))
    }

    @Test("a disabled connection and one that may not be used is not asked")
    func idle() async throws {
        let world = try await ConnectionWorld()
        world.mayUse.value = false
        await world.connections.refresh(at: world.now)
        world.mayUse.value = true
        world.change { $0.isEnabled = false }
        await world.connections.refresh(at: world.now)
        #expect(world.questions.value.isEmpty)
        #expect(await world.connections.status().isEmpty)
    }

    // MARK: What is refused

    /// A world whose provider was fetched, and then serves something else; what the status says of it.
    private func refused(
        _ change: (ConnectionWorld) throws -> Void
    ) async throws -> (world: ConnectionWorld, status: ConnectionStatus) {
        let world = try await ConnectionWorld()
        try world.serve()
        await world.connections.refresh(at: world.now)
        let first = try #require(try await world.look()).provider
        try change(world)
        await world.pass(.hours(24), every: .hours(24))
        let connection = try #require(try await world.look())
        #expect(connection.provider.entityID == first.entityID)
        #expect(connection.provider.signingKeys.map(\.fingerprint) == first.signingKeys.map(\.fingerprint))
        let status = try await world.status()
        #expect(status.failures == 1)
        #expect(try await world.actions() == ["connection.key-made"])
        #expect(try await world.mails().isEmpty)
        return (world, status)
    }

    @Test("metadata of another entity is refused, and the former one goes on")
    func otherEntity() async throws {
        let (world, status) = try await refused { world in
            try world.serve(
                MetadataText(
                    entityID: "https://evil.example/", certificates: [try TestProvider.certificate("stranger")]))
        }
        #expect(status.fault?.contains("https://evil.example/") == true)
        #expect(status.entityID == "https://idp.example/metadata")
        #expect(world.reports.value.last.map { "\($0)".contains("https://evil.example/") } == true)
    }

    @Test("metadata that has ended is refused, and the former one goes on")
    func ended() async throws {
        let (_, status) = try await refused { world in
            try world.serve(MetadataText(validUntil: world.after(.hours(1))))
        }
        #expect(status.fault?.hasPrefix("the document has ended at ") == true)
    }

    @Test(
        "what is no metadata, or has no certificate, is refused, and the former one goes on", arguments: [true, false])
    func unreadable(isMarkup: Bool) async throws {
        let (_, status) = try await refused { world in
            if isMarkup {
                try world.serve(MetadataText(certificates: []))
            } else {
                world.answer.value = .document(Array("<html>".utf8), etag: nil)
            }
        }
        #expect(status.fault?.hasPrefix("the document cannot be used: ") == true)
    }

    @Test("the former metadata goes on until its own end, and no further")
    func end() async throws {
        let world = try await ConnectionWorld(administrators: [])
        let end = world.after(.hours(4))
        try world.serve(MetadataText(validUntil: end))
        await world.connections.refresh(at: world.now)
        world.answer.value = nil
        await world.pass(.minutes(239))
        #expect(try await world.fault() == nil)
        #expect(try await world.status().validUntil == end)
        #expect(try await world.status().entityID != nil)
        await world.pass(.minutes(1))
        #expect(try await world.fault() == .metadataExpired(end))
        #expect(try await world.status().entityID == nil)
        try world.serve(MetadataText(validUntil: world.after(.hours(4))))
        await world.pass(.hours(1))
        #expect(try await world.fault() == nil)
    }

    // MARK: What administrators are told

    @Test("other certificates are taken, and told once in the log, by mail and in the audit log")
    func changedCertificates() async throws {
        let world = try await ConnectionWorld()
        let (old, new) = (try TestProvider.certificate("provider"), try TestProvider.certificate("stranger"))
        let names = (old: try fingerprint(old), new: try fingerprint(new))
        try world.serve()
        await world.connections.refresh(at: world.now)
        #expect(try await world.mails().isEmpty)
        try world.serve(MetadataText(certificates: [old, new]))
        await world.pass(.hours(24), every: .hours(24))
        try world.serve(MetadataText(certificates: [new]))
        await world.pass(.hours(47), every: .hours(1))
        let mails = try await world.mails()
        #expect(
            mails.map(\.kind) == ["connection-certificates-changed", "connection-certificates-changed"])
        guard case .connectionCertificatesChanged("Okta (okta)", [names.new], [], _) = mails.first,
            case .connectionCertificatesChanged("Okta (okta)", [], [names.old], _) = mails.last
        else {
            Issue.record("\(mails)")
            return
        }
        let entries = try await world.tenant.audit.entries()
            .filter { $0.action == "connection.certificates-changed" }
        #expect(
            entries.map(\.publicDetails) == [
                [.init("connection", "okta"), .init("added", names.new), .init("removed", "")],
                [.init("connection", "okta"), .init("added", ""), .init("removed", names.old)],
            ])
        #expect(world.connections.metrics.certificatesChanged == 2)
        #expect(world.reports.value.filter(\.isProblem).count == 2)
        #expect(try await world.look()?.provider.signingKeys.map(\.fingerprint) == [names.new])
    }

    @Test("so are those of a file, also where it changed while nothing ran")
    func changedFile() async throws {
        let world = try await ConnectionWorld(.file(document: try MetadataText().document(), path: "okta.xml"))
        await world.connections.refresh(at: world.now)
        await world.pass(.minutes(3))
        #expect(try await world.mails().isEmpty)
        let other = try MetadataText(certificates: [try TestProvider.certificate("stranger")]).document()
        world.change { $0.metadata = .file(document: other, path: "okta.xml") }
        let restarted = world.restarted()
        await restarted.refresh(at: world.now)
        await restarted.refresh(at: world.now)
        #expect(try await world.mails().map(\.kind) == ["connection-certificates-changed"])
        #expect(try await world.actions() == ["connection.certificates-changed"])
    }

    @Test("fetching that fails for three quarters of the metadata's life is told once, until it works again")
    func failing() async throws {
        let world = try await ConnectionWorld()
        let (start, end) = (world.now, world.after(.hours(400)))
        try world.serve(MetadataText(validUntil: end))
        await world.connections.refresh(at: world.now)
        world.answer.value = nil
        await world.pass(.hours(299), every: .hours(1))
        #expect(try await world.mails().isEmpty)
        await world.pass(.hours(20), every: .hours(1))
        #expect(
            try await world.mails() == [
                .connectionFailing(connection: "Okta (okta)", fault: "it answered 503", since: start, until: end)
            ])
        #expect(try await world.actions() == ["connection.metadata-failing"])
        try world.serve(MetadataText(validUntil: world.after(.hours(4))))
        await world.pass(.hours(1), every: .hours(1))
        world.answer.value = nil
        await world.pass(.hours(4), every: .hours(1))
        let later = try await world.mails()
        // Both are of one turn: their order is not fixed.
        #expect(later.map(\.kind).sorted() == ["connection-expiring", "connection-failing"])
    }

    @Test("without an end failing is told after three days, and without any metadata after an hour")
    func patience() async throws {
        let world = try await ConnectionWorld()
        await world.connections.refresh(at: world.now)
        await world.pass(.minutes(59))
        #expect(try await world.mails().isEmpty)
        await world.pass(.minutes(10))
        #expect(try await world.mails().map(\.kind) == ["connection-failing"])
        let other = try await ConnectionWorld()
        try other.serve()
        await other.connections.refresh(at: other.now)
        other.answer.value = nil
        await other.pass(.hours(71), every: .hours(1))
        #expect(try await other.mails().isEmpty)
        await other.pass(.hours(3), every: .hours(1))
        #expect(try await other.mails().map(\.kind) == ["connection-failing"])
    }

    @Test("without mail, or without an administrator, the audit log is told all the same")
    func withoutMail() async throws {
        let world = try await ConnectionWorld(administrators: [])
        await world.connections.refresh(at: world.now)
        world.base.settings.change { $0.mail = nil }
        await world.pass(.minutes(70))
        #expect(try await world.actions() == ["connection.metadata-failing"])
        #expect(try await world.mails().isEmpty)
    }
}

extension WallTime {
    fileprivate func earlier(by span: Milliseconds) -> WallTime {
        WallTime(milliseconds: milliseconds - Int64(span.count))
    }
}
