import Outbound
import Testing

@testable import Gateway

@Suite("A doctor's report says what was found, for people and for scripts")
struct DoctorReportTests {
    @Test("a gateway as it should be passes every check")
    func good() throws {
        let report = DoctorReport(try SeenGateway.observations())
        #expect(report.count(.pass) == report.findings.count)
        #expect(Set(report.findings.map(\.name)).count == report.findings.count)
        #expect(report.output(asJSON: true).verdict == nil)
        #expect(report.output(asJSON: false).text.hasSuffix("/: 21 pass, 0 warn, 0 fail, 0 info\n"))
    }

    @Test("one failure is bad data; warnings and information are none")
    func verdicts() throws {
        var seen = try SeenGateway.observations()
        seen.throttle = nil
        seen.framing = .success(SeenGateway.own(403))
        #expect(DoctorReport(seen).output(asJSON: false).verdict == nil)
        seen.unknownHost = .success(SeenGateway.own(200))
        #expect(DoctorReport(seen).output(asJSON: false).verdict == .badData)
    }

    @Test("whatever does not pass says how to mend it, unless nothing could be seen")
    func mends() throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(cookies: [], policies: [], date: "now", chain: []))
        seen.mistrust = "no"
        seen.handshakes = [.tls10: .accepted, .tls11: .accepted, .tls12: .refused("no"), .tls13: .refused("no")]
        seen.trace = .success(SeenGateway.own(200))
        let findings = DoctorReport(seen).findings
        #expect(findings.filter { $0.verdict == .fail }.count >= 6)
        for finding in findings where finding.verdict == .fail || finding.verdict == .warn {
            #expect(!finding.mend.isEmpty, "\(finding.name)")
        }
    }

    @Test("the table has a line for each check and its mend below; a server's words steer no terminal")
    func table() throws {
        var seen = try SeenGateway.observations()
        seen.mistrust = "bad \u{1B}[2J"
        let text = DoctorReport(seen).output(asJSON: false).text
        #expect(text.contains("fail  certificate-trust        bad \\u{1B}[2J\n"))
        #expect(text.contains("\n" + String(repeating: " ", count: 31) + "→ serve the chain"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test(
        "an address of a gateway is https with a host, and nothing behind it",
        arguments: [
            ("https://app.example.org", "https://app.example.org/"),
            ("https://App.Example.org:443/", "https://app.example.org/"),
            ("HTTPS://127.0.0.1:8443/", "https://127.0.0.1:8443/"), ("https://[::1]:8443", "https://[::1]:8443/"),
        ])
    func targets(url: String, shown: String) throws {
        #expect("\(try #require(DoctorTarget(url)))" == shown)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "app.example.org", "http://app.example.org/", "https://", "https://a@app.example.org/",
            "https://app.example.org/app", "https://app.example.org/?a", "https://app.example.org//",
            "https://app.example.org:0/", "https://app example.org/",
        ])
    func noTargets(url: String) {
        #expect(DoctorTarget(url) == nil)
    }

    @Test(
        "an address that leads elsewhere is refused with its text", arguments: ["a:443", "a:443:b", "*:443:192.0.2.7"])
    func overrides(text: String) {
        let fault = #expect(throws: DoctorRequest.Fault.self) {
            try DoctorRequest(url: "https://a/", caFile: nil, resolve: [text], configuration: nil)
        }
        #expect(fault?.description.contains(text) == true)
    }
}
