import Core
import Login
import Outbound

@testable import Gateway

extension KeyArrival {
    private static func mail(
        _ key: String, _ text: String, url: String = "smtp://mail.example.org", from: String = "a@example.org",
        _ holds: @escaping @Sendable (MailDeliverySettings, MailSettings) -> Bool
    ) -> KeyArrival {
        let keys = ["smtp_url: \"\(url)\"", "from: \"\(from)\"", text].filter { !$0.isEmpty }
        return top("mail.\(key)", "mail: { \(keys.joined(separator: ", ")) }") { settings in
            guard let delivery = settings.mail, let mail = settings.login.mail else { return false }
            return holds(delivery, mail)
        }
    }

    /// The mail server.
    static let mailRows: [KeyArrival] = [
        mail("smtp_url", "", url: "smtps://mail.example.org") { delivery, settings in
            delivery.server
                == SMTPServer(
                    host: "mail.example.org", port: 465, isImplicitTLS: true, greetingName: "app.example.org")
                && settings == MailSettings(publicHost: "app.example.org")
        },
        mail("from", "", from: "Acme <a@example.org>") { delivery, _ in
            delivery.from == MailAddress("a@example.org", name: "Acme")
        },
        mail("starttls", "starttls: opportunistic", url: "smtp://127.0.0.1:2525") { delivery, _ in
            delivery.server.startTLS == .opportunistic && delivery.server.port == 2525
        },
        mail("ca_file", "ca_file: tls/other.pem") { delivery, _ in
            delivery.server.authorityFile == "/srv/tls/other.pem"
        },
        mail("username", "username: gate, password: secret") { delivery, _ in
            delivery.server.credentials?.username == "gate"
        },
        mail("password", "username: gate, password: \"pass word\"") { delivery, _ in
            delivery.server.credentials?.password == "pass word"
        },
        mail("password_file", "username: gate, password_file: secret") { delivery, _ in
            delivery.server.credentials?.password == "0123456789abcdef0123456789abcdef"
        },
        mail("timeout", "timeout: 5s") { delivery, _ in delivery.server.timeout == .seconds(5) },
        mail("language", "language: de") { _, settings in settings.language == "de" },
    ]
}
