import Core
import Testing

@testable import Outbound

@Suite("A mail server as it is configured")
struct SMTPServerTests {
    @Test("secrets go over TLS that is sure to be there, or to this machine")
    func secrets() {
        #expect(SMTPServer(host: "mail.example.org", port: 587).mayTellSecrets)
        #expect(
            SMTPServer(host: "mail.example.org", port: 465, isImplicitTLS: true, startTLS: .disabled).mayTellSecrets)
        #expect(SMTPServer(host: "127.0.0.2", port: 25, startTLS: .disabled).mayTellSecrets)
        #expect(SMTPServer(host: "[::1]", port: 25, startTLS: .disabled).mayTellSecrets)
        #expect(SMTPServer(host: "localhost", port: 25, startTLS: .opportunistic).mayTellSecrets)
        #expect(!SMTPServer(host: "mail.example.org", port: 587, startTLS: .opportunistic).mayTellSecrets)
        #expect(!SMTPServer(host: "10.0.0.1", port: 25, startTLS: .disabled).mayTellSecrets)
        #expect(!SMTPServer(host: "localhost.example.org", port: 25, startTLS: .disabled).mayTellSecrets)
    }

    @Test("a secret that would go in clear is not sent at all")
    func secretsInClear() throws {
        var server = SMTPServer(host: "192.0.2.1", port: 25, startTLS: .opportunistic)
        server.credentials = .init(username: "gate", password: "secret")
        #expect(throws: DeliveryFailure.self) { try SMTPDelivery(server).greet() }
    }

    @Test("a port where nobody listens is unavailable, whatever the mail")
    func nobody() throws {
        let server = SMTPServer(host: "127.0.0.1", port: 1, startTLS: .disabled, timeout: .seconds(5))
        let message = MailMessage(
            from: try #require(MailAddress("a@example.org")), to: try #require(MailAddress("b@example.org")),
            subject: "s", text: "t", html: "h", language: "en", id: "1", date: WallTime(milliseconds: 0))
        do throws(DeliveryFailure) {
            try SMTPDelivery(server).send(message)
            Issue.record("nobody listens there")
        } catch {
            guard case .unavailable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
