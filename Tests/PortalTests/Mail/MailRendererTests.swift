import Core
import Login
import Store
import Testing

@testable import Portal

@Suite("Mails as their readers see them")
struct MailRendererTests {
    private static let time = WallTime(milliseconds: 1_796_018_027_000)
    private static let link = "https://acme.example.org:8443/.gatehouse/password/reset?token=abc&x=1"
    private static let notices: [MailNotice] = [
        .invitation(link: link, expiresAt: time), .passwordReset(link: link, expiresAt: time),
        .passwordChanged(at: time, device: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", address: "203.0.113.7"),
        .passwordChanged(at: time, device: "", address: ""),
        .emailChanged(old: "a@acme.example", new: "b@acme.example", at: time),
        .newSignIn(at: time, device: "curl/8.0", address: "2001:db8::7"),
        .loginsThrottled(address: "203.0.113.7", failures: 100, accounts: 100, since: time, others: 3),
        .accountAttacked(account: "a@acme.example", failures: 51, addresses: 9, since: time, others: 0),
    ]
    private static let ofFactors: [MailNotice] = [
        .factorAdded(kind: .totp, name: "Telefon", at: time, device: firefox, address: "203.0.113.7"),
        .factorRemoved(kind: .passkey, name: "Schlüssel", at: time, device: firefox, address: "203.0.113.7"),
        .factorsReset(at: time), .recoveryCodeUsed(left: 9, at: time, device: firefox, address: "203.0.113.7"),
        .recoveryCodeUsed(left: 3, at: time, device: firefox, address: "203.0.113.7"),
        .recoveryCodesRenewed(at: time, device: firefox, address: "203.0.113.7"),
        .factorGuessed(at: time, address: "203.0.113.7"), .enrolmentCode(code: "1234 5678", expiresAt: time),
    ]
    private static let ofConnections: [MailNotice] = [
        .connectionCertificatesChanged(
            connection: "Okta (okta)", added: ["01:23:45:67:89:ab:cd:ef"], removed: ["fe:dc:ba:98:76:54:32:10"],
            at: time),
        .connectionExpiring(
            connection: "Okta (okta)", what: .providerCertificate, fingerprint: "01:23:45:67:89:ab:cd:ef", at: time,
            days: 7),
        .connectionExpiring(
            connection: "Okta (okta)", what: .providerCertificate, fingerprint: "01:23:45:67:89:ab:cd:ef", at: time,
            days: 0),
        .connectionExpiring(
            connection: "Okta (okta)", what: .ownCertificate, fingerprint: "01:23:45:67:89:ab:cd:ef", at: time, days: 1),
        .connectionExpiring(connection: "Okta (okta)", what: .metadata, fingerprint: "", at: time, days: 30),
        .connectionExpiring(connection: "Okta (okta)", what: .metadata, fingerprint: "", at: time, days: 0),
        .connectionFailing(connection: "Okta (okta)", fault: "it answered 503", since: time, until: time),
        .connectionFailing(connection: "Okta (okta)", fault: "it answered 503", since: time, until: nil),
    ]
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

    private func render(
        _ notice: MailNotice, language: String = "en", name: String = "Acme GmbH",
        hosts: [String] = ["acme.example.org"]
    ) throws -> MailRenderer.RenderedMail {
        let tenant = Tenant(id: try #require(TenantID("acme")), name: name, hosts: hosts)
        let letter = notice.letter(to: "erika@acme.example", language: language, now: Self.time)
        return try #require(
            try MailRenderer().render(letter, of: tenant, MailSettings(publicHost: "app.example.org", port: 8443)))
    }

    @Test(
        "every notice has a subject, a text and the same as HTML, in both languages",
        arguments: notices + ofFactors + ofConnections, ["en", "de"])
    func whole(_ notice: MailNotice, language: String) throws {
        let mail = try render(notice, language: language)
        #expect(mail.subject.contains("Acme GmbH"))
        #expect(mail.subject.utf8.count < 200)
        for body in [mail.text, mail.html] {
            #expect(body.contains("Acme GmbH"))
            #expect(!body.contains("{{") && !body.contains("Optional"))
        }
        #expect(mail.html.contains("<html lang=\"\(language)\">"))
        #expect(!mail.html.contains("<script") && !mail.html.contains("src="))
        #expect(!mail.text.contains("&amp;") && !mail.text.contains("<p"))
        #expect(try render(notice, language: "en").subject != render(notice, language: "de").subject)
    }

    @Test(
        "a mail about a second factor says what happened, when, from where, and what to do", arguments: ofFactors,
        ["en", "de"])
    func aboutFactors(_ notice: MailNotice, language: String) throws {
        let text = try render(notice, language: language).text
        switch notice {
        case .enrolmentCode:
            #expect(text.contains("Code: 1234 5678\n"))
            #expect(text.contains(language == "en" ? "somebody knows your password" : "kennt jemand Ihr Passwort"))
        default: #expect(text.contains(language == "en" ? "When: 30 November 2026" : "Wann: 30. November 2026"))
        }
        switch notice {
        case .factorsReset, .enrolmentCode: break
        default: #expect(text.contains("203.0.113.7"))
        }
        switch notice {
        case .factorsReset, .factorGuessed, .enrolmentCode: break
        default: #expect(text.contains("Browser: Firefox, Linux"))
        }
        if case .factorsReset = notice {
            #expect(text.contains(language == "en" ? "tell your organisation" : "Administration Ihrer Organisation"))
        } else {
            #expect(text.contains("\nhttps://acme.example.org:8443/.gatehouse/password/forgot\n"))
        }
    }

    @Test(
        "a mail about a connection says which, what happened and what to do", arguments: ofConnections, ["en", "de"])
    func aboutConnections(_ notice: MailNotice, language: String) throws {
        let isEnglish = language == "en"
        let mail = try render(notice, language: language)
        #expect(mail.text.contains(isEnglish ? "Connection: Okta (okta)\n" : "Verbindung: Okta (okta)\n"))
        let date = isEnglish ? "30 November 2026, 05:53 UTC" : "30. November 2026, 05:53 Uhr UTC"
        #expect(mail.text.contains(date))
        switch notice {
        case .connectionCertificatesChanged:
            #expect(mail.text.contains(isEnglish ? "Added: 01:23" : "Hinzugekommen: 01:23"))
            #expect(mail.text.contains(isEnglish ? "Removed: fe:dc" : "Weggefallen: fe:dc"))
            #expect(mail.text.contains(isEnglish ? "have the connection disabled" : "Verbindung abschalten"))
        case .connectionExpiring(_, let what, let fingerprint, _, let days):
            let end =
                days == 0
                ? (isEnglish ? "has ended" : "ist abgelaufen") : (isEnglish ? "ends soon" : "läuft bald ab")
            #expect(mail.subject.contains(end))
            if days == 1 { #expect(mail.text.contains(isEnglish ? "ends in a day." : "läuft in einem Tag ab.")) }
            if days > 1 { #expect(mail.text.contains("in \(days) \(isEnglish ? "days." : "Tagen ab.")")) }
            #expect(mail.text.contains(isEnglish ? "Fingerprint: " : "Fingerabdruck: ") == !fingerprint.isEmpty)
            #expect(mail.text.contains("saml rotate-keys --begin") == (what == .ownCertificate))
        case .connectionFailing(_, let fault, _, let end):
            #expect(mail.text.contains(fault))
            #expect(mail.text.contains(isEnglish ? "Serves until" : "Gilt noch bis") == (end != nil))
        default: Issue.record("another notice")
        }
    }

    @Test("the factor is named with its kind, and few recovery codes are a warning")
    func factorNames() throws {
        let english = Self.ofFactors.map { notice in try? render(notice).text }
        #expect(english[0]?.contains("Second factor: Telefon (Authenticator app)") == true)
        #expect(english[1]?.contains("Second factor: Schlüssel (Passkey)") == true)
        #expect(english[3]?.contains("Recovery codes left: 9") == true)
        #expect(english[3]?.contains("Few are left.") == false)
        #expect(english[4]?.contains("Few are left.") == true)
        let markup = try render(
            .factorAdded(kind: .totp, name: "<b>\r\nBcc: x", at: Self.time, device: "", address: ""))
        #expect(!markup.html.contains("<b>") && !markup.text.contains("\nBcc"))
    }

    @Test("a link stands there in full, in both parts")
    func links() throws {
        let mail = try render(.passwordReset(link: Self.link, expiresAt: Self.time))
        #expect(mail.text.contains("\nChoose a new password:\n\(Self.link)\n"))
        let escaped = Self.link.replacing("&", with: "&amp;")
        #expect(mail.html.contains("<a href=\"\(escaped)\">\(escaped)</a>"))
        #expect(mail.text.contains("until 30 November 2026, 05:53 UTC"))
        let warning = try render(.newSignIn(at: Self.time, device: "", address: ""), language: "de")
        #expect(warning.text.contains("\nhttps://acme.example.org:8443/.gatehouse/password/forgot\n"))
        #expect(warning.text.contains("Wann: 30. November 2026, 05:53 Uhr UTC"))
    }

    @Test("a tenant without a host is named in the link")
    func sharedHost() throws {
        let mail = try render(.newSignIn(at: Self.time, device: "", address: ""), hosts: [])
        #expect(mail.text.contains("\nhttps://app.example.org:8443/.gatehouse/password/forgot?tenant=acme\n"))
    }

    @Test("a browser is called by the name that people know")
    func device() throws {
        let mail = try render(Self.notices[2])
        #expect(mail.text.contains("Browser: Firefox, Linux\nNetwork address: 203.0.113.7\n"))
        let operators = try render(Self.notices[3])
        #expect(!operators.text.contains("Browser:"))
        #expect(operators.text.contains("Whoever administers Acme GmbH"))
    }

    @Test("a name that is markup is text")
    func escaping() throws {
        let mail = try render(
            .emailChanged(old: "<b>@acme.example", new: "b@acme.example", at: Self.time),
            name: "<script>\u{301}alert(1)</script>\r\nBcc: x")
        #expect(!mail.html.contains("<script") && !mail.html.contains("<b>"))
        #expect(mail.html.contains("&lt;script&gt"))
        #expect(!mail.subject.contains("\n") && !mail.text.contains("\nBcc"))
    }

    @Test("a letter that this version does not know is no mail")
    func unknown() throws {
        let tenant = Tenant(id: try #require(TenantID("acme")), name: "Acme")
        let letter = Letter(
            recipient: "a@b.example", kind: "poem", language: "en", fields: [:], expiresAt: Self.time)
        #expect(try MailRenderer().render(letter, of: tenant, MailSettings(publicHost: "a.example")) == nil)
    }
}
