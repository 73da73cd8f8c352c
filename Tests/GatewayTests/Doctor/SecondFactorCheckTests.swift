import Testing

@testable import Gateway

@Suite("A doctor looks whether members come by their first second factor")
struct SecondFactorCheckTests {
    private func finding(_ sighting: DoctorObservations.SecondFactorSighting?) throws -> DoctorFinding {
        var seen = try SeenGateway.observations()
        seen.secondFactors = sighting
        return try #require(SecondFactorCheck.findings(seen).first)
    }

    @Test("where nobody is asked, and where codes are mailed, all is well")
    func good() throws {
        #expect(try finding(.init(tenants: [], hasMail: false)).verdict == .pass)
        let mailed = try finding(.init(tenants: ["acme", "globex"], hasMail: true))
        #expect(mailed.verdict == .pass)
        #expect(mailed.seen == "asked for by tenants acme, globex; codes for the first one are mailed")
    }

    @Test("a tenant that asks for one without mail is told, with the command that helps")
    func withoutMail() throws {
        let finding = try finding(.init(tenants: ["acme"], hasMail: false))
        #expect(finding.verdict == .warn)
        #expect(finding.seen.hasPrefix("asked for by tenant acme, and no mail is configured"))
        #expect(finding.mend.contains("gatehouse user reset-mfa --print-code"))
    }

    @Test("without a configuration nothing can be seen")
    func unknown() throws {
        let finding = try finding(nil)
        #expect(finding.verdict == .info)
        #expect(finding.mend.contains("--config"))
    }
}
