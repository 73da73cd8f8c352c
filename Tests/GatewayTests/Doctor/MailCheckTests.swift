import Outbound
import Testing

@testable import Gateway

@Suite("A doctor judges the mail server")
struct MailCheckTests {
    private let server = SMTPServer(host: "mail.example.org", port: 587)

    private func finding(
        _ outcome: Result<TLSVersion?, DeliveryFailure>, _ server: SMTPServer? = nil
    ) throws -> DoctorFinding {
        var seen = try SeenGateway.observations()
        seen.mail = .init(server: server ?? self.server, outcome: outcome)
        return try #require(MailCheck.findings(seen).first)
    }

    @Test("a server that lets us in over TLS passes, and so does one on this machine")
    func good() throws {
        #expect(try finding(.success(.tls13)).verdict == .pass)
        #expect(
            try finding(.success(nil), SMTPServer(host: "127.0.0.1", port: 25, startTLS: .disabled)).verdict == .pass)
    }

    @Test("a network in clear is worth a look")
    func clear() throws {
        #expect(try finding(.success(nil)).verdict == .warn)
    }

    @Test("a server that is not there fails, with its words")
    func bad() throws {
        let finding = try finding(.failure(.unavailable("connection refused")))
        #expect(finding.verdict == .fail)
        #expect(finding.seen == "smtp://mail.example.org:587: connection refused")
    }

    @Test("without a configuration, or without a mail server in it, nothing can be seen")
    func unknown() throws {
        var seen = try SeenGateway.observations()
        seen.mail = nil
        #expect(MailCheck.findings(seen).map(\.verdict) == [.info])
        seen.throttle = nil
        #expect(MailCheck.findings(seen).first?.mend.contains("--config") == true)
    }
}
