import Core
import HostCrypto
import Outbound
import Testing

@testable import Gateway

@Suite("A doctor judges the connection: versions, certificate, clock")
struct ConnectionCheckTests {
    @Test("versions of today accepted and older ones refused is a pass")
    func goodVersions() throws {
        let findings = TLSCheck.findings(try SeenGateway.observations())
        #expect(findings.map(\.name) == ["tls-1.0", "tls-1.1", "tls-1.2", "tls-1.3"])
        #expect(findings.allSatisfy { $0.verdict == .pass })
    }

    @Test("an old version accepted fails", arguments: [TLSVersion.tls10, .tls11])
    func oldVersion(version: TLSVersion) throws {
        var seen = try SeenGateway.observations()
        seen.handshakes[version] = .accepted
        #expect(TLSCheck.findings(seen).filter { $0.verdict == .fail }.map(\.name) == ["tls-1.\(version.rawValue)"])
    }

    @Test("TLS 1.3 refused fails, TLS 1.2 refused is a warning")
    func refusedVersions() throws {
        var seen = try SeenGateway.observations()
        seen.handshakes[.tls12] = .refused("alert")
        seen.handshakes[.tls13] = .refused("alert")
        #expect(TLSCheck.findings(seen).verdict("tls-1.2") == .warn)
        #expect(TLSCheck.findings(seen).verdict("tls-1.3") == .fail)
    }

    @Test("what this machine cannot offer is information, never a pass")
    func unclearVersion() throws {
        var seen = try SeenGateway.observations()
        seen.handshakes[.tls11] = .unclear("no protocols available")
        #expect(TLSCheck.findings(seen).verdict("tls-1.1") == .info)
        seen.handshakes = [:]
        #expect(TLSCheck.findings(seen).allSatisfy { $0.verdict == .info })
    }

    @Test("a certificate that verifies, lasts and names the host passes")
    func goodCertificate() throws {
        let findings = CertificateCheckup.findings(try SeenGateway.observations())
        #expect(findings.map(\.name) == ["certificate-trust", "certificate-days", "certificate-names"])
        #expect(findings.allSatisfy { $0.verdict == .pass })
        #expect(findings.seen("certificate-days") == "90 days left")
        #expect(findings.seen("certificate-trust").contains("CN=Authority"))
    }

    @Test("a certificate that does not verify fails with the library's words")
    func mistrusted() throws {
        var seen = try SeenGateway.observations()
        seen.mistrust = "self-signed certificate"
        #expect(CertificateCheckup.findings(seen).verdict("certificate-trust") == .fail)
        #expect(CertificateCheckup.findings(seen).seen("certificate-trust") == "self-signed certificate")
    }

    @Test(
        "days left decide: from 30 a pass, from 7 a warning, below a failure",
        arguments: [(30, .pass), (29, .warn), (7, .warn), (6, .fail), (0, .fail), (-1, .fail)]
            as [(Int64, DoctorFinding.Verdict)])
    func days(days: Int64, verdict: DoctorFinding.Verdict) throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(chain: [SeenGateway.certificate(days: days)]))
        #expect(CertificateCheckup.findings(seen).verdict("certificate-days") == verdict)
    }

    @Test("a certificate that has not begun fails, and an intermediate that ends soon is a warning")
    func otherTimes() throws {
        var seen = try SeenGateway.observations()
        let early = PeerCertificate(
            names: ["app.example.org"], issuer: "", notBefore: SeenGateway.now + 7200,
            notAfter: SeenGateway.now + 86400 * 365)
        seen.login = .success(SeenGateway.loginPage(chain: [early]))
        #expect(CertificateCheckup.findings(seen).verdict("certificate-days") == .fail)
        #expect(CertificateCheckup.findings(seen).seen("certificate-days") == "begins in 2 hours")
        let chain = [SeenGateway.certificate(), SeenGateway.certificate(names: ["Authority"], days: 3)]
        seen.login = .success(SeenGateway.loginPage(chain: chain))
        #expect(CertificateCheckup.findings(seen).verdict("certificate-days") == .warn)
    }

    @Test(
        "names cover a host exactly, or by a wildcard for one label",
        arguments: [
            ("app.example.org", ["app.example.org"], true), ("app.example.org", ["*.example.org"], true),
            ("a.app.example.org", ["*.example.org"], false), ("example.org", ["*.example.org"], false),
            ("app.example.org", ["*.org", "*", "*pp.example.org"], false), ("app.example.org", [], false),
        ])
    func names(host: String, names: [String], covers: Bool) throws {
        var seen = try SeenGateway.observations(url: "https://\(host)/")
        seen.login = .success(SeenGateway.loginPage(chain: [SeenGateway.certificate(names: names)]))
        #expect(CertificateCheckup.findings(seen).verdict("certificate-names") == (covers ? .pass : .fail))
    }

    @Test("an address is covered by an address alone, never by a name that looks like it")
    func addresses() throws {
        for (url, address) in [("https://192.0.2.7/", "192.0.2.7"), ("https://[2001:db8::1]:8443/", "2001:db8::1")] {
            var seen = try SeenGateway.observations(url: url)
            let right = SeenGateway.certificate(names: [], addresses: [address])
            seen.login = .success(SeenGateway.loginPage(chain: [right]))
            #expect(CertificateCheckup.findings(seen).verdict("certificate-names") == .pass)
            let wrong = SeenGateway.certificate(names: [address], addresses: ["192.0.2.8"])
            seen.login = .success(SeenGateway.loginPage(chain: [wrong]))
            #expect(CertificateCheckup.findings(seen).verdict("certificate-names") == .fail)
        }
    }

    @Test("without a certificate nothing is said of one")
    func noCertificate() throws {
        var seen = try SeenGateway.observations()
        seen.login = .failure(.broken("no HTTP"))
        seen.mistrust = "no"
        let findings = CertificateCheckup.findings(seen)
        #expect(findings.map(\.verdict) == [.fail, .info, .info])
    }

    @Test(
        "a clock within 5 s passes, within 60 s is a warning, beyond a failure",
        arguments: [
            ("Sat, 31 Jan 2026 12:00:05 GMT", DoctorFinding.Verdict.pass), ("Sat, 31 Jan 2026 11:59:55 GMT", .pass),
            ("Sat, 31 Jan 2026 12:00:06 GMT", .warn), ("Sat, 31 Jan 2026 11:59:00 GMT", .warn),
            ("Sat, 31 Jan 2026 12:01:01 GMT", .fail), ("Sat, 31 Jan 2026 11:58:59 GMT", .fail),
            ("Saturday, 31-Jan-26 12:00:00 GMT", .warn),
        ])
    func clock(date: String, verdict: DoctorFinding.Verdict) throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(date: date))
        #expect(ClockCheck.findings(seen).map(\.verdict) == [verdict])
    }

    @Test("without a Date nothing is known of the clock")
    func noDate() throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(date: nil))
        #expect(ClockCheck.findings(seen).map(\.verdict) == [.info])
    }

    @Test(
        "dates are read across leap years",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799), ("Sat, 01 Mar 2036 00:00:00 GMT", 2_087_942_400),
        ] as [(String, Int64)])
    func dates(text: String, seconds: Int64) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(
        "anything but an IMF-fixdate is no date",
        arguments: [
            "", "now", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Xxx 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
        ])
    func noDates(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
