import Core
import Testing

@testable import Gateway

@Suite("A doctor looks whether connections can be used, and for how long")
struct ConnectionCheckupTests {
    private typealias Sighting = DoctorObservations.ConnectionSighting

    private func findings(_ sightings: [Sighting]?) throws -> [DoctorFinding] {
        var seen = try SeenGateway.observations()
        seen.connections = sightings
        return ConnectionCheckup.findings(seen)
    }

    private func sighting(_ outcome: Result<Sighting.Provider, Sighting.Fault>) throws -> Sighting {
        Sighting(
            tenant: try #require(TenantID("acme")), connection: try #require(ConnectionName("okta")),
            source: "https://id.example/m", outcome: outcome)
    }

    /// What is said of a provider whose certificates and metadata end in so many days.
    private func finding(certificates days: [Int64], metadata: Int64? = nil) throws -> DoctorFinding {
        let provider = Sighting.Provider(
            entityID: "urn:idp",
            validUntil: metadata.map { WallTime(milliseconds: (SeenGateway.now + $0 * 86_400) * 1000) },
            certificateEnds: days.map { SeenGateway.now + $0 * 86_400 + 60 })
        return try #require(try findings([sighting(.success(provider))]).first)
    }

    @Test("without a configuration nothing is seen, and without connections nothing is amiss")
    func nothing() throws {
        #expect(try findings(nil).map(\.verdict) == [.info])
        #expect(try findings([]).map(\.verdict) == [.pass])
    }

    @Test("the certificate that ends last is told at 60, 30 and 7 days, and when it has ended")
    func certificates() throws {
        let far = try finding(certificates: [3, 61])
        #expect(far.verdict == .pass)
        #expect(far.seen == "okta of acme: urn:idp, its last certificate has 61 days left")
        for (days, words) in [(59, "60"), (30, "60"), (29, "30"), (7, "30"), (6, "7"), (0, "7")] {
            let near = try finding(certificates: [Int64(days)])
            #expect(near.verdict == .warn, "\(days)")
            #expect(near.seen == "okta of acme: the provider's last certificate ends in less than \(words) days")
        }
        let ended = try finding(certificates: [-1])
        #expect(ended.verdict == .warn)
        #expect(ended.seen.contains("has ended"))
    }

    @Test("metadata that has ended, or that cannot be had, fails")
    func metadata() throws {
        #expect(try finding(certificates: [90], metadata: 1).verdict == .pass)
        let ended = try finding(certificates: [90], metadata: 0)
        #expect(ended.verdict == .fail)
        #expect(ended.seen == "okta of acme: the provider's metadata has ended at 2026-01-31T12:00:00Z")
        let missing = try #require(try findings([sighting(.failure(.init(words: "no way there")))]).first)
        #expect(missing.verdict == .fail)
        #expect(missing.seen == "okta of acme: https://id.example/m: no way there")
        #expect(missing.mend == "gatehouse saml test --tenant acme okta")
    }
}
