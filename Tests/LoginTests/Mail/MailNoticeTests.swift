import Core
import Store
import Testing

@testable import Login

@Suite("Notices become letters")
struct MailNoticeTests {
    static let time = WallTime(milliseconds: 1_700_000_000_000)
    static let all: [MailNotice] = [
        .invitation(link: "https://a/", expiresAt: time.advanced(by: .hours(168))),
        .passwordReset(link: "https://b/", expiresAt: time.advanced(by: .minutes(30))),
        .passwordChanged(at: time, device: "Firefox", address: "203.0.113.7"),
        .emailChanged(old: "a@acme.example", new: "b@acme.example", at: time),
        .newSignIn(at: time, device: "", address: "2001:db8::7"),
        .loginsThrottled(address: "203.0.113.7", failures: 100, accounts: 3, since: time, others: 2),
        .accountAttacked(account: "a@acme.example", failures: 51, addresses: 9, since: time, others: 0),
        .factorAdded(kind: .passkey, name: "Key", at: time, device: "Firefox", address: "203.0.113.7"),
        .factorRemoved(kind: .totp, name: "Telefon", at: time, device: "", address: "203.0.113.7"),
        .factorsReset(at: time),
        .recoveryCodeUsed(left: 3, at: time, device: "Firefox", address: "203.0.113.7"),
        .recoveryCodesRenewed(at: time, device: "Firefox", address: "203.0.113.7"),
        .factorGuessed(at: time, address: "203.0.113.7"),
        .enrolmentCode(code: "1234 5678", expiresAt: time.advanced(by: .minutes(30))),
        .connectionCertificatesChanged(
            connection: "Okta (okta)", added: ["01:23:45:67:89:ab:cd:ef"], removed: [], at: time),
        .connectionExpiring(
            connection: "Okta (okta)", what: .providerCertificate, fingerprint: "01:23:45:67:89:ab:cd:ef", at: time,
            days: 7),
        .connectionExpiring(connection: "Okta (okta)", what: .metadata, fingerprint: "", at: time, days: 0),
        .connectionFailing(connection: "Okta (okta)", fault: "it answered 503", since: time, until: time),
        .connectionFailing(connection: "Okta (okta)", fault: "it answered 503", since: time, until: nil),
    ]

    @Test("a letter says what its notice said", arguments: all)
    func roundTrip(_ notice: MailNotice) {
        let letter = notice.letter(to: "erika@acme.example", language: "de", now: Self.time)
        #expect(MailNotice(letter) == notice)
        #expect(letter.recipient == "erika@acme.example" && letter.language == "de")
    }

    @Test("a mail with a link or a code is given up when that ends, any other after three days")
    func expiry() {
        for notice in Self.all {
            let letter = notice.letter(to: "a@b.example", language: "en", now: Self.time)
            switch notice {
            case .invitation(_, let end), .passwordReset(_, let end), .enrolmentCode(_, let end):
                #expect(letter.expiresAt == end)
            default: #expect(letter.expiresAt == Self.time.advanced(by: .hours(72)))
            }
        }
    }

    @Test("a language that there is not is English")
    func language() {
        #expect(Self.all[0].letter(to: "a@b.example", language: "fr", now: Self.time).language == "en")
    }

    @Test("a letter that misses a field is no notice, whichever it is", arguments: all)
    func missing(_ notice: MailNotice) {
        let letter = notice.letter(to: "a@b.example", language: "en", now: Self.time)
        for name in letter.fields.keys {
            var cut = letter
            cut.fields[name] = nil
            #expect(MailNotice(cut) == nil, "\(letter.kind) without \(name)")
        }
    }

    @Test("a letter of another version is no notice")
    func unknown() {
        var letter = Self.all[1].letter(to: "a@b.example", language: "en", now: Self.time)
        letter.fields["expires"] = nil
        #expect(MailNotice(letter) == nil)
        letter.kind = "poem"
        #expect(MailNotice(letter) == nil)
    }

    @Test("a link begins with the tenant's first host and public_url's port, never with what a request says")
    func links() throws {
        let settings = MailSettings(publicHost: "app.example.org", port: 8443)
        let id = try tenantID("acme")
        let tenant = Tenant(id: id, name: "Acme", hosts: ["acme.example.org", "www.acme.example.org"])
        #expect(settings.link("/x?token=y", of: tenant) == "https://acme.example.org:8443/x?token=y")
        #expect(
            MailSettings(publicHost: "app.example.org").link("/x", of: Tenant(id: id, name: "Acme"))
                == "https://app.example.org/x")
    }
}
